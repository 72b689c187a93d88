# Firth's penalty, from its definition: the likelihood is raised by half the logarithm of
# the determinant of the information. See adjusted.R.

# The largest value with the coefficients `free`, the others held at `start`. `at` gives
# value, score and information of coefficients.
firth_largest <- function(at, start, free) {
  beta <- start
  now <- at(beta)
  for (iteration in seq_len(1000 * (length(free) > 0))) {
    change <- drop(solve(now$information[free, free, drop = FALSE], now$score[free]))
    # The penalty's curvature is left out of the step, so it may be too long.
    repeat {
      proposal <- beta
      proposal[free] <- beta[free] + change
      after <- tryCatch(at(proposal), error = function(singular) list(value = -Inf))
      if (is.finite(after$value) && after$value >= now$value - 1e-10) break
      change <- change / 2
    }
    beta <- proposal
    now <- after
    if (max(abs(change)) < 1e-14 * (1 + max(abs(beta)))) break
  }
  c(list(beta = beta), now)
}

# Estimate, limits, error and p of coefficient `j` from the profile of the likelihood.
firth_profile <- function(at, best, j, level) {
  others <- setdiff(seq_along(best$beta), j)
  error <- sqrt(solve(best$information)[j, j])
  twice <- function(value) {
    held <- firth_largest(at, replace(best$beta, j, value), others)
    2 * (best$value - held$value)
  }
  limit <- function(sign) {
    excess <- function(value) twice(value) - qchisq(level, 1)
    far <- best$beta[j] + sign * error
    while (excess(far) < 0) far <- far + sign * error / 2
    uniroot(excess, sort(c(best$beta[j], far)), tol = 1e-13)$root
  }
  list(estimate = unname(best$beta[j]), lower = limit(-1), upper = limit(1), error = error,
       p = pchisq(twice(0), 1, lower.tail = FALSE))
}

# The name of each coefficient of `terms` in ids; the first level is no coefficient.
coefficient_names <- function(data, terms) {
  unlist(lapply(terms, function(term) {
    x <- data[[term]]
    if (is.factor(x)) sapply(levels(x)[-1], function(level) id(term, slug(level)), USE.NAMES = FALSE) else term
  }))
}

# Who is at the level that a row's name ends in; everybody for a number.
has_level <- function(data, terms, name) {
  own <- rep(TRUE, nrow(data))
  for (term in terms) if (is.factor(data[[term]])) for (level in levels(data[[term]])) {
    if (name == id(term, slug(level))) own <- data[[term]] == level
  }
  own
}

# The rows of a model's coefficients; `tell` takes what a number is, its name and the numbers.
firth_rows <- function(tell, ratio, data, terms, names, profiles) {
  for (i in seq_along(names)) {
    own <- profiles[[i]]
    tell(ratio, names[i], exp(own$estimate), exp(own$lower), exp(own$upper), own$error)
    tell("coefficient", names[i], own$estimate, standard_error = own$error)
    tell("p", names[i], own$p)
  }
  for (term in terms) if (is.factor(data[[term]])) {
    tell(ratio, id(term, slug(levels(data[[term]])[1])), 1, NA, NA, NA, rule = "exact")
  }
}

# Logistic regression of `treated`; returns the scores.
firth_regression <- function(at, tell, data, treated, terms, level) {
  x <- model.matrix(reformulate(terms), data)
  likelihood <- function(beta) {
    p <- plogis(drop(x %*% beta))
    information <- crossprod(x, p * (1 - p) * x)
    leverage <- rowSums((x %*% solve(information)) * x) * p * (1 - p)
    list(value = sum(dbinom(treated, 1, p, log = TRUE)) + determinant(information)$modulus[1] / 2,
         score = colSums((treated - p + leverage * (.5 - p)) * x), information = information)
  }
  everything <- seq_len(ncol(x))
  null <- firth_largest(likelihood, c(qlogis(mean(treated)), rep(0, ncol(x) - 1)), 1)
  best <- firth_largest(likelihood, null$beta, everything)
  by_package <- glm(treated ~ x - 1, binomial, method = brglm2::brglmFit, type = "AS_mean",
                    epsilon = 1e-12, maxit = 10000)
  stopifnot(all.equal(unname(coef(by_package)), unname(best$beta), tolerance = 1e-8))

  profiles <- lapply(everything[-1], function(j) firth_profile(likelihood, best, j, level))
  row <- function(what, name, ...) {
    own <- has_level(data, terms, name)
    tell(at(what, name), ..., own = own)
  }
  firth_rows(row, "odds_ratio", data, terms, coefficient_names(data, terms), profiles)
  tell_chi_square(function(what, ...) tell(at(what), ...), "likelihood_ratio",
                  2 * (best$value - null$value), ncol(x) - 1)
  plogis(drop(x %*% best$beta))
}

