# Cox models of intervals (start, stop]: estimates, tests, residuals and the
# test of proportional hazards.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, columns, ties = "efron", stratum = NULL, weight = NULL, robust = FALSE) {
  # cox.zph of survival 3.5-3 fails on integers here.
  frame <- as.data.frame(lapply(read_data(name), as.double))
  terms <- c(columns, if (!is.null(stratum)) sprintf("strata(%s)", stratum))
  options <- c(
    sprintf("ties = \"%s\"", ties), if (!is.null(weight)) sprintf("weights = %s", weight),
    if (robust) "robust = TRUE, id = subject" else "robust = FALSE")
  call <- sprintf("coxph(Surv(start, stop, event) ~ %s, data = %s, %s)",
                  paste(terms, collapse = " + "), name, paste(options, collapse = ", "))
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  tests <- lapply(c("km", "identity", "rank"), function(transform) {
    test <- cox.zph(fit, transform = transform)
    list(transform = transform, statistics = I(unname(test$table[, "chisq"])))
  })
  schoenfeld <- as.matrix(residuals(fit, "schoenfeld"))
  list(
    data = name, call = gsub("\"", "'", call), columns = I(columns), ties = ties, stratum = stratum,
    weight = weight, robust = robust, coefficients = I(unname(fit$coefficients)),
    covariance = fit$var, naive_covariance = naive, log_likelihood = I(fit$loglik),
    wald = fit$wald.test, score = fit$score, robust_score = fit$rscore, iterations = fit$iter,
    n = fit$n, n_events = fit$nevent,
    martingale = I(unname(residuals(fit, "martingale"))),
    deviance = I(unname(residuals(fit, "deviance"))),
    score_residuals = unname(as.matrix(residuals(fit, "score"))),
    dfbeta = unname(as.matrix(residuals(fit, "dfbeta"))),
    schoenfeld = unname(schoenfeld),
    # Of tied events, cox.zph gives the last one first.
    scaled_schoenfeld = unname(as.matrix(residuals(fit, "scaledsch"))), tests = tests)
}

write_cases("cox_counting", "survival", list(
  case("jasa1", "transplant"),
  case("jasa1", c("transplant", "age", "surgery", "year")),
  case("jasa1", c("transplant", "age"), ties = "breslow", stratum = "surgery"),
  case("jasa1", c("transplant", "age", "surgery"), robust = TRUE),
  case("cgd", c("treated", "age", "steroids"), robust = TRUE),
  case("cgd", c("treated", "age"), ties = "breslow", stratum = "stratum", weight = "weight", robust = TRUE),
  case("late_entry", c("x", "z")),
  case("late_entry", c("x", "z"), stratum = "stratum", weight = "weight"),
  case("late_entry", c("x", "z"), ties = "breslow")))
