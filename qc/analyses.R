# The analyses of the plan, each by R's own functions or by the textbook formula, under the
# ids of the study's findings. Times are in days; a level that does not exist in a group has
# no number. `add(id, value, lower, upper)`: NA says that the number cannot be had, and a limit
# left out is not compared.

month <- 30.4375
z <- qnorm(0.975)
found <- new.env()
found$rows <- list()
add <- function(id, value, lower = NULL, upper = NULL) {
  cell <- function(number) if (is.null(number)) "" else if (is.na(number)) "NA" else sprintf("%.17g", as.numeric(number))
  found$rows[[length(found$rows) + 1]] <- c(id = id, value = cell(value), lower = cell(lower), upper = cell(upper))
}
groups <- list(no_rt = d$radiotherapy == "no_rt", rt = d$radiotherapy == "rt", all = rep(TRUE, nrow(d)))
is_rt <- as.integer(d$radiotherapy == "rt")

# --- patients at baseline --------------------------------------------------------
for (g in names(groups)) add(paste0("baseline.n.", g), sum(groups[[g]]))
two <- function(x) list(x[groups$no_rt & !is.na(x)], x[groups$rt & !is.na(x)])
smd_of_shares <- function(shares) {
  shares <- shares[, colSums(shares) > 0, drop = FALSE]
  gap <- (shares[2, ] - shares[1, ])[-1]
  spread <- function(p) diag(p, length(p)) - tcrossprod(p)
  pooled <- (spread(shares[1, -1]) + spread(shares[2, -1])) / 2
  if (length(gap) == 1) gap / sqrt(pooled[1]) else sqrt(drop(gap %*% solve(pooled, gap)))
}
baseline <- c("age_years", "sex", "ecog_group", "smoking_status", "smoking_pack_years", "subsite", "recurrence_type", "p16",
  "cps_group", "line_group", "prior_platinum", "concurrent_chemotherapy", "albumin_g_l", "hemoglobin_g_l", "nlr", "ldh_ratio", "crp_mg_l")
for (column in baseline) {
  x <- d[[column]]
  id <- function(statistic, ...) paste(c("baseline", statistic, column, ...), collapse = ".")
  for (g in names(groups)) {
    y <- x[groups[[g]]]
    known <- y[!is.na(y)]
    add(id("n", g), length(known))
    add(id("missing", g), sum(is.na(y)))
    if (is.factor(x)) for (level in levels(x)) {
      add(id("count", level, g), sum(known == level))
      add(id("proportion", level, g), mean(known == level))
    } else {
      add(id("mean", g), mean(known))
      add(id("standard_deviation", g), sd(known))
      add(id("median", g), median(known))
      add(id("lower_quartile", g), quantile(known, 0.25, type = 7))
      add(id("upper_quartile", g), quantile(known, 0.75, type = 7))
      add(id("minimum", g), min(known))
      add(id("maximum", g), max(known))
    }
  }
  if (is.factor(x)) {
    counts <- table(d$radiotherapy, droplevels(x))
    pearson <- suppressWarnings(chisq.test(counts, correct = FALSE))
    fisher <- fisher.test(counts, workspace = 2e7)$p.value
    # Fisher's test where an expected count is below 5
    add(id("p"), if (any(pearson$expected < 5)) fisher else pearson$p.value)
    add(id("p", "pearson"), pearson$p.value)
    add(id("statistic", "pearson"), pearson$statistic)
    add(id("degrees_of_freedom", "pearson"), pearson$parameter)
    add(id("p", "fisher"), fisher)
    add(id("smd", "rt"), smd_of_shares(prop.table(counts, 1)))
  } else {
    sides <- two(x)
    rank <- wilcox.test(sides[[1]], sides[[2]], exact = FALSE, correct = TRUE)
    welch <- t.test(sides[[2]], sides[[1]])
    add(id("p"), rank$p.value)
    add(id("p", "rank"), rank$p.value)
    add(id("statistic", "rank"), rank$statistic)
    add(id("p", "welch"), welch$p.value)
    add(id("statistic", "welch"), welch$statistic)
    add(id("degrees_of_freedom", "welch"), welch$parameter)
    add(id("smd", "rt"), (mean(sides[[2]]) - mean(sides[[1]])) / sqrt((var(sides[[1]]) + var(sides[[2]])) / 2))
  }
}

