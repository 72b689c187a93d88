# Logistic regression: glm, the sandwich of `sandwich`, Firth's penalty by
# `brglm2` with limits from uniroot on the profile, and a ridge by a search of
# its definition on the raw covariates.
suppressPackageStartupMessages({ library(brglm2); library(sandwich) })
source(file.path("tests", "reference", "json.R"), local = TRUE)
# The tolerance of ranks is a thousandth of it: less would keep collinear columns.
exact <- glm.control(epsilon = 1e-11, maxit = 100)

# `outcome` is a column and the value that counts as the outcome.
frame_of <- function(name, outcome) {
  frame <- read_data(name)
  frame$y <- as.numeric(frame[[outcome[1]]] == as.numeric(outcome[2]))
  frame[complete.cases(frame), , drop = FALSE]
}

base <- function(kind, name, outcome, columns, ...) list(
  kind = kind, data = name, outcome = I(outcome), columns = I(columns), ...)

plain <- function(name, outcome, columns, weight = NULL, offset = NULL, cluster = NULL, robust = FALSE) {
  frame <- frame_of(name, outcome)
  frame$w <- if (is.null(weight)) 1 else frame[[weight]]
  frame$o <- if (is.null(offset)) 0 else frame[[offset]]
  formula <- reformulate(columns, "y")
  fit <- suppressWarnings(glm(formula, binomial, frame, weights = w, offset = o, control = exact))
  # Once more from there: its covariance is that of the step before the last.
  start <- replace(coef(fit), is.na(coef(fit)), 0)
  fit <- suppressWarnings(glm(formula, binomial, frame, weights = w, offset = o, control = exact, start = start))
  null <- suppressWarnings(glm(y ~ 1, binomial, frame, weights = w, offset = o, control = exact))
  covariance <- if (!is.null(cluster)) vcovCL(fit, frame[[cluster]], type = "HC0", cadjust = FALSE)
    else if (robust) sandwich(fit) else vcov(fit)
  eta <- predict(fit)
  likelihood <- function(fit) sum(frame$w * log(ifelse(frame$y == 1, fitted(fit), 1 - fitted(fit))))
  covariance[is.na(covariance)] <- 0
  kept <- !is.na(coef(fit))
  base("plain", name, outcome, columns, weight = weight, offset = offset, cluster = cluster,
       robust = robust,
       call = sprintf("glm(%s, binomial, %s)", deparse1(formula), name),
       coefficients = I(unname(coef(fit))), covariance = unname(covariance),
       log_likelihood = likelihood(fit), log_likelihood_null = likelihood(null),
       wald = drop(coef(fit)[kept][-1] %*% solve(covariance[kept, kept][-1, -1], coef(fit)[kept][-1])),
       probabilities = I(unname(fitted(fit)[1:5])), linear_predictors = I(unname(eta[1:5])))
}

# Penalised likelihood and its maximum over the `free` coefficients.
firth_at <- function(beta, x, y) {
  p <- plogis(drop(x %*% beta))
  information <- crossprod(x, p * (1 - p) * x)
  h <- rowSums((x %*% solve(information)) * x) * p * (1 - p)
  list(value = sum(dbinom(y, 1, p, log = TRUE)) + determinant(information)$modulus / 2,
       score = colSums((y - p + h * (0.5 - p)) * x), information = information)
}
firth_maximize <- function(beta, free, x, y) {
  for (iteration in 1:5000) {
    now <- firth_at(beta, x, y)
    if (!length(free)) break
    change <- drop(solve(now$information[free, free, drop = FALSE], now$score[free]))
    change <- change / max(1, abs(change) / 0.5)
    beta[free] <- beta[free] + change
    if (max(abs(change)) < 1e-14 * (1 + max(abs(beta)))) break
  }
  list(beta = beta, value = as.numeric(firth_at(beta, x, y)$value))
}
firth <- function(name, outcome, columns) {
  frame <- frame_of(name, outcome)
  formula <- reformulate(columns, "y")
  fit <- glm(formula, binomial, frame, method = "brglmFit", type = "AS_mean", epsilon = 1e-14, maxit = 10000)
  x <- model.matrix(formula, frame)
  best <- firth_maximize(coef(fit), seq_len(ncol(x)), x, frame$y)
  profile <- function(j, value) {
    start <- best$beta
    start[j] <- value
    2 * (best$value - firth_maximize(start, setdiff(seq_len(ncol(x)), j), x, frame$y)$value)
  }
  errors <- sqrt(diag(vcov(fit)))
  limits <- t(vapply(seq_len(ncol(x))[-1], function(j) {
    excess <- function(value) profile(j, value) - qchisq(0.95, 1)
    side <- function(sign) {
      far <- best$beta[j] + sign * errors[j]
      while (excess(far) < 0) far <- far + sign * errors[j] / 2
      uniroot(excess, sort(c(best$beta[j], far)), tol = 1e-12)$root
    }
    c(side(-1), side(1), profile(j, 0))
  }, numeric(3)))
  null <- firth_maximize(c(qlogis(mean(frame$y)), rep(0, length(columns))), 1, x, frame$y)
  base("firth", name, outcome, columns,
       call = sprintf("glm(%s, binomial, %s, method = 'brglmFit', type = 'AS_mean')", deparse1(formula), name),
       coefficients = I(unname(coef(fit))), covariance = unname(vcov(fit)), penalized = best$value,
       likelihood_ratio = 2 * (best$value - null$value), limits = limits)
}

