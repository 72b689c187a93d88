# Analyses that take account of when an exposure began, as findings by id. See analyses.R.
# The exposure is `study$by`, its first level the unexposed; it begins `begun` days after
# time zero (NA: never). Clones are in timing_clones.R.

closely <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)

timing_of_the_study <- function(study) {
  study$data$begun <- as.numeric(as.Date(study$data$rt_start) - as.Date(study$data$ici_start))
  landmarks <- c(30, 60, 90, 180)
  starts <- c(15, 30, 45, 60, 90, 120)
  clone_terms <- c("age_decades", "ecog", "recurrence_type", "albumin_5")
  for (endpoint in c("pfs", "os")) {
    at <- function(what) paste0(endpoint, "_", what)
    landmark(study, at("landmarks"), endpoint, landmarks, 90, 12)
    time_dependent_cox(study, at("time_dependent"), endpoint)
    simon_makuch(study, at("by_state"), endpoint, c(6, 12, 24))
    clone_censor_weight(study, at("start_by_90_days"), endpoint, 90, clone_terms, c(12, 24))
    timing_tipping_point(study, at("tipping_point"), endpoint, starts)
  }
  time_dependent_cox(study, "pfs_time_dependent_adjusted", "pfs",
                     c("age_decades", "ecog_group", "cps_group", "albumin_5"))
}

# One row a patient with a value of everything: `time`, `event`, `begun` while followed
# (else NA), `exposed` ever. Tells the counts that all kinds tell.
exposed_follow_up <- function(study, stage, endpoint, terms = NULL, dated = TRUE) {
  data <- study$data
  both <- outcome(data, endpoint)
  data$time <- both[, "time"]
  data$event <- both[, "status"]
  data$exposed <- as.integer(data[[study$by]] == levels(data[[study$by]])[2])
  known <- complete.cases(data[c("time", "event", "exposed", terms)])
  kept <- data[known, ]
  stopifnot(identical(is.na(kept$begun), kept$exposed == 0))
  late <- kept$begun >= kept$time
  tell <- teller(stage, nrow(kept), sum(kept$event), sum(!known))
  tell("n", nrow(kept))
  tell("events", sum(kept$event))
  tell("missing", sum(!known))
  tell("n_exposed", sum(kept$exposed & !(dated & late %in% TRUE)))
  if (dated) {
    tell("exposed_before_zero", sum(kept$begun < 0, na.rm = TRUE))
    tell("exposed_after_end", sum(late, na.rm = TRUE))
    kept$begun[late] <- NA
    kept$begun <- pmax(kept$begun, 0)
  }
  kept$patient <- seq_len(nrow(kept))
  list(kept = kept, tell = tell, missing = sum(!known))
}

# Tells findings of a stage with the same basis.
teller <- function(stage, n, events, missing) {
  function(what, ...) add(id(stage, what), ..., n = n, events = events, missing = missing)
}

# Who is in each group of the exposure, by slug.
states_of <- function(study) {
  c(setNames(0, slug(levels(study$data[[study$by]])[1])), setNames(1, slug(levels(study$data[[study$by]])[2])))
}

# Follow-up split at the start of exposure: `state` 0 before it, 1 from then on.
split_at <- function(frame, start) {
  start <- ifelse(!is.na(start) & start < frame$time, start, Inf)
  before <- transform(frame, from = 0, to = pmin(frame$time, start), state = 0,
                      status = ifelse(start < frame$time, 0, frame$event))
  after <- transform(frame, from = start, to = frame$time, state = 1, status = frame$event)
  rows <- rbind(before, after[is.finite(start), ])
  rows[rows$to > rows$from, ]
}

# Hazard ratio, coefficient and Wald test in `place` of a fit; `name` ends their ids.
effect <- function(tell, fit, place, name, level, between = NULL) {
  estimate <- coef(fit)[[place]]
  error <- sqrt(vcov(fit)[place, place])
  limits <- exp(estimate + c(-1, 1) * qnorm((1 + level) / 2) * error)
  iterated <- function(what, ...) tell(id(what, between, name), ..., rule = "iterated")
  iterated("hazard_ratio", exp(estimate), limits[1], limits[2], error)
  iterated("coefficient", estimate, standard_error = error)
  iterated("p", pchisq((estimate / error)^2, 1, lower.tail = FALSE))
}

name_of_exposure <- function(study) id(study$by, names(states_of(study))[2])

