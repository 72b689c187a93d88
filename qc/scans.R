# Progression between scans, assumed starts of radiotherapy, and complete cases beside imputed ones.

# --- progression lies between the last scan without it and the one that shows it -------------------
left <- ifelse(!d$pfs_event | is.na(d$progression), d$pfs_days, pmax(days_from_start(d$free), 0))
right <- ifelse(d$pfs_event, d$pfs_days, NA)
middle <- ifelse(d$pfs_event, (left + right) / 2, left)
for (g in names(groups)) {
  inside <- groups[[g]]
  id <- function(...) paste("pfs_between_scans", ..., g, sep = ".")
  add(id("n"), sum(inside))
  add(id("missing"), 0)
  add(id("events"), sum(d$pfs_event[inside]))
  add(id("exact_events"), sum(left[inside] == right[inside], na.rm = TRUE))
  add(id("censored"), sum(!d$pfs_event[inside]))
  curve <- curve_of(middle[inside], d$pfs_event[inside])
  half <- middle_of(curve)
  add(id("midpoint_median"), half[1], half[2], half[3])
  for (m in c(6, 12, 24)) {
    s <- at_time(curve, m * month)
    add(id("midpoint_survival", paste0(m, "_months")), s$surv, s$lower, s$upper)
  }
}

# --- one assumed start of radiotherapy for all who had it ---------------------------------------------
assumed <- function(endpoint, start) {
  t <- times[[endpoint]]
  moved <- is_rt == 1 & t > start
  rows <- rbind(
    data.frame(start = 0, stop = ifelse(moved, start, t), event = events[[endpoint]] & !moved, exposed = 0),
    data.frame(start = start, stop = t, event = events[[endpoint]], exposed = 1)[moved, ])
  rows <- rows[rows$stop > rows$start, ]
  list(fit = suppressWarnings(coxph(Surv(start, stop, event) ~ exposed, rows, ties = "efron", control = exact)), moved = moved)
}
for (endpoint in c("pfs", "os")) {
  stage <- paste0(endpoint, "_tipping_point")
  add(paste0(stage, ".n"), nrow(d))
  add(paste0(stage, ".events"), sum(events[[endpoint]]))
  add(paste0(stage, ".missing"), 0)
  add(paste0(stage, ".n_exposed"), sum(is_rt))
  for (start in c(15, 30, 45, 60, 90, 120)) {
    label <- paste0(start, "_days")
    one <- assumed(endpoint, start)
    add_ratio(stage, paste0(label, ".radiotherapy.rt"), coef(one$fit)[[1]], sqrt(vcov(one$fit)[1]))
    add(paste(stage, "exposed_under_start", label, sep = "."), sum(one$moved))
    add(paste(stage, "exposed_events_under_start", label, sep = "."), sum(events[[endpoint]][one$moved]))
    add(paste(stage, "contradicted", label, sep = "."), sum(is_rt == 1 & !one$moved))
  }
  tips <- c(estimate = NA, limits = NA)
  for (start in 0:max(times[[endpoint]][is_rt == 1] - 1)) {
    fit <- assumed(endpoint, start)$fit
    value <- coef(fit)[[1]]
    if (is.na(value) || abs(value) > 15) next # the likelihood has no maximum
    if (is.na(tips[["limits"]]) && value + z * sqrt(vcov(fit)[1]) >= 0) tips[["limits"]] <- start
    if (value >= 0) {
      tips[["estimate"]] <- start
      break
    }
  }
  for (name in names(tips)) add(paste(stage, "tipping_point", name, sep = "."), tips[[name]])
}

# --- complete cases, and what was measured of the columns that are imputed -------------------------------
d$age_10_years <- d$age_decades
d$cps_20 <- factor(ifelse(d$cps >= 20, "yes", "no"), c("no", "yes"))
d$albumin_per_5 <- d$albumin_5
terms <- c("radiotherapy", "age_10_years", "ecog", "cps_20", "albumin_per_5")
frame <- frame_of("pfs", terms)
for (stage in c("pfs_pooled", "pfs_pooled_low_albumin")) {
  add(paste0(stage, ".n"), nrow(d))
  add(paste0(stage, ".events"), sum(d$pfs_event))
  add(paste0(stage, ".missing"), 0)
  whole <- paste0(stage, ".complete_cases")
  add(paste0(whole, ".n"), nrow(frame))
  add(paste0(whole, ".events"), sum(frame$event))
  add(paste0(whole, ".missing"), nrow(d) - nrow(frame))
  add_terms(whole, terms, fit_of(terms, frame), frame)
}
imputed <- c("age_days", "ecog", "cps", "albumin_g_l")
beside_them <- c("radiotherapy", "sex", "recurrence_type", "line_group", "prior_platinum")
for (stage in c("completed", "completed_low_albumin")) {
  add(paste0(stage, ".n"), nrow(d))
  add(paste0(stage, ".complete_cases"), sum(complete.cases(d[c(imputed, beside_them)])))
  for (column in c(imputed, beside_them)) {
    x <- d[[column]]
    add(paste(stage, "missing", column, sep = "."), sum(is.na(x)))
    if (!column %in% imputed) next
    id <- function(...) paste(stage, ..., column, "observed", sep = ".")
    add(id("mean"), mean(x, na.rm = TRUE))
    add(id("standard_deviation"), sd(x, na.rm = TRUE))
    for (share in c(5, 25, 50, 75, 95)) add(id("quantile", share), quantile(x, share / 100, na.rm = TRUE, type = 7))
  }
}