ridge <- function(name, outcome, columns, lambda, weight = NULL) {
  frame <- frame_of(name, outcome)
  w <- if (is.null(weight)) rep(1, nrow(frame)) else frame[[weight]]
  x <- cbind(1, as.matrix(frame[, columns]))
  spread <- apply(x, 2, function(column) {
    sum(w * (column - weighted.mean(column, w))^2) / sum(w) })
  penalty <- diag(lambda * spread)
  beta <- rep(0, ncol(x))
  for (iteration in 1:50) {
    p <- plogis(drop(x %*% beta))
    information <- crossprod(x, w * p * (1 - p) * x)
    beta <- beta + drop(solve(information + penalty, colSums(w * (frame$y - p) * x) - penalty %*% beta))
  }
  plain <- sum(w * dbinom(frame$y, 1, p, log = TRUE))
  base("ridge", name, outcome, columns, weight = weight, lambda = lambda,
       call = sprintf("ridge(%s ~ %s, %g)", name, paste(columns, collapse = " + "), lambda),
       coefficients = I(unname(beta)), covariance = unname(solve(information + penalty)),
       log_likelihood = plain, penalized = plain - drop(beta %*% penalty %*% beta) / 2,
       degrees_of_freedom = sum(diag(solve(information + penalty, information))))
}

pbc <- c("age", "edema", "log_bili", "log_protime", "log_albumin")
veteran <- c("karno", "diagtime", "age", "prior", "smallcell", "adeno", "large")
cases <- list(
  plain("lung_complete", c("treated", 1), c("age", "ph_ecog")),
  plain("veteran", c("trt", 2), veteran),
  plain("pbc", c("event", 1), pbc),
  plain("mgus2", c("group", 1), c("age", "mspike")),
  plain("lung_complete", c("treated", 1), c("age", "ph_ecog", "event"), weight = "weight"),
  plain("lung_complete", c("treated", 1), c("age", "event"), weight = "weight", robust = TRUE),
  plain("lung_complete", c("event", 1), c("age", "sex"), cluster = "cluster"),
  plain("lung_complete", c("event", 1), c("age", "sex"), offset = "ph_ecog"),
  plain("collinear", c("x", 1), c("constant", "z", "twice", "time")),
  plain("heavy_ties", c("stratum", 1), c("x", "z"), weight = "weight"),
  plain("veteran", c("trt", 2), c("age", "prior"), weight = "karno"),
  plain("pbc", c("event", 1), c("age", "edema"), weight = "log_protime", robust = TRUE),
  plain("veteran", c("trt", 2), c("karno", "age"), cluster = "diagtime"),
  plain("pbc", c("event", 1), c("age", "log_bili"), offset = "log_protime"),
  firth("heavy_ties", c("stratum", 1), c("x", "z")),
  firth("veteran", c("trt", 2), veteran),
  firth("separated", c("event", 1), "x"),
  firth("separated", c("event", 1), c("x", "z")),
  firth("pbc", c("event", 1), pbc),
  ridge("veteran", c("trt", 2), veteran, 10),
  ridge("pbc", c("event", 1), pbc, 0.5),
  ridge("separated", c("event", 1), c("x", "z"), 1),
  ridge("lung_complete", c("treated", 1), c("age", "ph_ecog"), 3, weight = "weight"))
write_cases("logistic", "brglm2", cases)
