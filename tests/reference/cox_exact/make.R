# Cox models with the exact likelihood of a discrete time scale.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, columns, stratum = NULL, offset = NULL) {
  frame <- read_data(name)
  terms <- c(columns, if (!is.null(stratum)) sprintf("strata(%s)", stratum),
             if (!is.null(offset)) sprintf("offset(%s)", offset))
  call <- sprintf("coxph(Surv(time, event) ~ %s, data = %s, ties = \"exact\")",
                  paste(terms, collapse = " + "), name)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  list(data = name, call = gsub("\"", "'", call), columns = I(columns), stratum = stratum,
       offset = offset,
       coefficients = I(unname(fit$coefficients)), covariance = fit$var,
       log_likelihood = I(fit$loglik), wald = fit$wald.test, score = fit$score,
       martingale = I(unname(residuals(fit, "martingale"))),
       deviance = I(unname(residuals(fit, "deviance"))))
}

write_cases("cox_exact", "survival", list(
  case("lung_complete", c("age", "sex", "ph_ecog")),
  case("veteran", c("trt", "karno", "prior")),
  case("heavy_ties", c("x", "z")),
  case("heavy_ties", c("x", "z"), stratum = "stratum"),
  case("zero_time", "x"),
  case("veteran", c("trt", "karno"), stratum = "prior", offset = "smallcell"),
  case("ovarian", c("age", "rx"), stratum = "resid_ds"),
  case("heavy_ties", "x", offset = "z"),
  case("all_events", "x"),
  case("near_ties", "x")))
