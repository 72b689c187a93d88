# Writes the findings of the kinds of analysis that compare or weigh curves, by
# id, as ../analyze does: vectors of value, lower, upper and standard error.
library(survival)
library(mvtnorm)
source(file.path("tests", "reference", "json.R"), local = TRUE)

month <- 30.4375
z <- qnorm(.975)
findings <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))

# Curves: survival, numbers at risk, hazard, median, restricted mean.
curve <- function(stage, fit, group, weight = NULL, cluster = NULL, end = NULL) {
  robust <- !is.null(weight)
  for (months in c(6, 12)) {
    t <- months * month
    id <- paste0(months, "_months.", group)
    at <- summary(fit, times = t)
    i <- max(which(fit$time <= t))
    error <- at$std.err
    lower <- at$lower; upper <- at$upper
    if (isTRUE(all.equal(fit$surv, exp(-fit$cumhaz)))) {
      # With stype = 2 the error of log S is the hazard's.
      error <- at$surv * fit$std.chaz[i]
      log_surv <- log(at$surv)
      ratio <- exp(-z * fit$std.chaz[i] / log_surv)
      lower <- exp(log_surv * ratio); upper <- exp(log_surv / ratio)
    }
    add(stage, paste0("survival.", id), at$surv, lower, upper, error)
    h <- fit$cumhaz[i]; s <- fit$std.chaz[i]
    add(stage, paste0("cumulative_hazard.", id), h, h * exp(-z * s / h), h * exp(z * s / h), s)
    if (robust) add(stage, paste0("weighted_n_at_risk.", id), sum(weight[end >= t]))
    if (robust) add(stage, paste0("n_at_risk.", id), sum(end >= t))
    else add(stage, paste0("n_at_risk.", id), at$n.risk)
  }
  median <- quantile(fit, .5)
  add(stage, paste0("median.", group), median$quantile, median$lower, median$upper)
}
mean_of <- function(stage, id, area, error) add(stage, id, area, area - z * error, area + z * error, error)
area <- function(fit, tau) {
  inside <- fit$time < tau
  sum(c(1, fit$surv[inside]) * diff(c(0, fit$time[inside], tau)))
}

# Weighted curves of lung by group, with clusters and without, and restricted means by R's residuals.
lung <- read_data("lung_complete")
tau <- 20 * month
for (clustered in c(FALSE, TRUE)) {
  stage <- if (clustered) "clustered" else "weighted"
  lung$unit <- if (clustered) lung$cluster else seq_len(nrow(lung))
  for (g in 0:1) {
    own <- lung[lung$group == g, ]
    fit <- survfit(Surv(time, event) ~ 1, own, weights = own$weight, cluster = own$unit,
                   robust = TRUE, conf.type = "log-log")
    curve(stage, fit, g, own$weight, own$unit, own$time)
    residual <- residuals(fit, times = tau, type = "rmst", weighted = TRUE)
    error <- sqrt(sum(rowsum(c(residual), own$unit)^2))
    mean_of(stage, paste0("restricted_mean.20_months.", g), area(fit, tau), error)
    add(stage, paste0("weighted_n.", g), sum(own$weight))
    add(stage, paste0("weighted_events.", g), sum(own$weight[own$event == 1]))
    add(stage, paste0("effective_n.", g), sum(own$weight)^2 / sum(own$weight^2))
  }
  # Group 1 against group 0; what a unit adds to both is taken together.
  fits <- lapply(0:1, function(g) {
    own <- lung[lung$group == g, ]
    survfit(Surv(time, event) ~ 1, own, weights = own$weight, robust = TRUE, cluster = seq_len(nrow(own)))
  })
  stage <- paste0(stage, "_difference")
  added <- function(type, t, scale = c(1, 1)) {
    total <- numeric(0); unit <- numeric(0)
    for (g in 0:1) {
      # residuals() looks the data up again, by this name, out here.
      own <<- lung[lung$group == g, ]
      residual <- c(residuals(fits[[g + 1]], times = t, type = type, weighted = TRUE))
      total <- c(total, c(-1, 1)[g + 1] * scale[g + 1] * residual); unit <- c(unit, own$unit)
    }
    sqrt(sum(rowsum(total, unit)^2))
  }
  contrast <- function(name, t, d, error, ratio = FALSE) {
    limits <- d + c(0, -z, z) * error
    if (ratio) limits <- exp(limits)
    add(stage, paste0(name, ".1"), limits, error)
    add(stage, paste0("p.", name, ".1"), 2 * pnorm(-abs(d / error)))
  }
  t <- 12 * month
  s <- vapply(fits, function(fit) summary(fit, times = t)$surv, 0)
  contrast("survival_difference.12_months", t, s[2] - s[1], added("survival", t))
  a <- vapply(fits, area, 0, tau = tau)
  contrast("restricted_mean_difference.20_months", tau, a[2] - a[1], added("rmst", tau))
  contrast("restricted_mean_ratio.20_months", tau, log(a[2] / a[1]), added("rmst", tau, 1 / a), TRUE)
}

