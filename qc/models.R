# Regressions and what else is made of event times.

frame_of <- function(endpoint, terms) {
  frame <- data.frame(time = times[[endpoint]], event = events[[endpoint]], d[terms])
  frame[complete.cases(frame), ]
}
exact <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
fit_of <- function(terms, frame, ...) {
  formula <- as.formula(paste("Surv(time, event) ~", paste(terms, collapse = " + ")))
  suppressWarnings(coxph(formula, frame, ties = "efron", control = exact, x = TRUE, y = TRUE, ...))
}

# One row of a model: a ratio with Wald's limits, its logarithm, its p-value.
add_ratio <- function(stage, label, value, error) {
  add(paste(stage, "hazard_ratio", label, sep = "."), exp(value), exp(value - z * error), exp(value + z * error))
  add(paste(stage, "coefficient", label, sep = "."), value)
  add(paste(stage, "p", label, sep = "."), 2 * pnorm(-abs(value / error)))
}
add_terms <- function(stage, terms, fit, frame, infix = NULL, whole = TRUE) {
  value <- coef(fit)
  error <- sqrt(diag(vcov(fit, complete = TRUE)))
  inside <- function(label) paste(c(infix, label), collapse = ".")
  for (term in terms) {
    if (!is.factor(frame[[term]])) {
      add_ratio(stage, inside(term), value[[term]], error[[term]])
      next
    }
    levels <- levels(frame[[term]])
    if (whole) add(paste(stage, "hazard_ratio", inside(paste(term, levels[1], sep = ".")), sep = "."), 1)
    names <- paste0(term, levels[-1])
    for (i in seq_along(names)) {
      label <- inside(paste(term, levels[i + 1], sep = "."))
      add_ratio(stage, label, value[[names[i]]], if (is.na(value[[names[i]]])) NA else error[[names[i]]])
    }
    if (whole && length(names) > 1) {
      known <- names[!is.na(value[names])]
      chi <- drop(value[known] %*% solve(vcov(fit)[known, known], value[known]))
      id <- function(what) paste(stage, "term", what, inside(term), sep = ".")
      add(id("chi_square"), chi)
      add(id("degrees_of_freedom"), length(known))
      add(id("p"), tail_p(chi, length(known)))
    }
  }
}
add_global <- function(stage, name, chi_square, df) {
  add(paste(stage, name, "chi_square", sep = "."), chi_square)
  add(paste(stage, name, "degrees_of_freedom", sep = "."), df)
  add(paste(stage, name, "p", sep = "."), tail_p(chi_square, df))
}
ratio_with_limits <- function(fit, name) {
  error <- sqrt(vcov(fit)[name, name])
  exp(coef(fit)[[name]] + c(0, -1, 1) * z * error)
}
cox_model <- function(stage, endpoint, terms, event = events[[endpoint]]) {
  frame <- data.frame(time = times[[endpoint]], event = event, d[terms])
  missing <- sum(!complete.cases(frame))
  frame <- frame[complete.cases(frame), ]
  fit <- fit_of(terms, frame)
  df <- sum(!is.na(coef(fit)))
  add(paste0(stage, ".n"), nrow(frame))
  add(paste0(stage, ".events"), sum(frame$event))
  add(paste0(stage, ".missing"), missing)
  add(paste0(stage, ".events_per_coefficient"), sum(frame$event) / df)
  add_global(stage, "likelihood_ratio", 2 * diff(fit$loglik), df)
  add_global(stage, "wald", fit$wald.test, df)
  add_global(stage, "score", fit$score, df)
  add(paste0(stage, ".log_likelihood"), fit$loglik[2])
  add(paste0(stage, ".log_likelihood_null"), fit$loglik[1])
  add(paste0(stage, ".concordance"), fit$concordance[["concordance"]])
  add_terms(stage, terms, fit, frame)
  invisible(fit)
}
univariable <- function(stage, endpoint, terms) for (term in terms) {
  frame <- frame_of(endpoint, term)
  fit <- fit_of(term, frame)
  whole <- paste0(stage, ".univariable")
  df <- sum(!is.na(coef(fit)))
  add(paste(whole, "n", term, sep = "."), nrow(frame))
  add(paste(whole, "events", term, sep = "."), sum(frame$event))
  add(paste(whole, "missing", term, sep = "."), nrow(d) - nrow(frame))
  add_terms(whole, term, fit, frame)
  for (part in c("chi_square", "degrees_of_freedom", "p")) {
    value <- switch(part, chi_square = 2 * diff(fit$loglik), degrees_of_freedom = df, p = tail_p(2 * diff(fit$loglik), df))
    add(paste(whole, "likelihood_ratio", part, term, sep = "."), value)
  }
}
model <- list(pfs = c("radiotherapy", "age_decades", "ecog_group", "cps_group", "albumin_5"),
              os = c("radiotherapy", "age_decades", "ecog", "albumin_5"))