three <- function(tell, what, last, value, df, rule) {
  tell(id(c(what, "chi_square", last)), value, rule = rule)
  tell(id(c(what, "degrees_of_freedom", last)), df)
  tell(id(c(what, "p", last)), pchisq(value, df, lower.tail = FALSE), rule = rule)
}

# A number at days past the last follow-up is not known, unless nobody is left without event.
curve_at <- function(curve, days) {
  point <- summary(curve, times = days, extend = TRUE)
  known <- days <= max(curve$time) || point$surv == 0
  parts <- if (known) c(point$surv, point$lower, point$upper, point$std.err) else rep(NA, 4)
  if (point$surv == 0) parts[2:4] <- NA
  parts
}

# --- landmark -----------------------------------------------------------------

landmark <- function(study, stage, endpoint, days, drawn, at_months) {
  all <- exposed_follow_up(study, stage, endpoint)
  for (day in days) {
    words <- paste0(day, "_days")
    beyond <- all$kept$time > day
    kept <- all$kept[beyond, ]
    kept$state <- as.integer(!is.na(kept$begun) & kept$begun <= day)
    kept$time <- kept$time - day
    tell <- teller(stage, nrow(kept), sum(kept$event), all$missing)
    tell(id("n", words), nrow(kept))
    tell(id("events", words), sum(kept$event))
    tell(id("excluded_events", words), sum(all$kept$event[!beyond]))
    tell(id("excluded_censored", words), sum(1 - all$kept$event[!beyond]))
    tell(id("exposed_later", words), sum(!is.na(kept$begun[kept$state == 0])))
    for (group in names(states_of(study))) {
      own <- kept[kept$state == states_of(study)[[group]], ]
      landmark_group(study, teller(stage, nrow(own), sum(own$event), all$missing),
                     own, group, words, day == drawn, at_months)
    }
    test <- survdiff(Surv(time, event) ~ state, kept)
    three(tell, NULL, words, test$chisq, 1, "exact")
    fit <- coxph(Surv(time, event) ~ state, kept, control = closely)
    own <- kept$state == 1
    effect(teller(stage, sum(own), sum(kept$event[own]), all$missing), fit, 1,
           name_of_exposure(study), study$level, words)
  }
}

landmark_group <- function(study, tell, own, group, words, is_drawn, at_months) {
  curve <- survfit(Surv(time, event) ~ 1, own, conf.type = "log-log", conf.int = study$level)
  middle <- quantile(curve, .5)
  tell(id("n", words, group), nrow(own))
  for (between in c(list(words), if (is_drawn) list(NULL))) {
    tell(id(c("events", between, group)), sum(own$event))
    tell(id(c("median", between, group)), middle$quantile, middle$lower, middle$upper)
  }
  for (months in at_months) {
    time <- paste0(months, "_months")
    point <- curve_at(curve, months * study$month)
    tell(id("survival", words, time, group), point[1], point[2], point[3], point[4])
    tell(id("n_at_risk", words, time, group), sum(own$time >= months * study$month))
  }
}

# --- time_dependent_cox -------------------------------------------------------

time_dependent_cox <- function(study, stage, endpoint, terms = NULL) {
  all <- exposed_follow_up(study, stage, endpoint, terms)
  rows <- split_at(all$kept, all$kept$begun)
  states(study, stage, all, rows)
  rows[terms] <- lapply(rows[terms], function(x) if (is.factor(x)) droplevels(x) else x)
  fit <- coxph(reformulate(c("state", terms), "Surv(from, to, status)"), rows, control = closely)
  exposed <- rows$state == 1
  effect(teller(stage, sum(exposed), sum(rows$status[exposed]), all$missing), fit, 1,
         name_of_exposure(study), study$level)
  for (term in terms) {
    x <- all$kept[[term]]
    for (level in if (is.factor(x)) levels(droplevels(x))[-1] else NA) {
      own <- if (is.na(level)) rep(TRUE, length(x)) else x == level
      tell <- teller(stage, sum(own), sum(all$kept$event[own]), all$missing)
      name <- if (is.na(level)) term else id(term, slug(level))
      effect(tell, fit, paste0(term, if (!is.na(level)) level), name, study$level)
    }
  }
  three(all$tell, "likelihood_ratio", NULL, 2 * diff(fit$loglik), length(coef(fit)), "iterated")
  all$tell("log_likelihood", fit$loglik[2], rule = "iterated")
  all$tell("log_likelihood_null", fit$loglik[1], rule = "iterated")
}

