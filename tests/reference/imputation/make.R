# The exact pieces of imputation, and what mice's imputed values are like in
# the mean: its random numbers are not ours.
suppressMessages({library(survival); library(mice)})
source(file.path("tests", "reference", "json.R"), local = TRUE)

hazard <- function(frame) {
  fit <- survfit(Surv(time, event) ~ 1, frame)
  fit$cumhaz[sapply(frame$time, function(t) max(which(fit$time <= t + 1e-6)))]
}
hazards <- lapply(c("lung", "pbc", "heavy_ties", "zero_time", "all_censored", "one_event"), function(name) {
  frame <- read_data(name)
  list(piece = "nelson_aalen", call = "survfit(Surv(time, event) ~ 1)$cumhaz", data = name,
       values = I(hazard(frame)))
})

# The k nearest of distinct predictions; mice's matcher draws from the same ones.
set.seed(7)
donors <- function(n, k) {
  observed <- round(rnorm(n), 6); targets <- round(rnorm(6), 6) * 1.3
  stopifnot(anyDuplicated(observed) == 0)
  sets <- lapply(targets, function(t) sort(order(abs(observed - t))[1:k]))
  drawn <- replicate(300, mice:::matcher(observed, targets, k))
  for (i in seq_along(targets)) stopifnot(setequal(unique(drawn[i, ]), sets[[i]]))
  list(piece = "donors", call = "order(abs(observed - target))[1:k]; mice:::matcher", k = k,
       observed = I(observed), targets = I(targets), sets = lapply(sets, function(s) I(s - 1)))
}

# The draw of Rubin (1987, p. 167) for given deviates.
draw <- function(name, outcome, terms) {
  frame <- read_data(name)
  frame <- frame[complete.cases(frame[, c(outcome, terms)]), ]
  X <- cbind(1, as.matrix(frame[, terms])); y <- frame[[outcome]]
  fit <- lm.fit(X, y)
  z <- rnorm(ncol(X)); g <- rchisq(1, fit$df.residual)
  rss <- sum(fit$residuals^2)
  list(piece = "draw", call = "lm.fit; coef + sqrt(rss / g) * backsolve(chol(crossprod(X)), z)",
       data = name, outcome = outcome, terms = I(terms), coefficients = I(unname(fit$coefficients)),
       rss = rss, df = fit$df.residual, deviates = I(z), chi_square = g,
       drawn = I(unname(fit$coefficients + sqrt(rss / g) * backsolve(chol(crossprod(X)), z))))
}

# mice imputes three levels or more without drawing coefficients; this draws them, from the
# normal distribution about the maximum of the same augmented data.
mice.impute.polydraw <- function(y, ry, x, wy = !ry, ...) {
  aug <- mice:::augment(y, ry, x, wy)
  X <- cbind(1, scale(aug$x)); codes <- as.integer(aug$y)
  fit <- nnet::multinom(codes[aug$ry] ~ X[aug$ry, ] - 1, weights = aug$w[aug$ry], trace = FALSE,
                        maxit = 500, Hess = TRUE, reltol = 1e-12)
  beta <- MASS::mvrnorm(1, as.vector(t(coef(fit))), solve(fit$Hessian))
  odds <- cbind(1, exp(X[aug$wy, ] %*% matrix(beta, ncol(X))))
  drawn <- apply(odds, 1, function(p) sample(length(p), 1, prob = p))
  levels(y)[sort(unique(codes[aug$ry]))][drawn]
}

# Means of imputed values over many imputations, with their spread between imputations,
# and a pooled Cox model. `shifts` are added to what is imputed, as delta
# adjustment does.
many <- function(name, numbers, categories, known, formula, m = 100, shifts = NULL) {
  frame <- read_data(name)
  frame$hazard <- hazard(frame)
  for (category in categories) frame[[category]] <- factor(frame[[category]])
  used <- c(numbers, categories, known, "event", "hazard")
  methods <- make.method(frame[, used])
  methods[methods == "polyreg"] <- "polydraw"
  post <- make.post(frame[, used])
  for (v in names(shifts)) post[v] <- sprintf("imp[[j]][, i] <- imp[[j]][, i] + %g", shifts[[v]])
  imputed <- mice(frame[, used], m = m, maxit = 10, seed = 11, method = methods, post = post,
                  printFlag = FALSE)
  stopifnot(is.null(imputed$loggedEvents))
  stopifnot(all(imputed$method[numbers] == "pmm"))
  summaries <- list()
  for (v in numbers) summaries[[v]] <- sapply(imputed$imp[[v]], mean)
  for (v in categories) for (l in levels(frame[[v]])) {
    summaries[[paste0(v, "=", l)]] <- sapply(imputed$imp[[v]], function(x) mean(x == l))
  }
  fits <- lapply(seq_len(m), function(i) {
    done <- complete(imputed, i); done$time <- frame$time
    coxph(formula, done)
  })
  pooled <- pool(as.mira(fits))$pooled
  list(piece = "mice", call = sprintf("mice(%s, m = %d, maxit = 10); pool(coxph(%s))", name, m,
                                      paste(deparse(formula), collapse = "")),
       data = name, m = m, numbers = I(numbers), categories = I(categories), known = I(known),
       shifts = if (!is.null(shifts)) I(unname(unlist(shifts[numbers]))),
       summaries = lapply(summaries, function(x) I(c(mean(x), sd(x)))),
       terms = I(as.character(pooled$term)), estimates = I(pooled$estimate),
       between = I(pooled$b), total = I(pooled$t))
}

write_cases("imputation", "mice", c(hazards, list(
  donors(30, 5), donors(12, 1), donors(200, 10),
  draw("lung_incomplete", "meal_cal", c("age", "sex", "wt_loss")),
  draw("pbc_incomplete", "chol", c("age", "log_bili", "albumin", "copper")),
  many("lung_incomplete", c("ph_karno", "meal_cal", "wt_loss"), character(0), c("age", "sex"),
       Surv(time, event) ~ age + sex + ph_karno + meal_cal + wt_loss),
  many("pbc_incomplete", c("chol", "trig", "copper", "platelet"), c("hepato_gaps", "stage_gaps"),
       c("age", "log_bili", "albumin"),
       Surv(time, event) ~ age + log_bili + albumin + chol + copper + hepato_gaps + stage_gaps),
  many("colon_incomplete", "nodes", c("adhere_gaps", "differ"), c("age", "lev_5fu"),
       Surv(time, event) ~ age + lev_5fu + nodes + adhere_gaps + differ),
  many("lung_incomplete", c("ph_karno", "meal_cal", "wt_loss"), character(0), c("age", "sex"),
       Surv(time, event) ~ age + sex + ph_karno + meal_cal + wt_loss,
       shifts = list(ph_karno = 0, meal_cal = -200, wt_loss = 6)),
  many("pbc_incomplete", c("chol", "copper"), character(0), c("age", "log_bili", "albumin"),
       Surv(time, event) ~ age + log_bili + albumin + chol + copper,
       shifts = list(chol = 100, copper = -20)))))