others <- c("sex", "smoking_status", "subsite", "recurrence_type", "p16", "line_group", "prior_platinum", "concurrent_chemotherapy", "nlr", "ldh_ratio")
fits <- list()
for (endpoint in c("pfs", "os")) {
  stage <- paste0(endpoint, "_unadjusted")
  fits[[stage]] <- cox_model(stage, endpoint, "radiotherapy")
  stage <- paste0(endpoint, "_prognosis")
  fits[[stage]] <- cox_model(stage, endpoint, model[[endpoint]])
  univariable(stage, endpoint, c(model[[endpoint]], others, if (endpoint == "os") "cps_group"))
}

for (endpoint in c("os_early", "os_late")) cox_model(paste0(endpoint, "_unadjusted"), endpoint, "radiotherapy")

# --- E-values -----------------------------------------------------------------------------
e_value <- function(stage, ratio, common) {
  risk <- if (common) (1 - 0.5^sqrt(ratio)) / (1 - 0.5^sqrt(1 / ratio)) else ratio
  strength <- function(r) if (r < 1) 1 / r + sqrt(1 / r * (1 / r - 1)) else r + sqrt(r * (r - 1))
  near <- if (risk[1] < 1) risk[3] else risk[2]
  add(paste0(stage, ".e_value"), strength(risk[1]))
  add(paste0(stage, ".e_value_limit"), if ((near - 1) * (risk[1] - 1) <= 0) 1 else strength(near))
  add(paste0(stage, ".risk_ratio"), risk[1])
}
for (endpoint in c("pfs", "os")) {
  e_value(paste0(endpoint, "_adjusted_e_value"), ratio_with_limits(fits[[paste0(endpoint, "_prognosis")]], "radiotherapyrt"), TRUE)
  e_value(paste0(endpoint, "_e_value"), ratio_with_limits(fits[[paste0(endpoint, "_unadjusted")]], "radiotherapyrt"), TRUE)
}
e_value("response_e_value", unname(response_ratio), FALSE)

# --- proportional hazards -------------------------------------------------------------------
for (endpoint in c("pfs", "os")) {
  stage <- paste0(endpoint, "_hazards_test")
  frame <- frame_of(endpoint, model[[endpoint]])
  fit <- fit_of(model[[endpoint]], frame)
  add(paste0(stage, ".n"), nrow(frame))
  add(paste0(stage, ".events"), sum(frame$event))
  add(paste0(stage, ".missing"), nrow(d) - nrow(frame))
  tested <- cox.zph(fit, transform = "km", terms = TRUE)$table
  for (term in rownames(tested)) {
    label <- tolower(term)
    add(paste(stage, "chi_square", label, sep = "."), tested[term, "chisq"])
    add(paste(stage, "degrees_of_freedom", label, sep = "."), tested[term, "df"])
    add(paste(stage, "p", label, sep = "."), tested[term, "p"])
  }
}
stage <- "pfs_hazards_test.piecewise"
cut <- 4 * month
frame <- frame_of("pfs", model$pfs)
before <- within(frame, { event <- event & time <= cut; time <- pmin(time, cut) })
after <- frame[frame$time > cut, ]
whole <- fit_of(model$pfs, frame)
halves <- list(before = before, after = after)
likelihood <- 0
for (half in names(halves)) {
  fit <- fit_of(model$pfs, halves[[half]])
  add(paste(stage, "n", half, sep = "."), nrow(halves[[half]]))
  add(paste(stage, "events", half, sep = "."), sum(halves[[half]]$event))
  add_terms(stage, model$pfs, fit, halves[[half]], half)
  likelihood <- likelihood + fit$loglik[2]
}
add_global(stage, "likelihood_ratio", 2 * (likelihood - whole$loglik[2]), length(coef(whole)))

