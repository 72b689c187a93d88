# Clones of two strategies, weighted against artificial censoring. See timing.R.
# Limits and standard errors come from random samples and are not told.

clone_censor_weight <- function(study, stage, endpoint, grace, terms, at_months) {
  all <- exposed_follow_up(study, stage, endpoint, terms)
  of <- states_of(study)
  arms <- lapply(of, function(strategy) weighted_clones(all$kept, grace, strategy, terms))
  curves <- lapply(arms, function(arm) {
    survfit(Surv(start, stop, status) ~ 1, arm$rows, weights = weight)
  })
  for (group in names(of)) {
    arm <- arms[[group]]
    tell <- teller(stage, nrow(arm$clones), sum(arm$clones$status), all$missing)
    late <- with(arm$rows, weight[start <= grace & stop > grace])
    tell(id("n", group), nrow(arm$clones))
    tell(id("events", group), sum(arm$clones$status))
    tell(id("artificially_censored", group), sum(arm$clones$deviates))
    tell(id("n_after_grace", group), length(late))
    tell(id("largest_weight", group), max(1, arm$rows$weight), rule = "iterated")
    tell(id("mean_weight", group), mean(late), rule = "iterated")
    tell(id("effective_n", group), sum(late)^2 / sum(late^2), rule = "iterated")
    tell(id("median", group), quantile(curves[[group]], .5, conf.int = FALSE), rule = "iterated")
  }
  rows <- do.call(rbind, lapply(names(of), function(group) cbind(arms[[group]]$rows, strategy = of[[group]])))
  ratio <- function(rows) {
    exp(coef(coxph(Surv(start, stop, status) ~ strategy, rows, weights = weight, control = closely)))
  }
  # Comparisons stand under the level of those who start: they count its clones.
  clones <- arms[[2]]$clones
  start <- teller(stage, nrow(clones), sum(clones$status), all$missing)
  start(id("hazard_ratio", name_of_exposure(study)), ratio(rows), rule = "iterated")
  for (months in at_months) {
    words <- paste0(months, "_months")
    days <- months * study$month
    survival <- sapply(curves, function(curve) curve_at(curve, days)[1])
    mean <- sapply(curves, area_until, days)
    for (group in names(of)) {
      clones <- arms[[group]]$clones
      tell <- teller(stage, nrow(clones), sum(clones$status), all$missing)
      tell(id("survival", words, group), survival[[group]], rule = "iterated")
      tell(id("restricted_mean", words, group), mean[[group]], rule = "iterated")
    }
    start(id("survival_difference", words), survival[[2]] - survival[[1]], rule = "iterated")
    start(id("restricted_mean_difference", words), mean[[2]] - mean[[1]], rule = "iterated")
    until <- rows[rows$start < days, ]
    until$status <- until$status * (until$stop <= days)
    until$stop <- pmin(until$stop, days)
    start(id("hazard_ratio", words, name_of_exposure(study)), ratio(until), rule = "iterated")
  }
}

# Clones of one strategy (1: start within the grace period, 0: do not), censored when they
# deviate, and their follow-up in rows of constant weight.
weighted_clones <- function(clones, grace, strategy, terms) {
  started <- !is.na(clones$begun) & clones$begun <= grace
  deviates <- if (strategy == 0) started else !started & clones$time > grace
  clones$end <- ifelse(deviates, if (strategy == 0) clones$begun else grace, clones$time)
  clones$status <- ifelse(deviates, 0, clones$event)
  clones$deviates <- as.integer(deviates)
  clones[terms] <- lapply(clones[terms], function(x) if (is.factor(x)) droplevels(x) else x)
  fit <- coxph(reformulate(terms, "Surv(end, deviates)"), clones, control = closely)
  hazard <- basehaz(fit, centered = FALSE)
  hazard <- hazard[diff(c(0, hazard$hazard)) > 0, ]
  columns <- model.matrix(reformulate(terms), clones)[, names(coef(fit)), drop = FALSE]
  risk <- exp(drop(columns %*% coef(fit)))
  rows <- lapply(seq_len(nrow(clones)), function(i) {
    passed <- hazard$time < clones$end[i]
    edges <- c(0, hazard$time[passed], clones$end[i])
    data.frame(start = head(edges, -1), stop = edges[-1],
               status = c(rep(0, sum(passed)), clones$status[i]),
               weight = exp(c(0, hazard$hazard[passed]) * risk[i]))
  })
  rows <- do.call(rbind, rows)
  list(clones = clones, rows = rows[rows$stop > rows$start, ])
}

# Area under a curve's steps.
area_until <- function(curve, days) {
  inside <- curve$time < days
  sum(diff(c(0, curve$time[inside], days)) * c(1, curve$surv[inside]))
}