# `terms` of a Cox model of the patients who have them all.
firth_cox_model <- function(study, stage, endpoint, terms) {
  data <- study$data[complete.cases(study$data[terms]), ]
  both <- outcome(data, endpoint)
  event <- both[, "status"]
  x <- model.matrix(reformulate(terms), data)[, -1, drop = FALSE]
  x <- sweep(x, 2, colMeans(x))
  likelihood <- function(beta) firth_efron(beta, x, both[, "time"], event)
  start <- rep(0, ncol(x))
  null <- likelihood(start)
  best <- firth_largest(likelihood, start, seq_along(start))
  plain <- coxph(both ~ x, ties = "efron", init = best$beta, iter.max = 0)
  stopifnot(all.equal(plain$loglik[2], best$partial, tolerance = 1e-12))

  counted <- list(n = nrow(data), events = sum(event), missing = nrow(study$data) - nrow(data))
  tell <- function(what, ..., rule = "iterated") {
    do.call(add, c(list(id(stage, what), ..., rule = rule), counted))
  }
  for (what in names(counted)) tell(what, counted[[what]], rule = "exact")
  tell("events_per_coefficient", sum(event) / ncol(x))
  tell_chi_square(tell, "likelihood_ratio", 2 * (best$value - null$value), ncol(x))
  tell_chi_square(tell, "wald", drop(best$beta %*% best$information %*% best$beta), ncol(x))
  tell("log_likelihood", best$partial)
  tell("log_likelihood_null", null$partial)
  tell("penalized_log_likelihood", best$value)
  agreement <- concordance(both ~ drop(x %*% best$beta), reverse = TRUE)
  tell("concordance", agreement$concordance, standard_error = sqrt(agreement$var))
  profiles <- lapply(seq_along(start), function(j) firth_profile(likelihood, best, j, study$level))
  # A row of a level counts the level's patients.
  row <- function(what, name, ..., rule = "iterated") {
    own <- has_level(data, terms, name)
    add(id(stage, what, name), ..., n = sum(own), events = sum(event[own]), missing = counted$missing, rule = rule)
  }
  firth_rows(row, "hazard_ratio", data, terms, coefficient_names(data, terms), profiles)
}

# Efron's likelihood with the penalty. Of d deaths at a time the l-th counts them for
# 1 - l/d at risk. The penalty's slope is the trace of the information's inverse with its
# slope, which sums third central moments (Heinze and Schemper 2001).
firth_efron <- function(beta, x, time, event) {
  p <- ncol(x)
  eta <- drop(x %*% beta)
  partial <- sum(eta[event == 1])
  score <- colSums(x[event == 1, , drop = FALSE])
  information <- matrix(0, p, p)
  slopes <- array(0, c(p, p, p))
  for (t in sort(unique(time[event == 1]))) {
    risk <- time >= t
    dying <- (event == 1 & time == t)[risk]
    members <- x[risk, , drop = FALSE]
    for (l in seq_len(sum(dying)) - 1) {
      hazard <- exp(eta[risk]) * ifelse(dying, 1 - l / sum(dying), 1)
      share <- hazard / sum(hazard)
      centred <- sweep(members, 2, colSums(share * members))
      partial <- partial - log(sum(hazard))
      score <- score - colSums(share * members)
      information <- information + crossprod(centred, share * centred)
      for (j in seq_len(p)) slopes[, , j] <- slopes[, , j] + crossprod(centred, share * centred[, j] * centred)
    }
  }
  inverse <- solve(information)
  for (j in seq_len(p)) score[j] <- score[j] + sum(inverse * slopes[, , j]) / 2
  list(value = partial + determinant(information)$modulus[1] / 2, partial = partial, score = score,
       information = information)
}