# --- time before radiotherapy does not count for it --------------------------------------------
started <- function(endpoint) ifelse(is.na(d$rt_day), Inf, d$rt_day)
in_states <- function(endpoint, extra = character()) {
  t <- times[[endpoint]]
  known <- complete.cases(d[extra])
  moved <- started(endpoint) < t
  plain <- data.frame(id = seq_along(t), start = 0, stop = ifelse(moved, started(endpoint), t),
                      event = events[[endpoint]] & !moved, exposed = 0, d[extra])
  later <- data.frame(id = seq_along(t), start = started(endpoint), stop = t, event = events[[endpoint]], exposed = 1, d[extra])[moved & known, ]
  plain <- plain[known, ]
  both <- rbind(plain, later)
  both[both$stop > both$start, ]
}
add_exposure <- function(stage, endpoint, known = rep(TRUE, nrow(d))) {
  t <- times[[endpoint]]
  treated <- d$radiotherapy == "rt" & known
  add(paste0(stage, ".n"), sum(known))
  add(paste0(stage, ".events"), sum(events[[endpoint]][known]))
  add(paste0(stage, ".missing"), sum(!known))
  add(paste0(stage, ".n_exposed"), sum(treated & d$rt_day < t, na.rm = TRUE))
  add(paste0(stage, ".exposed_before_zero"), sum(treated & d$rt_day < 0, na.rm = TRUE))
  add(paste0(stage, ".exposed_after_end"), sum(treated & d$rt_day >= t, na.rm = TRUE))
}
add_states <- function(stage, rows) for (state in 0:1) {
  inside <- rows[rows$exposed == state, ]
  g <- names(groups)[state + 1]
  add(paste(stage, "n", g, sep = "."), length(unique(inside$id)))
  add(paste(stage, "events", g, sep = "."), sum(inside$event))
  add(paste(stage, "person_time", g, sep = "."), sum(inside$stop - inside$start))
}
mantel_byar <- function(stage, rows) {
  add_test(paste0(stage, ".mantel_byar"), two_curves(rows$start, rows$stop, rows$event, rows$exposed))
}
for (endpoint in c("pfs", "os")) {
  rows <- in_states(endpoint)
  for (kind in c("time_dependent", "by_state")) {
    stage <- paste(endpoint, kind, sep = "_")
    add_exposure(stage, endpoint)
    add_states(stage, rows)
    mantel_byar(stage, rows)
  }
  stage <- paste0(endpoint, "_by_state")
  add(paste0(stage, ".excluded_events"), 0)
  add(paste0(stage, ".excluded_censored"), 0)
  for (state in 0:1) {
    g <- names(groups)[state + 1]
    inside <- rows[rows$exposed == state, ]
    curve <- survfit(Surv(start, stop, event) ~ 1, inside, conf.type = "log-log")
    middle <- middle_of(curve)
    add(paste(stage, "median", g, sep = "."), middle[1], middle[2], middle[3])
    for (m in c(6, 12, 24)) {
      when <- m * month
      s <- at_time(curve, when)
      add(paste(stage, "survival", paste0(m, "_months"), g, sep = "."), s$surv, s$lower, s$upper)
      add(paste(stage, "n_at_risk", paste0(m, "_months"), g, sep = "."), sum(inside$start < when & inside$stop >= when))
    }
  }
}
time_dependent <- function(stage, endpoint, terms) {
  rows <- in_states(endpoint, terms)
  if (length(terms)) {
    add_exposure(stage, endpoint, complete.cases(d[terms]))
    add_states(stage, rows)
    mantel_byar(stage, rows)
  }
  formula <- as.formula(paste("Surv(start, stop, event) ~", paste(c("exposed", terms), collapse = " + ")))
  fit <- coxph(formula, rows, ties = "efron", control = exact)
  add_ratio(stage, "radiotherapy.rt", coef(fit)[["exposed"]], sqrt(vcov(fit)["exposed", "exposed"]))
  add_terms(stage, terms, fit, rows, whole = FALSE)
  add_global(stage, "likelihood_ratio", 2 * diff(fit$loglik), length(coef(fit)))
  add(paste0(stage, ".log_likelihood"), fit$loglik[2])
  add(paste0(stage, ".log_likelihood_null"), fit$loglik[1])
}
time_dependent("pfs_time_dependent", "pfs", character())
time_dependent("os_time_dependent", "os", character())
time_dependent("pfs_time_dependent_adjusted", "pfs", model$pfs[-1])

