# Writes the findings that `logistic_model` must give, by id: see ../README.md. A finding is a vector of
# value, lower, upper and standard error, as far as there are. glm of stats, the sandwich of `sandwich`,
# the concordance of `survival`; limits of profiles are roots of the likelihood itself, because confint
# interpolates them; Firth's penalty and the ridge are maximised from their definitions.
suppressPackageStartupMessages({ library(survival); library(sandwich) })
source(file.path("tests", "reference", "json.R"), local = TRUE)

z <- qnorm(.975)
exact <- glm.control(epsilon = 1e-13, maxit = 100)
findings <- list()
calls <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- I(as.numeric(c(...)))
chi <- function(stage, id, statistic, df) {
  add(stage, sub("@", "chi_square", id), statistic)
  add(stage, sub("@", "degrees_of_freedom", id), df)
  add(stage, sub("@", "p", id), pchisq(statistic, df, lower.tail = FALSE))
}
ratio <- function(stage, id, b, error) add(stage, id, exp(b), exp(b - z * error), exp(b + z * error), error)
rows <- function(stage, before, beta, covariance, names, what = "odds_ratio") {
  for (i in seq_along(names)) {
    error <- sqrt(covariance[i, i])
    id <- function(part) paste0(before, part, ".", names[i])
    ratio(stage, id(what), beta[i], error)
    add(stage, id("coefficient"), beta[i], error)
    add(stage, id("p"), 2 * pnorm(-abs(beta[i] / error)))
  }
}
wald_of <- function(beta, covariance, set) drop(beta[set] %*% solve(covariance[set, set]) %*% beta[set])

# Concordance and the Brier score of fitted probabilities.
accuracy <- function(stage, y, p, w = rep(1, length(y)), cluster = NULL) {
  eta <- qlogis(p)
  found <- if (is.null(cluster)) concordance(y ~ eta, weights = w)
    else concordance(y ~ eta, weights = w, cluster = cluster)
  add(stage, "c_statistic", found$concordance, sqrt(found$var))
  add(stage, "brier_score", sum(w * (y - p)^2) / sum(w))
}

# A model of glm: its numbers, its rows, and those of the whole.
model <- function(stage, formula, data, names, covariance_of = vcov, w = rep(1, nrow(data)),
                  cluster = NULL, before = "") {
  data$w <- w
  run <- function(formula) suppressWarnings(glm(formula, binomial, data, weights = w, control = exact))
  environment(formula) <- environment()
  fit <- run(formula)
  # Once more from there: its covariance is that of the step before the last.
  fit <- suppressWarnings(glm(formula, binomial, data, weights = w, control = exact, start = coef(fit)))
  null <- run(update(formula, . ~ 1))
  y <- fit$y
  likelihood <- function(fit) sum(w * dbinom(y, 1, fitted(fit), log = TRUE))
  covariance <- covariance_of(fit)
  k <- length(coef(fit))
  calls[[stage]] <<- sprintf("glm(%s, binomial)", deparse1(formula))
  rows(stage, before, coef(fit)[-1], covariance[-1, -1, drop = FALSE], names)
  chi(stage, paste0(before, "likelihood_ratio.@", if (before == "") "" else paste0(".", names[1])),
      2 * (likelihood(fit) - likelihood(null)), k - 1)
  if (before != "") return(invisible(fit))
  add(stage, "n", length(y)); add(stage, "events", sum(y))
  add(stage, "events_per_coefficient", sum(y) / (k - 1))
  add(stage, "intercept", coef(fit)[1], sqrt(covariance[1, 1]))
  add(stage, "log_likelihood", likelihood(fit))
  add(stage, "log_likelihood_null", likelihood(null))
  chi(stage, "wald.@", wald_of(coef(fit), covariance, 2:k), k - 1)
  accuracy(stage, y, fitted(fit), w, cluster)
  invisible(fit)
}

lung <- read_data("lung_complete")
lung$woman <- lung$sex == 2
lung$ecog <- factor(lung$ph_ecog)
ecog <- paste0("ecog.", 1:3)
veteran <- read_data("veteran")
veteran$before <- veteran$prior == 10
veteran$celltype <- factor(
  ifelse(veteran$smallcell == 1, "small cell",
         ifelse(veteran$adeno == 1, "adeno", ifelse(veteran$large == 1, "large", "squamous"))),
  levels = c("squamous", "small cell", "adeno", "large"))
