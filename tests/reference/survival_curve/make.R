# Weighted, clustered, late-entering and group-changing curves.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

estimators <- list(kaplan_meier = c(1, 1), nelson_aalen = c(2, 1), fleming_harrington = c(2, 2))

curve <- function(fit) {
  # With robust variance survfit keeps the standard error of S, otherwise of
  # log S. But with stype = 2 it gives that of H = -log S while it says S, and
  # makes its limits from it (numerical derivatives by the weights show it), so
  # there the limits are made anew.
  if (!fit$logse && isTRUE(all.equal(fit$surv, exp(-fit$cumhaz)))) {
    fit$logse <- TRUE
    fit[c("lower", "upper")] <- survival:::survfit_confint(
      fit$surv, fit$std.err, TRUE, fit$conf.type, fit$conf.int)[c("lower", "upper")]
  }
  list(time = I(fit$time), n_at_risk = I(fit$n.risk), n_events = I(fit$n.event),
       survival = I(fit$surv), log_standard_error = I(if (fit$logse) fit$std.err else fit$std.err / fit$surv),
       lower = I(fit$lower), upper = I(fit$upper), cumulative_hazard = I(fit$cumhaz),
       hazard_standard_error = I(fit$std.chaz),
       # quantile() puts limits that rise again with late entry in order first.
       median = I(unname(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")])))
}

# `weight` and `cluster` are TRUE for the columns of these names, or name another.
case <- function(name, estimator = "kaplan_meier", by = NULL, interval = FALSE, weight = FALSE,
                 robust = FALSE, cluster = FALSE, type = "log") {
  frame <- read_data(name)
  named <- function(value, usual) if (is.character(value)) value else if (value) usual
  weights <- named(weight, "weight")
  clusters <- named(cluster, "cluster")
  types <- estimators[[estimator]]
  response <- if (interval) "Surv(start, stop, event)" else "Surv(time, event)"
  call <- sprintf(
    "survfit(%s ~ %s, data = %s%s%s, robust = %s, stype = %d, ctype = %d, conf.type = '%s')",
    response, if (is.null(by)) "1" else by, name, if (!is.null(weights)) paste0(", weights = ", weights) else "",
    if (!is.null(clusters)) paste0(", cluster = ", clusters) else "", robust || !is.null(clusters), types[1], types[2], type)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  curves <- if (is.null(by)) list(fit) else lapply(seq_along(fit$strata), function(i) fit[i])
  list(data = name, call = call, estimator = estimator, group = by, interval = interval,
       weight = weight, robust = robust, cluster = cluster, confidence_type = type,
       curves = lapply(curves, curve))
}

cases <- list()
for (estimator in names(estimators)) {
  cases <- c(cases, list(
    case("lung", estimator, "group"),
    case("veteran", estimator, "group", type = "log-log"),
    case("heavy_ties", estimator, "group"),
    case("heavy_ties", estimator, weight = TRUE),
    case("heavy_ties", estimator, weight = TRUE, cluster = TRUE),
    case("lung_complete", estimator, "group", weight = TRUE),
    case("lung_complete", estimator, "group", weight = TRUE, robust = TRUE),
    case("lung_complete", estimator, weight = TRUE, cluster = TRUE, type = "plain"),
    case("veteran", estimator, "group", weight = "karno", robust = TRUE, type = "log-log"),
    case("veteran", estimator, weight = "karno", cluster = "diagtime"),
    case("pbc", estimator, weight = "log_protime", robust = TRUE),
    case("lung_late", estimator, "group", interval = TRUE),
    case("lung_late", estimator, interval = TRUE, weight = TRUE),
    case("lung_late", estimator, "group", interval = TRUE, weight = TRUE, cluster = TRUE),
    case("all_censored", estimator), case("all_events", estimator), case("one_event", estimator),
    case("one_censored", estimator), case("zero_time", estimator),
    case("near_ties", estimator)))
}

for (estimator in names(estimators)) {
  cases <- c(cases, list(
    case("veteran_weighted", estimator, "group", weight = TRUE, type = "logit"),
    case("veteran_weighted", estimator, "group", weight = TRUE, robust = TRUE, type = "arcsin"),
    case("veteran_weighted", estimator, weight = TRUE, cluster = TRUE, type = "log-log"),
    case("veteran_late", estimator, "group", interval = TRUE),
    case("veteran_late", estimator, "group", interval = TRUE, weight = TRUE, cluster = TRUE, type = "logit"),
    case("late_edges", estimator, interval = TRUE),
    case("late_edges", estimator, "group", interval = TRUE),
    case("late_edges", estimator, interval = TRUE, weight = TRUE),
    case("late_edges", estimator, interval = TRUE, weight = TRUE, cluster = TRUE),
    case("half_then_lower", estimator), case("half_to_the_end", estimator)))
}

cases <- c(cases, list(case("mgus2_age", "kaplan_meier", "group", interval = TRUE, type = "log-log")))

# The extended curves of Simon and Makuch, from R's own split of the follow-up.
switched <- function(type) {
  call <- sprintf("survfit(Surv(start, stop, event) ~ transplant, data = jasa1, conf.type = '%s')", type)
  fit <- eval(parse(text = call))
  list(data = "jasa_switch", call = call, estimator = "kaplan_meier", group = "switch",
       interval = TRUE, weight = FALSE, robust = FALSE, cluster = FALSE, confidence_type = type,
       curves = list(curve(fit[1]), curve(fit[2])))
}
write_cases("survival_curve", "survival", c(cases, list(switched("log"), switched("log-log"))))