for (endpoint in c("pfs", "os")) {
  stage <- paste0(endpoint, "_landmarks")
  t <- times[[endpoint]]
  e <- events[[endpoint]]
  add_exposure(stage, endpoint)
  for (landmark in c(30, 60, 90, 180)) {
    label <- paste0(landmark, "_days")
    id <- function(...) paste(stage, ..., sep = ".")
    stays <- t > landmark
    exposed <- as.integer(started(endpoint) <= landmark)
    add(id("n", label), sum(stays))
    add(id("events", label), sum(e[stays]))
    add(id("excluded_events", label), sum(e[!stays]))
    add(id("excluded_censored", label), sum(!e[!stays]))
    add(id("exposed_later", label), sum(stays & exposed == 0 & started(endpoint) < t))
    frame <- data.frame(time = t - landmark, event = e, radiotherapy = factor(exposed, 0:1, c("no_rt", "rt")))[stays, ]
    for (g in c("no_rt", "rt")) {
      inside <- frame[frame$radiotherapy == g, ]
      curve <- curve_of(inside$time, inside$event)
      middle <- middle_of(curve)
      add(id("n", label, g), nrow(inside))
      add(id("events", label, g), sum(inside$event))
      add(id("median", label, g), middle[1], middle[2], middle[3])
      if (landmark == 90) {
        add(id("events", g), sum(inside$event))
        add(id("median", g), middle[1], middle[2], middle[3])
      }
      s <- at_time(curve, 12 * month)
      known <- 12 * month <= max(inside$time) || s$surv == 0
      if (known) add(id("survival", label, "12_months", g), s$surv, s$lower, s$upper) else add(id("survival", label, "12_months", g), NA)
      add(id("n_at_risk", label, "12_months", g), sum(inside$time >= 12 * month))
    }
    r <- survdiff(Surv(time, event) ~ radiotherapy, frame)
    add(id("chi_square", label), r$chisq)
    add(id("degrees_of_freedom", label), 1)
    add(id("p", label), tail_p(r$chisq))
    fit <- fit_of("radiotherapy", frame)
    add_ratio(stage, paste0(label, ".radiotherapy.rt"), coef(fit)[[1]], sqrt(vcov(fit)[1]))
  }
}

# --- competing events ----------------------------------------------------------------------------
causes <- c("locoregional", "distant", "death")
t <- times$pfs
ended <- d$first_event
for (g in names(groups)) {
  inside <- groups[[g]]
  id <- function(...) paste("first_events", ..., g, sep = ".")
  add(id("n"), sum(inside))
  add(id("missing"), 0)
  add(id("censored"), sum(ended[inside] == "none"))
  here <- data.frame(time = t, ended = ended)[inside, ]
  curve <- survfit(Surv(time, ended) ~ 1, here)
  for (cause in causes) {
    add(id("events", cause), sum(here$ended == cause))
    share <- curve$pstate[, match(cause, curve$states)]
    error <- curve$std.err[, match(cause, curve$states)]
    for (m in c(6, 12, 24)) {
      last <- max(which(curve$time <= m * month), 0)
      p <- if (last) share[last] else 0
      # log(-log(p)) and its error by the delta method
      limits <- if (p > 0) p^exp(c(1, -1) * z * error[last] / abs(p * log(p))) else c(NA, NA)
      add(id("incidence", cause, paste0(m, "_months")), p, limits[1], limits[2])
      add(id("cumulative_events", cause, paste0(m, "_months")), sum(here$ended == cause & here$time <= m * month))
    }
    horizon <- 24 * month
    steps <- c(0, curve$time[curve$time < horizon], horizon)
    add(id("time_lost", cause, "24_months"), sum(c(0, share[curve$time < horizon]) * diff(steps)))
  }
  for (m in c(6, 12, 24)) {
    add(id("n_at_risk", paste0(m, "_months")), sum(here$time >= m * month))
    add(id("cumulative_censored", paste0(m, "_months")), sum(here$ended == "none" & here$time <= m * month))
  }
}
gray <- cuminc(t, as.character(ended), d$radiotherapy, cencode = "none")$Tests
for (cause in causes) {
  add(paste0("first_events.gray.chi_square.", cause), gray[cause, "stat"])
  add(paste0("first_events.gray.degrees_of_freedom.", cause), gray[cause, "df"])
  add(paste0("first_events.gray.p.", cause), tail_p(gray[cause, "stat"], gray[cause, "df"]))
}
for (cause in c("locoregional", "distant")) {
  cox_model(paste0(cause, "_hazard"), "pfs", "radiotherapy", ended == cause)
  stage <- paste0(cause, "_incidence")
  frame <- data.frame(time = t, ended = ended, radiotherapy = d$radiotherapy, id = seq_along(t))
  spread <- finegray(Surv(time, ended) ~ ., frame, etype = cause, id = id)
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ radiotherapy, spread, weights = fgwt, ties = "efron", cluster = id,
               control = exact)
  add(paste0(stage, ".n"), length(t))
  add(paste0(stage, ".events"), sum(ended == cause))
  add(paste0(stage, ".competing_events"), sum(!ended %in% c("none", cause)))
  add(paste0(stage, ".missing"), 0)
  add(paste0(stage, ".events_per_coefficient"), sum(ended == cause))
  add(paste0(stage, ".log_likelihood"), fit$loglik[2])
  add(paste0(stage, ".log_likelihood_null"), fit$loglik[1])
  add_global(stage, "wald", coef(fit)[[1]]^2 / vcov(fit)[1], 1)
  add(paste0(stage, ".hazard_ratio.radiotherapy.no_rt"), 1)
  add_ratio(stage, "radiotherapy.rt", coef(fit)[[1]], sqrt(vcov(fit)[1]))
}