# Late entry, and curves by the cumulative hazard.
late <- read_data("lung_late")
curve("late", survfit(Surv(start, stop, event) ~ 1, late, conf.type = "log-log"), "all")
curve("late_fleming_harrington",
      survfit(Surv(start, stop, event) ~ 1, late, stype = 2, ctype = 2, conf.type = "log-log"), "all")
# The table under the curves: at risk are start < t <= stop. R's summary says
# the same at every time of its own; between two it looks ahead to the next.
under <- function(frame, g) {
  own <- frame[frame$group == g, ]
  fit <- survfit(Surv(start, stop, event) ~ 1, own)
  count <- function(t) sum(own$start < t & own$stop >= t)
  stopifnot(vapply(fit$time, count, 0) == summary(fit, times = fit$time)$n.risk)
  times <- sort(c(fit$time[c(1, 10, 20)], 1, 20, 3.5 * 30, own$start[own$start > 0][1:5]))
  for (t in times) add("late_risk_table", paste0(t, ".", g), count(t))
}
for (g in 0:1) under(late, g)
veteran <- read_data("veteran")
for (g in 1:2) {
  own <- veteran[veteran$trt == g, ]
  curve("nelson_aalen", survfit(Surv(time, event) ~ 1, own, stype = 2, ctype = 1, conf.type = "log-log"), g)
}

# Differences without weights: lung by sex, deaths of colon by treatment.
plain <- function(stage, frame, by, reference, other, months, horizon) {
  fits <- lapply(c(reference, other), function(level)
    survfit(Surv(time, event) ~ 1, frame[frame[[by]] == level, ], conf.type = "log-log"))
  at <- lapply(fits, summary, times = months * month)
  for (i in 1:2) add(stage, paste0("survival.", months, "_months.", c(reference, other)[i]),
                     at[[i]]$surv, at[[i]]$lower, at[[i]]$upper, at[[i]]$std.err)
  means <- vapply(fits, function(fit) summary(fit, rmean = horizon * month)$table[c("rmean", "se(rmean)")], c(0, 0))
  for (i in 1:2) mean_of(stage, paste0("restricted_mean.", horizon, "_months.", c(reference, other)[i]), means[1, i], means[2, i])
  tell <- function(name, d, error, turn = identity) {
    add(stage, paste0(name, ".", other), turn(d), turn(d - z * error), turn(d + z * error), error)
    add(stage, paste0("p.", name, ".", other), 2 * pnorm(-abs(d / error)))
  }
  tell(paste0("survival_difference.", months, "_months"), at[[2]]$surv - at[[1]]$surv,
       sqrt(at[[1]]$std.err^2 + at[[2]]$std.err^2))
  tell(paste0("restricted_mean_difference.", horizon, "_months"), means[1, 2] - means[1, 1], sqrt(sum(means[2, ]^2)))
  tell(paste0("restricted_mean_ratio.", horizon, "_months"), log(means[1, 2] / means[1, 1]),
       sqrt(sum((means[2, ] / means[1, ])^2)), exp)
}
plain("difference_lung", read_data("lung"), "sex", 1, 2, 12, 20)
plain("difference_colon", read_data("colon_death"), "lev_5fu", 0, 1, 36, 60)