# --- response -----------------------------------------------------------------------
wilson <- function(k, n) {
  p <- k / n
  (p + z^2 / (2 * n) + c(-1, 1) * z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))) / (1 + z^2 / n)
}
# The conditional odds ratio with exact limits; fisher.test gives the same to four digits,
# as it stops its search there.
conditional_odds <- function(counts) {
  m <- sum(counts[1, ])
  n <- sum(counts[2, ])
  k <- sum(counts[, 1])
  support <- max(0, k - n):min(k, m)
  base <- dhyper(support, m, n, k, log = TRUE)
  chance <- function(log_odds) {
    p <- exp(base + log_odds * support - max(base + log_odds * support))
    p / sum(p)
  }
  seen <- counts[1, 1]
  solve_for <- function(gap) exp(uniroot(function(b) gap(chance(b)), c(-20, 20), tol = 1e-14)$root)
  c(solve_for(function(p) sum(p * support) - seen), solve_for(function(p) sum(p[support >= seen]) - 0.025),
    solve_for(function(p) sum(p[support <= seen]) - 0.025))
}
response_rates <- function(stage, all_best) {
  for (g in names(groups)) {
    best <- all_best[groups[[g]]]
    add(paste0(stage, ".n.", g), length(best))
    add(paste0(stage, ".missing.", g), 0)
    for (level in c("CR", "PR", "SD", "PD", "NE")) {
      add(paste(stage, "count", tolower(level), g, sep = "."), sum(best == level))
      add(paste(stage, "proportion", tolower(level), g, sep = "."), mean(best == level))
    }
  }
  for (name in c("orr", "dcr")) {
    yes <- all_best %in% if (name == "orr") c("CR", "PR") else c("CR", "PR", "SD")
    id <- function(...) paste(stage, name, ..., sep = ".")
    for (g in names(groups)) {
      k <- sum(yes[groups[[g]]])
      n <- sum(groups[[g]])
      limits <- wilson(k, n)
      add(id(g), k / n, limits[1], limits[2])
      add(id(g, "wilson"), k / n, limits[1], limits[2])
      exact <- binom.test(k, n)$conf.int
      add(id(g, "clopper_pearson"), k / n, exact[1], exact[2])
    }
    counts <- table(factor(is_rt, 1:0), factor(yes, c(TRUE, FALSE)))
    yates <- chisq.test(counts, correct = TRUE)
    pearson <- chisq.test(counts, correct = FALSE)
    fisher <- fisher.test(counts)
    here <- dhyper(counts[1, 1], sum(counts[1, ]), sum(counts[2, ]), sum(counts[, 1]))
    add(id("p"), yates$p.value)
    add(id("p.yates"), yates$p.value)
    add(id("chi_square.yates"), yates$statistic)
    add(id("p.pearson"), pearson$p.value)
    add(id("chi_square.pearson"), pearson$statistic)
    add(id("p.fisher"), fisher$p.value)
    add(id("p.mid_p"), fisher$p.value - here / 2)
    k <- counts[, 1]
    n <- rowSums(counts)
    share <- k / n
    a <- wilson(k[1], n[1])
    b <- wilson(k[2], n[2])
    gap <- share[1] - share[2]
    add(id("risk_difference.rt"), gap, gap - sqrt((share[1] - a[1])^2 + (b[2] - share[2])^2),
        gap + sqrt((a[2] - share[1])^2 + (share[2] - b[1])^2))
    ratio <- (counts[1, 1] * counts[2, 2]) / (counts[1, 2] * counts[2, 1])
    wide <- exp(z * sqrt(sum(1 / counts)))
    add(id("odds_ratio.rt"), ratio, ratio / wide, ratio * wide)
    exact <- conditional_odds(counts)
    add(id("odds_ratio.rt.conditional"), exact[1], exact[2], exact[3])
    relative <- share[1] / share[2]
    wide <- exp(z * sqrt(sum(1 / k - 1 / n)))
    add(id("relative_risk.rt"), relative, relative / wide, relative * wide)
    if (name == "orr") result <- c(relative, relative / wide, relative * wide)
  }
  result
}
response_ratio <- response_rates("response_by_rt", d$best)
invisible(response_rates("confirmed_response_by_rt", d$confirmed))

# --- survival curves --------------------------------------------------------------------
curve_of <- function(time, event) survfit(Surv(time, event) ~ 1, conf.type = "log-log")
at_time <- function(curve, time) {
  last <- max(which(curve$time <= time), 0)
  if (last == 0) return(list(surv = 1, lower = 1, upper = 1))
  list(surv = curve$surv[last], lower = curve$lower[last], upper = curve$upper[last])
}
middle_of <- function(curve) {
  q <- quantile(curve, 0.5)
  unname(c(q$quantile, q$lower, q$upper))
}
restricted <- function(curve, horizon) {
  inside <- curve$time < horizon
  steps <- c(0, curve$time[inside], horizon)
  areas <- c(1, curve$surv[inside]) * diff(steps)
  left <- rev(cumsum(rev(areas)))[-1] # area behind each time
  r <- curve$n.risk[inside]
  e <- curve$n.event[inside]
  gaps <- ifelse(r > e, left^2 * e / (r * (r - e)), 0)
  c(mean = sum(areas), error = sqrt(sum(gaps)))
}
wald <- function(id, value, error) add(id, value, value - z * error, value + z * error)