# Patients, events and time in either state, and the test of Mantel and Byar.
states <- function(study, stage, all, rows) {
  times <- sort(unique(rows$to[rows$status == 1]))
  sums <- sapply(times, function(time) {
    at_risk <- rows$from < time & rows$to >= time
    died <- at_risk & rows$to == time & rows$status == 1
    share <- mean(rows$state[at_risk])
    n <- sum(at_risk)
    d <- sum(died)
    c(d * (1 - share), d * share, if (n > 1) d * share * (1 - share) * (n - d) / (n - 1) else 0)
  })
  expected <- rowSums(sums)
  of <- states_of(study)
  for (group in names(of)) {
    own <- rows[rows$state == of[[group]], ]
    tell <- teller(stage, nrow(own), sum(own$status), all$missing)
    tell(id("n", group), nrow(own))
    tell(id("events", group), sum(own$status))
    tell(id("person_time", group), sum(own$to - own$from))
    tell(id("mantel_byar.observed", group), sum(own$status))
    tell(id("mantel_byar.expected", group), expected[[of[[group]] + 1]])
  }
  gap <- sum(rows$status[rows$state == 1]) - expected[2]
  three(all$tell, "mantel_byar", NULL, gap^2 / expected[3], 1, "exact")
}

# --- simon_makuch -------------------------------------------------------------

simon_makuch <- function(study, stage, endpoint, at_months) {
  all <- exposed_follow_up(study, stage, endpoint)
  # The curves begin at time zero: nobody is left out.
  all$tell("excluded_events", 0)
  all$tell("excluded_censored", 0)
  rows <- split_at(all$kept, all$kept$begun)
  states(study, stage, all, rows)
  for (group in names(states_of(study))) {
    own <- rows[rows$state == states_of(study)[[group]], ]
    tell <- teller(stage, nrow(own), sum(own$status), all$missing)
    curve <- survfit(Surv(from, to, status) ~ 1, own, conf.type = "log-log", conf.int = study$level)
    middle <- quantile(curve, .5)
    tell(id("median", group), middle$quantile, middle$lower, middle$upper)
    for (months in at_months) {
      days <- months * study$month
      point <- curve_at(curve, days)
      time <- paste0(months, "_months")
      tell(id("survival", time, group), point[1], point[2], point[3], point[4])
      tell(id("n_at_risk", time, group), sum(own$from < days & own$to >= days))
    }
  }
}

# --- timing_tipping_point -----------------------------------------------------

timing_tipping_point <- function(study, stage, endpoint, starts) {
  all <- exposed_follow_up(study, stage, endpoint, dated = FALSE)
  exposed <- all$kept$exposed == 1
  assumed <- function(start) split_at(all$kept, ifelse(exposed, start, NA))
  fit_of <- function(rows) coxph(Surv(from, to, status) ~ state, rows, control = closely)
  for (start in starts) {
    words <- paste0(start, "_days")
    rows <- assumed(start)
    after <- rows[rows$state == 1, ]
    effect(teller(stage, nrow(after), sum(after$status), all$missing), fit_of(rows), 1, name_of_exposure(study), study$level, words)
    all$tell(id("exposed_under_start", words), nrow(after))
    all$tell(id("exposed_events_under_start", words), sum(after$status))
    all$tell(id("contradicted", words), sum(exposed) - nrow(after))
    all$tell(id("median_start", words), median(after$from))
  }
  # The effect changes only where a start passes an event: all of them are tried.
  time <- all$kept$time
  steps <- sort(unique(c(0, time[all$kept$event == 1 & time < max(time[exposed])])))
  z <- sapply(steps, function(start) {
    # Where one state alone has events from then on, or R warns of an infinite
    # coefficient, there is no estimate.
    rows <- assumed(start)
    met <- unique(rows$state[rows$status == 1 & rows$to > start])
    if (length(met) < 2) return(NA)
    fit <- tryCatch(fit_of(rows), warning = function(told) NULL)
    if (is.null(fit)) NA else coef(fit)[[1]] / sqrt(vcov(fit)[1, 1])
  })
  z <- z * sign(z[1])
  all$tell("tipping_point.estimate", steps[which(z <= 0)[1]])
  all$tell("tipping_point.limits", steps[which(z <= qnorm((1 + study$level) / 2))[1]])
}
