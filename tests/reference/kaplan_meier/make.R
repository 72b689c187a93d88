# Kaplan-Meier curves, their quantiles and restricted means.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

curve <- function(fit, times, taus, probabilities) {
  times <- times[times <= max(fit$time)]
  at <- if (length(times)) summary(fit, times = times)
  means <- lapply(taus, function(tau) {
    table <- summary(fit, rmean = tau)$table
    I(unname(table[c("rmean", "se(rmean)")]))
  })
  probs <- quantile(fit, probabilities)
  list(
    n = fit$n, time = I(fit$time), n_at_risk = I(fit$n.risk), n_events = I(fit$n.event),
    n_censored = I(fit$n.censor), survival = I(fit$surv), log_standard_error = I(fit$std.err),
    lower = I(fit$lower), upper = I(fit$upper),
    median = I(unname(summary(fit)$table[c("median", grep("LCL|UCL", names(summary(fit)$table), value = TRUE))])),
    quantiles = if (length(probabilities)) unname(mapply(
      function(...) I(c(...)), probabilities, probs$quantile, probs$lower, probs$upper,
      SIMPLIFY = FALSE)),
    at = if (length(times)) list(
      time = I(at$time), n_at_risk = I(at$n.risk), n_events = I(cumsum(as.numeric(at$n.event))),
      survival = I(at$surv), standard_error = I(at$std.err), lower = I(at$lower),
      upper = I(at$upper)),
    taus = I(taus), restricted_means = means)
}

case <- function(name, by = NULL, type = "log", level = 0.95, reverse = FALSE,
                 times = numeric(), taus = numeric(), probabilities = numeric()) {
  frame <- read_data(name)
  call <- sprintf(
    "survfit(Surv(time, %s) ~ %s, data = %s, conf.type = \"%s\", conf.int = %.17g)",
    if (reverse) "1 - event" else "event", if (is.null(by)) "1" else by, name, type, level)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  curves <- if (is.null(by)) list(fit) else lapply(seq_along(fit$strata), function(i) fit[i])
  list(data = name, call = gsub("\"", "'", call), group = by, confidence_type = type,
       confidence_level = level, reverse = reverse,
       curves = lapply(curves, curve, times = times, taus = taus, probabilities = probabilities))
}

cases <- list(
  case("lung", "group", times = c(0, 5, 100, 365, 600, 883, 965), taus = c(365, 600, 2000),
       probabilities = c(.1, .25, .75, .9)),
  case("lung", "group", type = "log-log", taus = 600, probabilities = .75),
  case("lung", reverse = TRUE),
  case("veteran", "group", type = "log-log", level = 0.9, times = c(30, 90, 91, 200), taus = 90,
       probabilities = c(.2, .4)))
# Who has the event at t is at risk of being censored at t.
cases <- c(cases, list(
  case("lung", "group", reverse = TRUE, times = c(100, 365), taus = 600, probabilities = c(.25, .75)),
  case("veteran", "group", reverse = TRUE, type = "log-log", times = 90),
  case("colon_death", "lev_5fu", reverse = TRUE, times = c(365, 1825), probabilities = c(.25, .75)),
  case("heavy_ties", "group", reverse = TRUE, times = 2:3),
  case("zero_time", reverse = TRUE), case("all_events", reverse = TRUE), case("all_censored", reverse = TRUE),
  case("near_ties", reverse = TRUE),
  case("gbsg", "hormon", times = c(365, 1000, 2000), taus = 1500, probabilities = c(.25, .4))))
for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
  cases <- c(cases, list(
    case("ovarian", "group", type = type, times = c(0, 59, 300, 700), taus = c(400, 1000),
         probabilities = c(.2, .3)),
    case("heavy_ties", "group", type = type, times = c(0.5, 1, 2.5, 4), taus = 3),
    case("all_censored", type = type, times = c(0, 2, 3), taus = c(2, 3)),
    case("all_events", type = type, times = c(1, 3, 8), taus = c(4, 9)),
    case("one_event", type = type, times = c(1, 4), taus = c(4, 5)),
    case("one_censored", type = type, taus = c(4, 5)),
    case("zero_time", type = type, times = c(0, 1, 2), taus = c(1, 2)),
    case("half_then_lower", type = type, times = 2:4, taus = 3),
    case("half_to_the_end", type = type, times = 2:4, taus = c(3, 6)),
    case("near_ties", type = type, times = c(.3, 1, 3), taus = 3)))
}
write_cases("kaplan_meier", "survival", cases)