describe_curve <- function(stage, time, event, at = c(), means = c(), reverse = FALSE, by = names(groups)) {
  for (g in by) {
    inside <- groups[[g]] & !is.na(time)
    t <- time[inside]
    e <- event[inside]
    curve <- curve_of(t, if (reverse) !e else e)
    id <- function(...) paste(stage, ..., g, sep = ".")
    add(id("n"), length(t))
    add(id("missing"), sum(groups[[g]] & is.na(time)))
    add(id("events"), sum(e))
    add(id("censored"), sum(!e))
    middle <- middle_of(curve)
    add(id(if (reverse) "median_follow_up" else "median"), middle[1], middle[2], middle[3])
    add(id("shortest_follow_up"), min(t))
    add(id("longest_follow_up"), max(t))
    for (m in at) {
      when <- m * month
      s <- at_time(curve, when)
      known <- when <= max(t) || s$surv == 0
      label <- paste0(m, "_months")
      if (known) add(id("survival", label), s$surv, s$lower, s$upper) else add(id("survival", label), NA)
      add(id("n_at_risk", label), sum(t >= when))
      add(id("cumulative_events", label), sum(e & t <= when))
      add(id("cumulative_censored", label), sum(!e & t <= when))
    }
    for (m in means) {
      mean <- restricted(curve, m * month)
      wald(id("restricted_mean", paste0(m, "_months")), mean[["mean"]], mean[["error"]])
    }
  }
}
times <- list(pfs = d$pfs_days, os = d$os_days, os_early = d$os_early_days, os_late = d$os_late_days)
events <- list(pfs = d$pfs_event, os = d$os_event, os_early = d$os_event, os_late = d$os_event)
for (endpoint in c("pfs", "os")) {
  describe_curve(paste0(endpoint, "_by_rt"), times[[endpoint]], events[[endpoint]], c(6, 12, 18, 24, 30), c(12, 24))
}
for (endpoint in c("os_early", "os_late")) describe_curve(paste0(endpoint, "_by_rt"), times[[endpoint]], events[[endpoint]])
describe_curve("follow_up", d$os_days, d$os_event, reverse = TRUE, by = "all")
describe_curve("follow_up_by_rt", d$os_days, d$os_event, reverse = TRUE)
describe_curve("duration_of_response", d$dor_days, d$dor_event, c(6, 12))

# --- tests of two curves: weighted sums over the event times ---------------------------
# Time runs from `start`, so that a patient may pass from one group to the other.
two_curves <- function(start, stop, event, group, weight_of = function(at) rep(1, nrow(at))) {
  at <- do.call(rbind, lapply(sort(unique(stop[event])), function(t) {
    risk <- start < t & stop >= t
    died <- event & stop == t
    c(n = sum(risk), n1 = sum(risk & group == 1), d = sum(died), d1 = sum(died & group == 1))
  }))
  w <- weight_of(at)
  n <- at[, "n"]
  share <- at[, "n1"] / n
  deaths <- at[, "d"]
  spread <- ifelse(n > 1, deaths * share * (1 - share) * (n - deaths) / pmax(n - 1, 1), 0)
  list(observed = c(sum(w * (deaths - at[, "d1"])), sum(w * at[, "d1"])),
       expected = c(sum(w * deaths * (1 - share)), sum(w * deaths * share)),
       chi_square = sum(w * (at[, "d1"] - deaths * share))^2 / sum(w^2 * spread),
       z = sum(w * (at[, "d1"] - deaths * share)) / sqrt(sum(w^2 * spread)))
}
tail_p <- function(chi_square, df = 1) pchisq(chi_square, df, lower.tail = FALSE)
add_test <- function(stage, test, suffix = "", counts = TRUE) {
  add(paste0(stage, ".chi_square", suffix), test$chi_square)
  add(paste0(stage, ".degrees_of_freedom", suffix), 1)
  add(paste0(stage, ".p", suffix), tail_p(test$chi_square))
  if (counts) for (i in 1:2) {
    add(paste0(stage, ".observed", suffix, ".", names(groups)[i]), test$observed[i])
    add(paste0(stage, ".expected", suffix, ".", names(groups)[i]), test$expected[i])
  }
}
curve_before <- function(at) c(1, cumprod(1 - at[, "d"] / at[, "n"]))[seq_len(nrow(at))]
weights <- list(
  log_rank = function(at) rep(1, nrow(at)),
  gehan = function(at) at[, "n"],
  tarone_ware = function(at) sqrt(at[, "n"]),
  peto_peto = function(at) cumprod(1 - at[, "d"] / (at[, "n"] + 1)),
  fleming_harrington_0_1 = function(at) 1 - curve_before(at),
  fleming_harrington_1_1 = function(at) curve_before(at) * (1 - curve_before(at)))
