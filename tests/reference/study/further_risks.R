# Competing risks and parametric models, as findings by id. See analyses.R.

# --- cumulative_incidence -----------------------------------------------------

# The first level of `cause` is that of censoring.
cumulative_incidence <- function(study, stage, endpoint, cause, at_months, lost_months) {
  frame <- data.frame(time = outcome(study$data, endpoint)[, "time"], state = study$data[[cause]])
  stopifnot(!anyNA(frame))
  groups <- groups_of(study)
  for (group in names(groups)) {
    one_incidence(function(...) id(stage, ..., group), frame[groups[[group]], ], study, at_months, lost_months)
  }
  gray_tests(stage, frame, study$data[[study$by]])
}

one_incidence <- function(at, frame, study, at_months, lost_months) {
  z <- qnorm((1 + study$level) / 2)
  fit <- survfit(Surv(time, state) ~ 1, frame, conf.type = "log-log", conf.int = study$level,
                 influence = TRUE)
  causes <- levels(frame$state)[-1]
  censored <- frame$state == levels(frame$state)[1]
  tell <- function(...) add(..., n = nrow(frame), events = sum(!censored), missing = 0)
  of <- function(cause, ...) add(..., n = nrow(frame), events = sum(frame$state == cause), missing = 0)
  tell(at("n"), nrow(frame))
  tell(at("missing"), 0)
  tell(at("censored"), sum(censored))
  for (cause in causes) of(cause, at("events", slug(cause)), sum(frame$state == cause))
  for (months in at_months) {
    t <- months * study$month
    time <- paste0(months, "_months")
    i <- max(which(fit$time <= t))
    for (cause in causes) {
      state <- match(cause, fit$states)
      of(cause, at("incidence", slug(cause), time), fit$pstate[i, state], fit$lower[i, state],
         fit$upper[i, state], fit$std.err[i, state])
      of(cause, at("cumulative_events", slug(cause), time), sum(frame$time <= t & frame$state == cause))
    }
    tell(at("n_at_risk", time), sum(frame$time >= t))
    tell(at("cumulative_censored", time), sum(frame$time <= t & censored))
  }
  for (months in lost_months) for (cause in causes) {
    t <- months * study$month
    state <- match(cause, fit$states)
    past <- fit$time < t
    width <- diff(c(fit$time[past], t))
    area <- sum(fit$pstate[past, state] * width)
    influence <- fit$influence.pstate
    # The first slice is of time zero.
    influence <- influence[, dim(influence)[2] - length(fit$time) + seq_along(fit$time), state]
    error <- sqrt(sum((influence[, past, drop = FALSE] %*% width)^2))
    of(cause, at("time_lost", slug(cause), paste0(months, "_months")), area, area - z * error,
       area + z * error, error)
  }
}

gray_tests <- function(stage, frame, by) {
  tests <- cmprsk::cuminc(frame$time, as.integer(frame$state) - 1, by)$Tests
  causes <- levels(frame$state)[-1]
  for (i in seq_along(causes)) {
    tell <- function(what, value) {
      add(id(stage, "gray", what, slug(causes[i])), value, n = nrow(frame),
          events = sum(frame$state == causes[i]), missing = 0)
    }
    row <- tests[as.character(i), ]
    tell("chi_square", row[["stat"]])
    tell("degrees_of_freedom", row[["df"]])
    tell("p", pchisq(row[["stat"]], row[["df"]], lower.tail = FALSE))
  }
}

# --- fine_gray ----------------------------------------------------------------

# `of` is the cause; `terms` are categories.
fine_gray <- function(study, stage, endpoint, cause, of, terms) {
  frame <- study$data[terms]
  frame$time <- outcome(study$data, endpoint)[, "time"]
  frame$state <- study$data[[cause]]
  stopifnot(!anyNA(frame))
  frame$patient <- seq_len(nrow(frame))
  expanded <- finegray(Surv(time, state) ~ ., frame, etype = of)
  fit <- coxph(reformulate(terms, "Surv(fgstart, fgstop, fgstatus)"), expanded, weights = fgwt,
               cluster = patient, control = coxph.control(eps = 1e-13, iter.max = 40, toler.chol = 1e-14))
  own <- frame$state == of
  at <- function(...) id(stage, ...)
  tell <- function(id, ..., rule = "iterated") {
    add(id, ..., n = nrow(frame), events = sum(own), missing = 0, rule = rule)
  }
  tell(at("n"), nrow(frame), rule = "exact")
  tell(at("events"), sum(own), rule = "exact")
  tell(at("competing_events"), sum(!own & frame$state != levels(frame$state)[1]), rule = "exact")
  tell(at("missing"), 0, rule = "exact")
  tell(at("events_per_coefficient"), sum(own) / length(coef(fit)), rule = "exact")
  tell(at("log_likelihood"), fit$loglik[2])
  tell(at("log_likelihood_null"), fit$loglik[1])
  wald <- sum(coef(fit) * solve(vcov(fit), coef(fit)))
  tell(at("wald.chi_square"), wald)
  tell(at("wald.degrees_of_freedom"), length(coef(fit)), rule = "exact")
  tell(at("wald.p"), pchisq(wald, length(coef(fit)), lower.tail = FALSE))
  z <- qnorm((1 + study$level) / 2)
  for (term in terms) for (level in levels(frame[[term]])) {
    has <- frame[[term]] == level
    of_level <- function(what, ..., rule = "iterated") {
      add(at(what, term, slug(level)), ..., n = sum(has), events = sum(own & has), missing = 0, rule = rule)
    }
    place <- match(level, levels(frame[[term]])) - 1
    if (place == 0) of_level("hazard_ratio", 1, NA, NA, NA, rule = "exact")
    else one_coefficient(of_level, fit, match(paste0(term, level), names(coef(fit))), z)
  }
}

