# How well a Cox model predicts, and on whom it hangs, as findings by id. See models.R.

# The complete cases as `time`, `event` and the terms; `missing` are the others.
complete_cases <- function(study, endpoint, terms) {
  both <- outcome(study$data, endpoint)
  frame <- data.frame(time = both[, "time"], event = both[, "status"], study$data[terms])
  kept <- complete.cases(frame)
  frame <- frame[kept, ]
  frame[terms] <- lapply(frame[terms], function(x) if (is.factor(x)) droplevels(x) else x)
  list(frame = frame, missing = sum(!kept))
}

# What tells findings of a frame, and tells its size.
model_size <- function(at, frame, missing) {
  tell <- function(id, ..., own = TRUE, until = Inf) {
    own <- rep_len(own, nrow(frame))
    add(id, ..., n = sum(own), events = sum(frame$event[own & frame$time <= until]), missing = missing)
  }
  tell(at("n"), nrow(frame))
  tell(at("events"), sum(frame$event))
  tell
}

# The names of a model's coefficients as ids have them.
covariates_of <- function(frame, terms) {
  unlist(lapply(terms, function(term) {
    if (is.factor(frame[[term]])) id_of_levels(term, levels(frame[[term]])[-1]) else term
  }))
}
id_of_levels <- function(term, levels) vapply(levels, function(level) id(term, slug(level)), "")

# --- cox_performance ----------------------------------------------------------

cox_performance <- function(study, stage, endpoint, terms, at_months, groups = 4) {
  cases <- complete_cases(study, endpoint, terms)
  frame <- cases$frame
  at <- function(...) id(stage, ...)
  plain <- model_size(at, frame, cases$missing)
  plain(at("missing"), cases$missing)
  tell <- function(...) plain(..., rule = "iterated")
  z <- qnorm((1 + study$level) / 2)
  fit <- coxph(reformulate(terms, "Surv(time, event)"), frame,
               control = coxph.control(eps = 1e-13, iter.max = 40))
  concordant <- function(name, found) {
    error <- sqrt(found$var)
    tell(at(name), found$concordance, found$concordance - z * error, found$concordance + z * error, error)
  }
  harrell <- concordance(fit)
  concordant("concordance", harrell)
  concordant("concordance.harrell", harrell)
  concordant("concordance.uno", concordance(Surv(frame$time, frame$event) ~ fit$linear.predictors,
                                            reverse = TRUE, timewt = "n/G2"))
  chi <- 2 * diff(fit$loglik)
  tell(at("heuristic_shrinkage"), (chi - length(coef(fit))) / chi)

  curves <- survfit(fit, newdata = frame)
  overall <- survfit(Surv(time, event) ~ 1, frame)
  value <- function(curve, t) rbind(1, as.matrix(curve$surv))[findInterval(t, curve$time) + 1, ]
  scores <- function(t) {
    c(brier(frame, value(curves, t), t), brier(frame, rep(value(overall, t), nrow(frame)), t))
  }
  names <- c("brier_score", "brier_reference", "brier_gain")
  for (months in at_months) {
    t <- months * study$month
    time <- paste0(months, "_months")
    predicted <- value(curves, t)
    cuts <- quantile(predicted, seq(0, 1, length.out = groups + 1))
    code <- cut(predicted, cuts, include.lowest = TRUE, labels = FALSE)
    for (g in seq_len(groups)) {
      own <- code == g
      tell(at("calibration.predicted", time, g), mean(predicted[own]), own = own, until = t)
      seen <- summary(survfit(Surv(time, event) ~ 1, frame[own, ], conf.int = study$level),
                      times = t, extend = TRUE)
      tell(at("calibration.observed", time, g), seen$surv, seen$lower, seen$upper, seen$std.err, own = own, until = t)
    }
    both <- scores(t)
    both <- c(both, 1 - both[1] / both[2])
    for (i in 1:3) tell(at(names[i], time), both[i])
  }
  grid <- max(at_months) * study$month * (0:100) / 100
  each <- vapply(grid, scores, c(0, 0))
  area <- rowSums(each[, -1] + each[, -101]) / 200
  area <- c(area, 1 - area[1] / area[2])
  for (i in 1:3) tell(at(paste0("integrated_", names[i]), time), area[i])
}

# Graf et al. 1999. An event at t is no longer at risk of censoring at t, so events are moved
# ahead of the censored by less than any gap.
brier <- function(frame, predicted, t) {
  gap <- min(diff(sort(unique(frame$time)))) / 4
  curve <- survfit(Surv(time - ifelse(event == 1, gap, 0), 1 - event) ~ 1, frame)
  free <- stepfun(curve$time, c(1, curve$surv))
  mean(ifelse(frame$time > t, (1 - predicted)^2 / free(t),
              ifelse(frame$event == 1, predicted^2 / free(frame$time - 2 * gap), 0)))
}

# --- cox_diagnostics ----------------------------------------------------------

cox_diagnostics <- function(study, stage, endpoint, terms, exclude_before) {
  cases <- complete_cases(study, endpoint, terms)
  frame <- cases$frame
  at <- function(...) id(stage, ...)
  plain <- model_size(at, frame, cases$missing)
  plain(at("missing"), cases$missing)
  tell <- function(...) plain(..., rule = "iterated")
  run <- function(frame) {
    coxph(reformulate(terms, "Surv(time, event)"), frame,
          control = coxph.control(eps = 1e-13, iter.max = 40))
  }
  fit <- run(frame)
  names <- covariates_of(frame, terms)

  # Fox and Monette 1992.
  r <- cov2cor(vcov(fit))
  for (term in terms) {
    set <- fit$assign[[term]]
    factor <- det(r[set, set, drop = FALSE]) * det(r[-set, -set, drop = FALSE]) / det(r)
    tell(at("variance_inflation", term), factor)
    if (length(set) > 1) tell(at("variance_inflation_per_coefficient", term), factor^(1 / (2 * length(set))))
  }
  change <- residuals(fit, "dfbeta")
  left <- sapply(seq_len(nrow(frame)), function(i) coef(run(frame[-i, ])))
  for (i in seq_along(names)) {
    largest <- change[which.max(abs(change[, i])), i]
    tell(at("largest_dfbeta", names[i]), largest)
    tell(at("largest_dfbetas", names[i]), largest / sqrt(vcov(fit)[i, i]))
    tell(at("leave_one_out.lowest_hazard_ratio", names[i]), exp(min(left[i, ])))
    tell(at("leave_one_out.highest_hazard_ratio", names[i]), exp(max(left[i, ])))
  }

  # Those without an event or the end of follow-up before the day.
  later <- study
  time <- outcome(study$data, endpoint)[, "time"]
  later$data <- study$data[!is.na(time) & time >= exclude_before, ]
  whole <- fit_cox(later, endpoint, terms)
  early <- function(...) id(stage, "excluding_early", ...)
  missing <- length(whole$na.action)
  for (what in c("n", "events")) {
    add(early(what), whole[[c(n = "n", events = "nevent")[[what]]]], n = whole$n,
        events = whole$nevent, missing = missing)
  }
  coefficients_of(later, whole, terms, early)
}