cells <- paste0("celltype.", c("small_cell", "adeno", "large"))

# Wald's limits, and each term alone.
wald <- model("wald_veteran", before ~ karno + celltype + age, veteran, c("karno", cells, "age"))
chi("wald_veteran", "term.@.celltype", wald_of(coef(wald), vcov(wald), 3:5), 3)
model("wald_veteran", before ~ karno, veteran, "karno", before = "univariable.")
model("wald_veteran", before ~ age, veteran, "age", before = "univariable.")
model("wald_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"))

# Sandwiches.
model("robust_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"), sandwich)
model("cluster_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"),
      function(fit) vcovCL(fit, lung$cluster, type = "HC0", cadjust = FALSE), cluster = lung$cluster)
model("weights_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"), sandwich, w = lung$weight)
add("weights_lung", "sum_of_weights", sum(lung$weight))
add("weights_lung", "effective_n", sum(lung$weight)^2 / sum(lung$weight^2))

# Interactions.
products <- function(stage, formula, smaller, data, names, product_names, name, covariance_of = vcov) {
  fit <- model(stage, formula, data, names, covariance_of)
  set <- grep(":", names(coef(fit)))
  covariance <- covariance_of(fit)
  rows(stage, "product.", coef(fit)[set], covariance[set, set, drop = FALSE], product_names,
       "ratio_of_odds_ratios")
  wald <- wald_of(coef(fit), covariance, set)
  chi(stage, paste0("interaction.@.", name, ".wald"), wald, length(set))
  if (identical(covariance_of, vcov)) {
    less <- glm(smaller, binomial, data, control = exact)
    lr <- less$deviance - fit$deviance
    chi(stage, paste0("interaction.@.", name, ".likelihood_ratio"), lr, length(set))
    chi(stage, paste0("interaction.@.", name), lr, length(set))
  } else chi(stage, paste0("interaction.@.", name), wald, length(set))
}
products("interaction_veteran", before ~ karno * trt + age, before ~ karno + trt + age, veteran,
         c("karno", "trt", "age"), "karno_trt", "karno_trt")
products("interaction_robust", woman ~ age * ph_ecog, NULL, lung, c("age", "ph_ecog"), "age_ph_ecog",
         "age_ph_ecog", sandwich)