# --- subgroups ------------------------------------------------------------------------------------
interactions <- c("sex", "ecog_group", "cps_group", "recurrence_type", "line_group", "concurrent_chemotherapy")
tests <- sapply(interactions, function(column) {
  frame <- frame_of("pfs", c("radiotherapy", column))
  plain <- fit_of(c("radiotherapy", column), frame)
  levels <- levels(frame[[column]])
  arms <- lapply(levels, function(level) as.integer(frame$radiotherapy == "rt" & frame[[column]] == level))
  names(arms) <- paste0("arm", seq_along(levels))
  wide <- cbind(frame, arms)
  fit <- fit_of(c(column, names(arms)), wide)
  id <- function(...) paste("pfs_subgroups", ..., sep = ".")
  for (i in seq_along(levels)) {
    inside <- frame[frame[[column]] == levels[i], ]
    add(id("n", column, levels[i]), nrow(inside))
    add(id("events", column, levels[i]), sum(inside$event))
    for (g in c("no_rt", "rt")) {
      add(id("n", column, levels[i], g), sum(inside$radiotherapy == g))
      add(id("events", column, levels[i], g), sum(inside$event[inside$radiotherapy == g]))
    }
    arm <- names(arms)[i]
    limits <- ratio_with_limits(fit, arm)
    add(id("hazard_ratio", column, levels[i], "rt"), limits[1], limits[2], limits[3])
    add(id("coefficient", column, levels[i], "rt"), coef(fit)[[arm]])
  }
  df <- length(levels) - 1
  gaps <- cbind(-1, diag(df))
  value <- coef(fit)[names(arms)]
  wald <- drop(t(gaps %*% value) %*% solve(gaps %*% vcov(fit)[names(arms), names(arms)] %*% t(gaps)) %*% (gaps %*% value))
  likelihood <- 2 * (fit$loglik[2] - plain$loglik[2])
  for (test in c("wald", "likelihood_ratio", "")) {
    chi <- if (test == "wald") wald else likelihood
    last <- paste0(column, if (nzchar(test)) paste0(".", test))
    add(id("interaction.chi_square", last), chi)
    add(id("interaction.degrees_of_freedom", last), df)
    add(id("interaction.p", last), tail_p(chi, df))
  }
  tail_p(likelihood, df)
})
for (column in interactions) {
  add(paste0("pfs_subgroups.interaction.p_holm.", column), p.adjust(tests, "holm")[[column]])
  add(paste0("pfs_subgroups.interaction.p_benjamini_hochberg.", column), p.adjust(tests, "BH")[[column]])
}
for (g in c("no_rt", "rt")) {
  add(paste0("pfs_subgroups.n.all.", g), sum(groups[[g]]))
  add(paste0("pfs_subgroups.events.all.", g), sum(d$pfs_event[groups[[g]]]))
}
add("pfs_subgroups.n.all", nrow(d))
add("pfs_subgroups.events.all", sum(d$pfs_event))
limits <- ratio_with_limits(fits$pfs_unadjusted, "radiotherapyrt")
add("pfs_subgroups.hazard_ratio.all.rt", limits[1], limits[2], limits[3])
add("pfs_subgroups.coefficient.all.rt", log(limits[1]))