# Comparisons, from the formulas; survdiff gives the first again.
sums <- function(frame, weigh) {
  times <- sort(unique(frame$time[frame$event == 1]))
  k <- nlevels(frame$by)
  o <- e <- numeric(k); v <- matrix(0, k, k); before <- 1; peto <- 1
  for (t in times) {
    r <- tabulate(frame$by[frame$time >= t], k); x <- tabulate(frame$by[frame$time == t & frame$event == 1], k)
    n <- sum(r); d <- sum(x); peto <- peto * (1 - d / (n + 1))
    w <- weigh(n, before, peto)
    o <- o + w * x; e <- e + w * d * r / n
    if (n > 1) v <- v + w^2 * d * (n - d) / (n - 1) * (diag(r / n, k) - outer(r, r) / n^2)
    before <- before * (1 - d / n)
  }
  list(o = o, e = e, v = v)
}
weights <- list(
  log_rank = function(n, s, p) 1, gehan = function(n, s, p) n, tarone_ware = function(n, s, p) sqrt(n),
  peto_peto = function(n, s, p) p, modified_peto_peto = function(n, s, p) p * n / (n + 1),
  fleming_harrington_0_1 = function(n, s, p) 1 - s, fleming_harrington_1_0 = function(n, s, p) s,
  fleming_harrington_1_1 = function(n, s, p) s * (1 - s))
total <- function(frame, weigh) {
  parts <- lapply(split(frame, frame$stratum), sums, weigh)
  list(o = Reduce(`+`, lapply(parts, `[[`, "o")), e = Reduce(`+`, lapply(parts, `[[`, "e")),
       v = Reduce(`+`, lapply(parts, `[[`, "v")))
}
test <- function(stage, frame, prefix = "", suffix = "", only = names(weights)) {
  p <- c()
  for (name in only) {
    found <- total(frame, weights[[name]])
    used <- which(found$e > 0)[-1]
    d <- (found$o - found$e)[used]
    chi <- sum(d * solve(found$v[used, used], d))
    add(stage, paste0(prefix, "chi_square.", name, suffix), chi)
    add(stage, paste0(prefix, "degrees_of_freedom.", name, suffix), length(used))
    p[name] <- pchisq(chi, length(used), lower.tail = FALSE)
    add(stage, paste0(prefix, "p.", name, suffix), p[[name]])
    if (name == "log_rank") stopifnot(all.equal(chi, survdiff(Surv(time, event) ~ by + strata(stratum), frame)$chisq))
    if (prefix == "") for (g in seq_along(found$o)) {
      add(stage, paste0("observed.", name, ".", levels(frame$by)[g]), found$o[g])
      add(stage, paste0("expected.", name, ".", levels(frame$by)[g]), found$e[g])
    }
  }
  p
}
trend <- function(stage, frame, scores) for (name in names(weights)) {
  found <- total(frame, weights[[name]])
  score <- sum(scores * (found$o - found$e)) / sqrt(sum(scores * (found$v %*% scores)))
  add(stage, paste0("trend.z.", name), score)
  add(stage, paste0("trend.p.", name), 2 * pnorm(-abs(score)))
}
veteran$by <- factor(ifelse(veteran$smallcell == 1, "small_cell",
  ifelse(veteran$adeno == 1, "adeno", ifelse(veteran$large == 1, "large", "squamous"))),
  levels = c("squamous", "small_cell", "adeno", "large"))
