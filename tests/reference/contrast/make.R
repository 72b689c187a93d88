# Differences of two Kaplan-Meier curves at a time, and of restricted means,
# from survfit's estimates and standard errors.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

wald <- function(estimate, error, level) {
  z <- qnorm(.5 + level / 2)
  c(estimate, error, estimate - z * error, estimate + z * error, 2 * pnorm(-abs(estimate / error)))
}

case <- function(name, group, time, tau, level = .95) {
  frame <- read_data(name)
  fit <- eval(parse(text = sprintf("survfit(Surv(time, event) ~ %s, data = frame)", group)))
  at <- summary(fit, times = time)
  means <- summary(fit, rmean = tau)$table[, c("rmean", "se(rmean)")]
  log_ratio <- wald(log(means[1, 1] / means[2, 1]), sqrt(sum((means[, 2] / means[, 1])^2)), level)
  list(data = name, group = group, time = time, tau = tau, level = level,
       call = sprintf("survfit(Surv(time, event) ~ %s, data = %s)", group, name),
       survival = I(wald(at$surv[1] - at$surv[2], sqrt(sum(at$std.err^2)), level)),
       difference = I(wald(means[1, 1] - means[2, 1], sqrt(sum(means[, 2]^2)), level)),
       ratio = I(c(exp(log_ratio[1]), log_ratio[2], exp(log_ratio[3:4]), log_ratio[5])))
}

write_cases("contrast", "survival", list(
  case("lung", "group", 365, 600), case("lung", "group", 500, 365, .9),
  case("ovarian", "group", 400, 500), case("gbsg", "hormon", 1000, 1500),
  case("colon_death", "lev_5fu", 1825, 1825)))