# deaths without a day, as early and as late as they can have been
for (endpoint in c("os_early", "os_late")) {
  stage <- paste0(endpoint, "_log_rank")
  r <- survdiff(Surv(times[[endpoint]], events[[endpoint]]) ~ d$radiotherapy)
  add_test(stage, list(chi_square = r$chisq, observed = r$obs, expected = r$exp))
  for (i in 1:2) add(paste0(stage, ".n.", names(groups)[i]), r$n[i])
}
span <- d$death_day_span[!is.na(d$death_day_span)]
for (what in c("rows", "patients")) add(paste0("deaths_without_day.n.", what), length(span))
add("deaths_without_day.missing.death_day_span", 0)
for (q in list(c("median", 0.5), c("lower_quartile", 0.25), c("upper_quartile", 0.75))) {
  add(paste0("deaths_without_day.", q[1], ".death_day_span"), quantile(span, as.numeric(q[2]), type = 7))
}
for (endpoint in c("pfs", "os")) {
  t <- times[[endpoint]]
  e <- events[[endpoint]]
  stage <- paste0(endpoint, "_log_rank")
  r <- survdiff(Surv(t, e) ~ d$radiotherapy)
  add_test(stage, list(chi_square = r$chisq, observed = r$obs, expected = r$exp))
  for (i in 1:2) add(paste0(stage, ".n.", names(groups)[i]), r$n[i])
  stage <- paste0(endpoint, "_tests")
  for (g in c("no_rt", "rt")) {
    add(paste0(stage, ".n.", g), sum(groups[[g]]))
    add(paste0(stage, ".missing.", g), 0)
    add(paste0(stage, ".events.", g), sum(e[groups[[g]]]))
  }
  run <- function(weight) two_curves(rep(-1, length(t)), t, e, is_rt, weight)
  for (name in names(weights)) add_test(stage, run(weights[[name]]), paste0(".", name))
  sizes <- c(run(weights$log_rank)$z, run(weights$fleming_harrington_0_1)$z, run(curve_before)$z, run(weights$fleming_harrington_1_1)$z)
  add(paste0(stage, ".statistic.max_combo"), max(abs(sizes)))

  stage <- paste0(endpoint, "_differences")
  curves <- lapply(1:2, function(i) curve_of(t[groups[[i]]], e[groups[[i]]]))
  for (g in c("no_rt", "rt")) {
    add(paste0(stage, ".n.", g), sum(groups[[g]]))
    add(paste0(stage, ".missing.", g), 0)
    add(paste0(stage, ".events.", g), sum(e[groups[[g]]]))
  }
  two_sided <- function(value, error) 2 * pnorm(-abs(value / error))
  for (m in c(12, 24)) {
    label <- paste0(m, "_months")
    at <- lapply(curves, function(curve) {
      last <- max(which(curve$time <= m * month))
      list(surv = curve$surv[last], lower = curve$lower[last], upper = curve$upper[last], error = curve$surv[last] * curve$std.err[last])
    })
    means <- lapply(curves, restricted, m * month)
    for (i in 1:2) {
      g <- names(groups)[i]
      add(paste(stage, "survival", label, g, sep = "."), at[[i]]$surv, at[[i]]$lower, at[[i]]$upper)
      wald(paste(stage, "restricted_mean", label, g, sep = "."), means[[i]][["mean"]], means[[i]][["error"]])
    }
    id <- function(...) paste(stage, ..., label, "rt", sep = ".")
    gap <- at[[2]]$surv - at[[1]]$surv
    error <- sqrt(at[[1]]$error^2 + at[[2]]$error^2)
    wald(id("survival_difference"), gap, error)
    add(id("p.survival_difference"), two_sided(gap, error))
    gap <- means[[2]][["mean"]] - means[[1]][["mean"]]
    error <- sqrt(means[[1]][["error"]]^2 + means[[2]][["error"]]^2)
    wald(id("restricted_mean_difference"), gap, error)
    add(id("p.restricted_mean_difference"), two_sided(gap, error))
    log_ratio <- log(means[[2]][["mean"]] / means[[1]][["mean"]])
    error <- sqrt(sum(vapply(means, function(one) (one[["error"]] / one[["mean"]])^2, 0)))
    add(id("restricted_mean_ratio"), exp(log_ratio), exp(log_ratio - z * error), exp(log_ratio + z * error))
    add(id("p.restricted_mean_ratio"), two_sided(log_ratio, error))
  }
}