# --- parametric_model ---------------------------------------------------------

# `term` is a category; the first of `distributions` stands under the bare ids too.
parametric_model <- function(study, stage, endpoint, term, distributions) {
  frame <- study$data
  frame$outcome <- outcome(frame, endpoint)
  event <- frame$outcome[, "status"]
  stopifnot(!anyNA(frame[[term]]), !anyNA(frame$outcome), frame$outcome[, "time"] > 0)
  coefficients <- nlevels(frame[[term]]) - 1
  tell <- function(id, value, ..., rule = "exact", own = TRUE) {
    own <- rep_len(own, nrow(frame))
    add(id, value, ..., n = sum(own), events = sum(event[own]), missing = 0, rule = rule)
  }
  tell(id(stage, "n"), nrow(frame))
  tell(id(stage, "events"), sum(event))
  tell(id(stage, "missing"), 0)
  tell(id(stage, "events_per_coefficient"), sum(event) / coefficients)
  fits <- lapply(distributions, function(name) {
    survreg(reformulate(term, "outcome"), frame, dist = gsub("_", "", name),
            control = survreg.control(rel.tolerance = 1e-14, maxiter = 200))
  })
  akaike <- vapply(fits, AIC, 0)
  for (i in seq_along(fits)) {
    ends <- c(if (i == 1) "", paste0(".", distributions[i]))
    for (end in ends) {
      one_distribution(function(name, ...) tell(paste0(stage, ".", name, end), ..., rule = "iterated"),
                       fits[[i]], frame, term, qnorm((1 + study$level) / 2))
    }
    tell(id(stage, "aic_difference", distributions[i]), akaike[i] - min(akaike), rule = "iterated")
  }
}

one_distribution <- function(tell, fit, frame, term, z) {
  variance <- vcov(fit)
  errors <- sqrt(diag(variance))
  reach <- function(estimate, error, turn = identity) turn(estimate + c(0, -1, 1) * z * error)
  three <- function(name, x, error, ...) tell(name, x[1], x[2], x[3], error, ...)
  has_scale <- ncol(variance) > length(coef(fit))
  in_hazards <- fit$dist %in% c("weibull", "exponential")
  levels <- levels(frame[[term]])
  for (level in levels) {
    own <- frame[[term]] == level
    name <- function(what) paste(what, term, slug(level), sep = ".")
    place <- match(paste0(term, level), names(coef(fit)))
    if (is.na(place)) {
      tell(name("time_ratio"), 1, NA, NA, NA, own = own)
      if (in_hazards) tell(name("hazard_ratio"), 1, NA, NA, NA, own = own)
      next
    }
    estimate <- coef(fit)[[place]]
    error <- errors[[place]]
    three(name("time_ratio"), reach(estimate, error, exp), error, own = own)
    tell(name("coefficient"), estimate, standard_error = error, own = own)
    tell(name("p"), pchisq((estimate / error)^2, 1, lower.tail = FALSE), own = own)
    if (in_hazards) {
      slopes <- rep(0, ncol(variance))
      slopes[place] <- -1 / fit$scale
      if (has_scale) slopes[ncol(variance)] <- estimate / fit$scale
      delta <- sqrt(sum(slopes * (variance %*% slopes)))
      three(name("hazard_ratio"), reach(-estimate / fit$scale, delta, exp), delta, own = own)
    }
  }
  three("intercept", reach(coef(fit)[[1]], errors[[1]]), errors[[1]])
  if (has_scale) {
    error <- errors[[length(errors)]]
    three("scale", reach(log(fit$scale), error, exp), fit$scale * error)
  } else tell("scale", 1, NA, NA, NA)
  tell("log_likelihood", fit$loglik[2])
  tell("log_likelihood_null", fit$loglik[1])
  tell("aic", AIC(fit))
  tell("likelihood_ratio.chi_square", 2 * diff(fit$loglik))
  tell("likelihood_ratio.degrees_of_freedom", length(levels) - 1)
  tell("likelihood_ratio.p", pchisq(2 * diff(fit$loglik), length(levels) - 1, lower.tail = FALSE))
  profiles <- data.frame(factor(levels, levels))
  names(profiles) <- term
  median <- predict(fit, profiles, type = "uquantile", p = .5, se.fit = TRUE)
  for (i in seq_along(levels)) {
    x <- reach(median$fit[[i]], median$se.fit[[i]], exp)
    three(paste("predicted_median", term, slug(levels[i]), sep = "."), x, x[1] * median$se.fit[[i]],
          own = frame[[term]] == levels[i])
  }
}