veteran$stratum <- 1
invisible(test("comparison", veteran))
trend("comparison", veteran, 0:3)
for (name in c("log_rank", "gehan")) {
  pairs <- combn(levels(veteran$by), 2)
  p <- apply(pairs, 2, function(pair) {
    own <- droplevels(veteran[veteran$by %in% pair, ])
    test("comparison", own, "pairwise.", paste0(".", pair[1], ".", pair[2]), name)
  })
  for (i in seq_along(p)) {
    id <- paste0("pairwise.p.", name, ".", pairs[1, i], ".", pairs[2, i])
    add("comparison", paste0(id, ".holm"), p.adjust(p, "holm")[i])
    add("comparison", paste0(id, ".benjamini_hochberg"), p.adjust(p, "BH")[i])
  }
  if (name == "log_rank" && requireNamespace("survminer", quietly = TRUE)) {
    other <- survminer::pairwise_survdiff(Surv(time, event) ~ by, veteran, p.adjust.method = "holm")$p.value
    for (i in seq_along(p)) stopifnot(isTRUE(all.equal(other[pairs[2, i], pairs[1, i]], p.adjust(p, "holm")[[i]])))
  }
}
stratified <- read_data("lung"); stratified <- stratified[!is.na(stratified$ph_ecog), ]
stratified$by <- factor(stratified$sex); stratified$stratum <- stratified$ph_ecog
invisible(test("stratified_comparison", stratified))
# MaxCombo of lung by sex.
whole <- read_data("lung"); whole$by <- factor(whole$sex); whole$stratum <- 1
four <- weights[c("log_rank", "fleming_harrington_0_1", "fleming_harrington_1_0", "fleming_harrington_1_1")]
set.seed(1)
each <- vapply(four, function(w) { f <- total(whole, w); (f$o - f$e)[2] / sqrt(f$v[2, 2]) }, 0)
covariance <- outer(1:4, 1:4, Vectorize(function(a, b) {
  both <- function(n, s, p) sqrt(four[[a]](n, s, p) * four[[b]](n, s, p))
  total(whole, both)$v[2, 2]
}))
largest <- max(abs(each))
add("max_combo", "statistic.max_combo", largest)
add("max_combo", "p.max_combo", 1 - pmvnorm(rep(-largest, 4), rep(largest, 4), corr = cov2cor(covariance),
                                            algorithm = GenzBretz(2e6, 1e-7)))

# Interval censoring: both arms of the cosmetic data, from the estimates of ../turnbull.
kept <- jsonlite::fromJSON(file.path("tests", "reference", "turnbull", "values.json"), simplifyVector = FALSE)$cases
for (arm in 1:2) {
  found <- Filter(function(case) case$data == paste0("cosmesis_", arm), kept)[[1]]
  number <- function(x) vapply(x, function(v) if (is.null(v)) Inf else as.numeric(v), 0)
  left <- number(found$left); right <- number(found$right); p <- number(found$probability); e <- number(found$standard_error)
  for (months in c(0.2, 0.5, 1)) {
    t <- months * month
    id <- paste0(sub(".", "_", months, fixed = TRUE), "_months.", arm)
    inside <- any(left < t & right > t)
    least <- sum(p[left >= t]); greatest <- sum(p[right > t])
    if (inside) add("turnbull", paste0("survival.", id), NA)
    else {
      error <- if (any(right <= t)) e[max(which(right <= t))] else 0
      ratio <- exp(-z * error / greatest / log(greatest))
      add("turnbull", paste0("survival.", id), greatest, greatest^ratio, greatest^(1 / ratio), error)
    }
    add("turnbull", paste0("least_survival.", id), least)
    add("turnbull", paste0("greatest_survival.", id), greatest)
  }
  i <- min(which(cumsum(p) >= .5 - 1e-7))
  add("turnbull", paste0("median_from.", arm), left[i])
  add("turnbull", paste0("median_to.", arm), right[i])
  for (j in seq_along(p)) {
    add("turnbull", paste0("mass_from.", j, ".", arm), left[j])
    add("turnbull", paste0("mass_to.", j, ".", arm), right[j])
    add("turnbull", paste0("mass.", j, ".", arm), p[j])
  }
  frame <- read_data(paste0("cosmesis_", arm))
  event <- !is.na(frame$right)
  fit <- survfit(Surv(ifelse(event, (frame$left + frame$right) / 2, frame$left), event) ~ 1, conf.type = "log-log")
  median <- quantile(fit, .5)
  add("turnbull", paste0("midpoint_median.", arm), median$quantile, median$lower, median$upper)
  at <- summary(fit, times = month)
  add("turnbull", paste0("midpoint_survival.1_months.", arm), at$surv, at$lower, at$upper, at$std.err)
}

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")),
                 mvtnorm = as.character(packageVersion("mvtnorm")))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "curve_kinds", "values.json"))
