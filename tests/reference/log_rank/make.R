# Log-rank and G-rho tests.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

total <- function(x) if (is.matrix(x)) rowSums(x) else x

case <- function(name, group = "group", stratum = NULL, rho = 0) {
  frame <- read_data(name)
  frame <- frame[complete.cases(frame[, c(group, stratum)]), ]
  strata <- if (is.null(stratum)) "" else sprintf(" + strata(%s)", stratum)
  call <- sprintf("survdiff(Surv(time, event) ~ %s%s, data = %s, rho = %g)", group, strata, name, rho)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  df <- sum(total(fit$exp) > 0) - 1
  list(data = name, call = call, group = group, stratum = stratum, rho = rho,
       n = I(as.vector(tapply(frame$time, frame[[group]], length))),
       observed = I(total(fit$obs)), expected = I(total(fit$exp)), variance = fit$var,
       chi_square = fit$chisq, degrees_of_freedom = df,
       p_value = pchisq(fit$chisq, df, lower.tail = FALSE))
}

write_cases("log_rank", "survival", list(
  case("lung"),
  case("lung", rho = 1),
  case("lung", stratum = "ph_ecog"),
  case("veteran"),
  case("veteran", stratum = "trt", rho = 0.5),
  case("ovarian"),
  case("ovarian", rho = 1),
  case("heavy_ties"),
  case("heavy_ties", stratum = "stratum", rho = 1),
  case("all_events"),
  case("zero_time"),
  case("near_ties"),
  case("group_without_expectation")))
