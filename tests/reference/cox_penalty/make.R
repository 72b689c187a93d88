# Offsets, initial values, ridge and Firth penalties.
#
# `coxphf` is no Debian package, so Firth's likelihood is written here from
# its definition, risk set by risk set: l + log |I| / 2, with the score of
# Heinze and Schemper (2001), whose trace sums third central moments. The
# limits come from uniroot on the profile.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# The distributions over which covariates are averaged: members, their
# weights, and how many (weighted) deaths the step stands for.
firth_steps <- function(start, time, event, stratum, ties) {
  steps <- list()
  for (s in unique(stratum)) for (t in sort(unique(time[event == 1 & stratum == s]))) {
    at_risk <- which(start < t & time >= t & stratum == s)
    deaths <- which(time == t & event == 1 & stratum == s)
    d <- length(deaths)
    if (ties == "breslow") {
      steps[[length(steps) + 1]] <- list(at_risk = at_risk, share = rep(1, length(at_risk)), d = d)
    } else for (l in seq_len(d) - 1) {
      share <- ifelse(at_risk %in% deaths, 1 - l / d, 1)
      steps[[length(steps) + 1]] <- list(at_risk = at_risk, share = share, d = 1)
    }
  }
  steps
}

firth_at <- function(beta, x, event, steps) {
  p <- ncol(x)
  eta <- drop(x %*% beta)
  value <- sum(eta[event == 1])
  score <- colSums(x[event == 1, , drop = FALSE])
  information <- matrix(0, p, p)
  slopes <- array(0, c(p, p, p))
  for (step in steps) {
    risk <- step$share * exp(eta[step$at_risk])
    value <- value - step$d * log(sum(risk))
    share <- risk / sum(risk)
    members <- x[step$at_risk, , drop = FALSE]
    mean <- colSums(share * members)
    centred <- sweep(members, 2, mean)
    score <- score - step$d * mean
    information <- information + step$d * crossprod(centred, share * centred)
    for (j in seq_len(p)) {
      slopes[, , j] <- slopes[, , j] + step$d * crossprod(centred, share * centred[, j] * centred)
    }
  }
  inverse <- solve(information)
  for (j in seq_len(p)) score[j] <- score[j] + sum(inverse * slopes[, , j]) / 2
  list(value = value + log(det(information)) / 2, partial = value, score = score,
       information = information, inverse = inverse)
}

firth_maximize <- function(start, free, at) {
  beta <- start
  now <- at(beta)
  if (!length(free)) return(list(beta = beta, at = now))
  for (iteration in 1:1000) {
    change <- drop(solve(now$information[free, free, drop = FALSE], now$score[free]))
    half <- 1
    repeat {
      proposal <- beta
      proposal[free] <- beta[free] + half * change
      after <- tryCatch(at(proposal), error = function(e) list(value = -Inf))
      if (is.finite(after$value) && after$value >= now$value - 1e-10) break
      half <- half / 2
    }
    beta <- proposal
    now <- after
    if (max(abs(change)) < 1e-13) break
  }
  list(beta = beta, at = now)
}

# Without start and stop everybody is followed from before all times.
firth <- function(name, columns, ties, level = 0.95, stratum = NULL, interval = FALSE) {
  frame <- read_data(name)
  if (interval) frame$time <- frame$stop
  start <- if (interval) frame$start else rep(-1, nrow(frame))
  strata <- if (is.null(stratum)) rep(0, nrow(frame)) else frame[[stratum]]
  x <- scale(as.matrix(frame[, columns, drop = FALSE]), scale = FALSE)
  steps <- firth_steps(start, frame$time, frame$event, strata, ties)
  at <- function(beta) firth_at(beta, x, frame$event, steps)
  p <- length(columns)
  best <- firth_maximize(rep(0, p), seq_len(p), at)
  errors <- sqrt(diag(best$at$inverse))
  profile <- function(j, value) {
    start <- best$beta
    start[j] <- value
    2 * (best$at$value - firth_maximize(start, setdiff(seq_len(p), j), at)$at$value)
  }
  limits <- t(vapply(seq_len(p), function(j) {
    excess <- function(value) profile(j, value) - qchisq(level, 1)
    side <- function(sign) {
      far <- best$beta[j] + sign * errors[j]
      while (excess(far) < 0) far <- far + sign * errors[j]
      uniroot(excess, sort(c(best$beta[j], far)), tol = 1e-13)$root
    }
    c(side(-1), side(1), profile(j, 0))
  }, numeric(3)))
  null <- at(rep(0, p))
  list(kind = "firth", data = name, columns = I(columns), ties = ties, stratum = stratum,
       interval = if (interval) TRUE,
       call = sprintf("firth('%s', c(%s), '%s')", name, paste0("'", columns, "'", collapse = ", "), ties),
       coefficients = I(best$beta), covariance = best$at$inverse, partial = best$at$partial,
       penalized = best$at$value, likelihood_ratio = 2 * (best$at$value - null$value),
       limits = limits)
}

