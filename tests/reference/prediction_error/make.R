# Brier scores, written from Graf et al. (1999) over survfit's censoring
# curve, and calibration in groups.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# G(t) or G(t-): an event at t is no longer at risk of censoring at t, so
# events are moved ahead of the censored by less than any gap.
censoring <- function(time, event) {
  gap <- min(diff(sort(unique(time)))) / 4
  curve <- survfit(Surv(time - ifelse(event == 1, gap, 0), 1 - event) ~ 1)
  G <- stepfun(curve$time, c(1, curve$surv))
  list(at = G, before = function(t) G(t - 2 * gap))
}

brier <- function(time, event, predicted, t) {
  G <- censoring(time, event)
  mean(ifelse(time > t, (1 - predicted)^2 / G$at(t),
              ifelse(event == 1, predicted^2 / G$before(time), 0)))
}

# Predictions need no model: any function of the column will do.
predict_at <- function(x, t, scale) exp(-t / scale * exp(0.3 * (x - mean(x)) / sd(x)))

case <- function(name, column, scale, times, n_groups) {
  frame <- read_data(name)
  x <- frame[[column]]
  predicted <- lapply(times, function(t) predict_at(x, t, scale))
  scores <- mapply(function(p, t) brier(frame$time, frame$event, p, t), predicted, times)
  k <- length(times)
  integrated <- sum(diff(times) * (scores[-k] + scores[-1]) / 2) / (times[k] - times[1])
  middle <- predicted[[2]]
  cuts <- quantile(middle, seq(0, 1, length.out = n_groups + 1))
  groups <- cut(middle, cuts, include.lowest = TRUE, labels = FALSE)
  fits <- lapply(split(frame, groups), function(part) {
    summary(survfit(Surv(time, event) ~ 1, data = part), times = times[2])
  })
  list(data = name, call = sprintf("brier(%s, exp(-t / %g * exp(0.3 * scale(%s))))", name, scale, column),
       times = I(times), predicted = do.call(rbind, predicted), scores = I(scores),
       integrated = integrated, n_groups = n_groups,
       group_n = I(unname(tapply(middle, groups, length))),
       group_predicted = I(unname(tapply(middle, groups, mean))),
       group_observed = I(unname(vapply(fits, function(f) f$surv, 0))),
       group_lower = I(unname(vapply(fits, function(f) f$lower, 0))))
}

write_cases("prediction_error", "survival", list(
  case("lung_complete", "age", 450, c(100, 300, 500, 700), 4),
  case("veteran", "karno", 180, c(30, 90, 200), 5),
  case("heavy_ties", "x", 4, c(1, 2, 3), 3),
  case("pbc", "log_bili", 3000, c(365, 1000, 2000, 3000), 5),
  case("gbsg", "hormon", 1500, c(0, 500, 1500), 1),
  case("all_events", "x", 4, c(0, 1, 4), 2),
  case("all_censored", "group", 4, c(0, 1.5, 2.5), 1),
  case("zero_time", "x", 2, c(0, 0.5, 1.5), 1)))