# The log-likelihood of rows x, plain or with Firth's penalty, and its maximum over `free`, found where
# its score is zero. With Firth's penalty a step takes a subject with the weight of its leverage too.
at <- function(beta, x, y, firth) {
  p <- plogis(drop(x %*% beta))
  information <- crossprod(x, p * (1 - p) * x)
  value <- sum(dbinom(y, 1, p, log = TRUE))
  score <- y - p
  h <- 0
  if (firth) {
    h <- rowSums((x %*% solve(information)) * x) * p * (1 - p)
    score <- score + h * (0.5 - p)
    value <- value + as.numeric(determinant(information)$modulus) / 2
  }
  list(value = value, score = colSums(score * x), information = information,
       metric = crossprod(x, (1 + h) * p * (1 - p) * x))
}
maximize <- function(beta, free, x, y, firth) {
  now <- at(beta, x, y, firth)
  for (iteration in 1:500) {
    if (!length(free)) break
    change <- drop(solve(now$metric[free, free, drop = FALSE], now$score[free]))
    half <- 1
    repeat {
      there <- beta
      there[free] <- beta[free] + half * change
      then <- at(there, x, y, firth)
      if (is.finite(then$value) && then$value >= now$value - 1e-12) break
      half <- half / 2
    }
    beta <- there
    now <- then
    if (max(abs(change)) < 1e-13 * (1 + max(abs(beta)))) break
  }
  stopifnot(!length(free) || max(abs(now$score[free])) < 1e-9)
  list(beta = beta, value = now$value)
}
# Limits and tests of each coefficient from the profile.
profiled <- function(stage, formula, data, names, firth, log_units = 0) {
  frame <- model.frame(formula, data)
  x <- model.matrix(formula, frame); y <- as.numeric(model.response(frame))
  # Centred and scaled, for the search; slopes are scaled back.
  scale <- apply(x, 2, sd); scale[1] <- 1
  center <- colMeans(x); center[1] <- 0
  own <- sweep(sweep(x, 2, center), 2, scale, "/"); own[, 1] <- 1
  k <- ncol(x)
  best <- maximize(numeric(k), 1:k, own, y, firth)
  covariance <- solve(at(best$beta, own, y, firth)$information)
  quantile <- qchisq(.95, 1)
  for (j in 2:k) {
    error <- sqrt(covariance[j, j])
    fall <- function(value) {
      start <- best$beta
      start[j] <- value
      2 * (best$value - maximize(start, setdiff(1:k, j), own, y, firth)$value)
    }
    root <- function(sign) {
      far <- best$beta[j] + sign * error
      while (fall(far) < quantile) far <- far + sign * error
      uniroot(function(value) fall(value) - quantile, sort(c(best$beta[j], far)), tol = 1e-13)$root
    }
    b <- best$beta[j] / scale[j]
    add(stage, paste0("odds_ratio.", names[j - 1]), exp(b), exp(root(-1) / scale[j]),
        exp(root(1) / scale[j]), error / scale[j])
    add(stage, paste0("coefficient.", names[j - 1]), b, error / scale[j])
    add(stage, paste0("p.", names[j - 1]), pchisq(fall(0), 1, lower.tail = FALSE))
  }
  if (firth) {
    null <- maximize(numeric(k), 1, own, y, firth)
    chi(stage, "likelihood_ratio.@", 2 * (best$value - null$value), k - 1)
    add(stage, "penalized_log_likelihood", best$value + sum(log(scale)))
  }
  p <- plogis(drop(own %*% best$beta))
  add(stage, "log_likelihood", sum(dbinom(y, 1, p, log = TRUE)))
  accuracy(stage, y, p)
}
profiled("profile_veteran", before ~ karno + celltype + age, veteran, c("karno", cells, "age"), FALSE)
profiled("profile_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"), FALSE)
profiled("firth_veteran", before ~ karno + celltype + age, veteran, c("karno", cells, "age"), TRUE)
# Nobody with ECOG 3 has the outcome: it is infinite without the penalty.
profiled("firth_lung", woman ~ age + ecog, lung, c("age", ecog), TRUE)

# A ridge on standardised columns, the intercept free.
ridge <- function(stage, formula, data, names, size) {
  frame <- model.frame(formula, data)
  x <- model.matrix(formula, frame)[, -1, drop = FALSE]; y <- as.numeric(model.response(frame))
  n <- length(y)
  center <- colMeans(x); spread <- sqrt(colMeans(sweep(x, 2, center)^2))
  own <- cbind(1, sweep(sweep(x, 2, center), 2, spread, "/"))
  penalty <- diag(c(0, rep(size, ncol(x))))
  beta <- numeric(ncol(own))
  for (iteration in 1:200) {
    p <- plogis(drop(own %*% beta))
    information <- crossprod(own, p * (1 - p) * own)
    beta <- beta + drop(solve(information + penalty, crossprod(own, y - p) - penalty %*% beta))
  }
  p <- plogis(drop(own %*% beta))
  information <- crossprod(own, p * (1 - p) * own)
  covariance <- solve(information + penalty)
  rows(stage, "", beta[-1] / spread, covariance[-1, -1] / outer(spread, spread), names)
  likelihood <- sum(dbinom(y, 1, p, log = TRUE))
  add(stage, "log_likelihood", likelihood)
  add(stage, "penalized_log_likelihood", likelihood - size / 2 * sum(beta[-1]^2))
  add(stage, "effective_degrees_of_freedom", sum(diag(information %*% covariance)) - 1)
  add(stage, "likelihood_ratio.chi_square", 2 * (likelihood - sum(dbinom(y, 1, mean(y), log = TRUE))))
  accuracy(stage, y, p)
}
ridge("ridge_veteran", before ~ karno + celltype + age, veteran, c("karno", cells, "age"), 5)
ridge("ridge_lung", woman ~ age + ph_ecog, lung, c("age", "ph_ecog"), 20)

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")),
                 sandwich = as.character(packageVersion("sandwich")))
writeLines(json(list(versions = versions, calls = calls, findings = findings)),
           file.path("tests", "reference", "logistic_model", "values.json"))