# `penalties` are R's theta times the columns' variances, 0 without a ridge.
plain <- function(name, columns, ridge = NULL, theta = 0, offset = NULL, initial = NULL,
                  ties = "efron", stratum = NULL, weight = NULL, interval = FALSE) {
  frame <- as.data.frame(lapply(read_data(name), as.double))
  terms <- c(setdiff(columns, ridge), if (!is.null(offset)) sprintf("offset(%s)", offset),
             if (!is.null(stratum)) sprintf("strata(%s)", stratum))
  if (!is.null(ridge)) {
    terms <- c(terms, sprintf("ridge(%s, theta = %g)", paste(ridge, collapse = ", "), theta))
  }
  options <- c(sprintf("ties = \"%s\"", ties),
    if (!is.null(initial)) sprintf("init = c(%s)", paste(initial, collapse = ", ")),
    if (!is.null(weight)) sprintf("weights = %s, robust = FALSE", weight))
  call <- sprintf("coxph(Surv(%s, event) ~ %s, data = %s, %s)", if (interval) "start, stop" else "time",
                  paste(terms, collapse = " + "), name, paste(options, collapse = ", "))
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  # survival 3.5-3 forgets the strata in the residuals of a penalised fit: they
  # do not sum to zero. Those of a plain fit at the same coefficients do.
  martingale <- residuals(fit, "martingale")
  if (!is.null(ridge) && !is.null(stratum)) {
    x <- as.matrix(frame[, c(setdiff(columns, ridge), ridge)])
    frame$cases <- if (is.null(weight)) 1 else frame[[weight]]
    there <- coxph(Surv(time, event) ~ x + strata(frame[[stratum]]), frame, weights = cases,
                   init = unname(coef(fit)), ties = ties, iter.max = 0)
    martingale <- residuals(there, "martingale")
  }
  columns <- c(setdiff(columns, ridge), ridge)
  penalties <- vapply(columns, function(column) {
    if (column %in% ridge) theta * var(frame[[column]]) else 0
  }, 0)
  list(kind = if (is.null(ridge)) "plain" else "ridge", data = name, call = gsub("\"", "'", call),
       columns = I(columns), ties = ties, stratum = stratum, weight = weight,
       interval = if (interval) TRUE, offset = offset,
       initial = if (!is.null(initial)) I(initial), penalties = I(unname(penalties)),
       coefficients = I(unname(fit$coefficients)), covariance = fit$var,
       log_likelihood = I(fit$loglik), wald = if (is.null(ridge)) fit$wald.test,
       score = if (is.null(ridge)) fit$score,
       degrees_of_freedom = if (!is.null(ridge)) sum(diag(solve(fit$var, fit$var2))),
       linear_predictors = if (is.null(ridge)) I(unname(fit$linear.predictors)),
       martingale = I(unname(martingale)))
}

write_cases("cox_penalty", "survival", list(
  plain("lung_complete", c("age", "sex"), offset = "ph_ecog"),
  plain("heavy_ties", "x", offset = "z", ties = "breslow"),
  plain("lung_complete", c("age", "sex"), initial = c(0.01, -0.4)),
  plain("veteran", c("karno", "age"), initial = c(-0.05, 0.1), ties = "breslow"),
  plain("lung_complete", c("age", "sex", "ph_ecog"), ridge = c("age", "sex", "ph_ecog"), theta = 5),
  plain("veteran", c("trt", "karno", "age", "prior"), ridge = c("karno", "age"), theta = 20),
  plain("veteran", c("karno", "age"), offset = "smallcell", stratum = "prior"),
  plain("pbc", c("log_bili", "edema"), offset = "log_protime", weight = "log_protime"),
  plain("jasa1", "transplant", offset = "surgery", interval = TRUE),
  plain("lung_complete", c("age", "ph_ecog"), ridge = "age", theta = 10, stratum = "treated",
        weight = "weight"),
  plain("jasa1", c("transplant", "age", "year"), ridge = c("age", "year"), theta = 2, interval = TRUE),
  plain("pbc", c("age", "edema", "log_bili"), ridge = c("age", "log_bili"), theta = 1, ties = "breslow"),
  firth("lung_complete", c("age", "sex", "ph_ecog"), "breslow"),
  firth("veteran", c("trt", "karno"), "efron"),
  firth("ovarian", c("age", "resid_ds", "rx"), "breslow"),
  firth("heavy_ties", c("x", "z"), "efron"),
  firth("separated", "x", "breslow"),
  firth("separated", c("x", "z"), "efron"),
  firth("veteran", c("trt", "karno"), "efron", stratum = "prior"),
  firth("jasa1", c("transplant", "surgery"), "breslow", interval = TRUE),
  firth("late_entry", c("x", "z"), "efron", stratum = "stratum", interval = TRUE)))
