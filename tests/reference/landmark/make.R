# Landmark analyses, and subjects who change group from a landmark on: curves
# of Simon and Makuch, the test of Mantel and Byar, Cox's regression.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

left <- function(name, landmark) {
  frame <- read_data(name)
  kept <- frame[frame$time > landmark, ]
  kept$group <- as.integer(!is.na(kept$switch) & kept$switch <= landmark)
  kept$later <- pmax(kept$switch - landmark, 0)
  kept$time <- kept$time - landmark
  kept$id <- seq_len(nrow(kept))
  list(all = frame, kept = kept, out = frame[frame$time <= landmark, ])
}

# One or two rows a subject: group 0 until the change, group 1 from then on.
split_rows <- function(frame) {
  rows <- lapply(seq_len(nrow(frame)), function(i) {
    one <- frame[i, ]
    s <- one$later
    if (is.na(s) || s >= one$time) cbind(one, start = 0, stop = one$time, status = one$event, state = 0)
    else if (s == 0) cbind(one, start = 0, stop = one$time, status = one$event, state = 1)
    else cbind(rbind(one, one), start = c(0, s), stop = c(s, one$time), status = c(0, one$event), state = 0:1)
  })
  do.call(rbind, rows)
}

# Mantel and Byar's test by its formula.
mantel_byar <- function(rows) {
  times <- sort(unique(rows$stop[rows$status == 1]))
  sums <- vapply(times, function(t) {
    at_risk <- rows$start < t & rows$stop >= t
    n <- sum(at_risk); n1 <- sum(at_risk & rows$state == 1)
    d <- sum(at_risk & rows$stop == t & rows$status == 1)
    d1 <- sum(at_risk & rows$stop == t & rows$status == 1 & rows$state == 1)
    c(d1, d * n1 / n, if (n > 1) d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) else 0)
  }, numeric(3))
  total <- rowSums(sums)
  c(total[1:2], (total[1] - total[2])^2 / total[3])
}

# `cluster` is a column whose whole parts group dependent subjects.
case <- function(name, landmark, covariates, cluster) {
  at <- left(name, landmark)
  kept <- at$kept
  test <- survdiff(Surv(time, event) ~ group, kept)
  fit <- coxph(Surv(time, event) ~ group, kept)
  adjusted <- coxph(reformulate(c("group", covariates), "Surv(time, event)"), kept)
  rows <- split_rows(kept)
  rows$whole <- floor(rows[[cluster]])
  dependent <- coxph(reformulate(c("state", covariates), "Surv(start, stop, status)"), rows)
  breslow <- coxph(Surv(start, stop, status) ~ state, rows, ties = "breslow")
  curves <- survfit(Surv(start, stop, status) ~ state, rows, conf.type = "log-log")
  tested <- mantel_byar(rows)
  if (!any(duplicated(rows$stop[rows$status == 1]))) {
    stopifnot(all.equal(tested[3], coxph(Surv(start, stop, status) ~ state, rows)$score))
  }
  medians <- unname(quantile(survfit(Surv(time, event) ~ group, kept), .5)$quantile)
  list(
    data = name, landmark = landmark, covariates = I(covariates),
    call = sprintf("survdiff, coxph(Surv(time - %g, event) ~ group), those with time > %g of %s",
                   landmark, landmark, name),
    n = nrow(kept), n_events = sum(kept$event), n_exposed = sum(kept$group),
    n_excluded_events = sum(at$out$event), n_excluded_censored = sum(1 - at$out$event),
    n_later = sum(kept$group == 0 & !is.na(kept$later) & kept$later < kept$time),
    medians = I(as.vector(medians)), chi_square = test$chisq,
    coefficient = unname(coef(fit)), standard_error = sqrt(fit$var[1]),
    adjusted = I(unname(coef(adjusted))), adjusted_error = I(unname(sqrt(diag(adjusted$var)))),
    dependent = I(unname(coef(dependent))), dependent_error = I(unname(sqrt(diag(dependent$var)))),
    dependent_likelihood = I(dependent$loglik),
    breslow = unname(coef(breslow)),
    robust_error = sqrt(coxph(Surv(start, stop, status) ~ state, rows, id = id, robust = TRUE)$var[1]),
    cluster = cluster,
    clustered_error = sqrt(coxph(Surv(start, stop, status) ~ state, rows, cluster = whole)$var[1]),
    share_subjects = I(as.vector(table(factor(rows$state, 0:1)))),
    share_events = I(as.vector(tapply(rows$status, factor(rows$state, 0:1), sum))),
    share_time = I(as.vector(tapply(rows$stop - rows$start, factor(rows$state, 0:1), sum))),
    observed = tested[1], expected = tested[2], mantel_byar = tested[3],
    curves = lapply(1:2, function(i) with(curves[i], list(
      time = I(time), n_at_risk = I(n.risk), survival = I(surv), lower = I(lower), upper = I(upper)))))
}

jasa <- c("age", "surgery", "year")
mgus2 <- c("age", "male", "hgb")
write_cases("landmark", "survival", c(
  lapply(c(0, 10, 30, 60, 90), function(landmark) case("jasa_switch", landmark, jasa, "year")),
  lapply(c(12, 24, 60, 120), function(landmark) case("mgus2_switch", landmark, mgus2, "age"))))
