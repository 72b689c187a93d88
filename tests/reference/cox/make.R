# Cox models: coefficients, tests and residuals.
#
# `columns` are what the tests give the model: `a:b` is a product and `a=k`
# the indicator of k. `formula` says the same in R's words.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, columns, ties = "efron", stratum = NULL, weight = NULL, cluster = NULL,
                 robust = FALSE, residuals = TRUE, formula = columns) {
  frame <- read_data(name)
  terms <- c(formula, if (!is.null(stratum)) sprintf("strata(%s)", stratum))
  options <- c(
    sprintf("ties = \"%s\"", ties),
    if (!is.null(weight)) sprintf("weights = %s", weight),
    if (!is.null(cluster)) sprintf("cluster = %s", cluster),
    if (robust) "robust = TRUE" else if (!is.null(weight) && is.null(cluster)) "robust = FALSE")
  call <- sprintf("coxph(Surv(time, event) ~ %s, data = %s, %s)", paste(terms, collapse = " + "),
                  name, paste(options, collapse = ", "))
  warning <- NULL
  fit <- withCallingHandlers(
    eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE))),
    warning = function(w) { warning <<- trimws(conditionMessage(w)); invokeRestart("muffleWarning") })
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  kept <- list(
    data = name, call = gsub("\"", "'", call), columns = I(columns), ties = ties, stratum = stratum,
    weight = weight, cluster = cluster, robust = robust, warning = warning,
    coefficients = I(unname(fit$coefficients)), covariance = fit$var, naive_covariance = naive,
    log_likelihood = I(fit$loglik), likelihood_ratio = 2 * diff(fit$loglik),
    wald = fit$wald.test, score = fit$score, robust_score = if (!is.null(fit$rscore)) c(fit$rscore),
    iterations = fit$iter, n = fit$n, n_events = fit$nevent, centers = I(unname(fit$means)))
  if (residuals) kept <- c(kept, list(
    linear_predictors = I(unname(fit$linear.predictors)),
    martingale = I(unname(residuals(fit, "martingale"))),
    deviance = I(unname(residuals(fit, "deviance"))),
    schoenfeld = unname(as.matrix(residuals(fit, "schoenfeld"))),
    score_residuals = unname(as.matrix(residuals(fit, "score"))),
    dfbeta = unname(as.matrix(residuals(fit, "dfbeta")))))
  kept
}

lung_columns <- c("age", "sex", "ph_ecog")
veteran_columns <- c("trt", "smallcell", "adeno", "large", "karno", "diagtime", "age", "prior")
write_cases("cox", "survival", list(
  case("lung_complete", lung_columns),
  case("lung_complete", lung_columns, ties = "breslow"),
  case("lung_complete", c("age", "ph_ecog"), stratum = "treated"),
  case("lung_complete", lung_columns, cluster = "cluster"),
  case("lung_complete", lung_columns, robust = TRUE, ties = "breslow"),
  case("lung_complete", c("age", "treated"), weight = "weight", robust = TRUE),
  case("lung_complete", c("age", "treated"), weight = "weight", cluster = "cluster"),
  case("veteran", veteran_columns),
  case("veteran", veteran_columns, ties = "breslow", residuals = FALSE),
  case("ovarian", c("age", "resid_ds", "rx", "ecog_ps")),
  case("gbsg", "hormon", residuals = FALSE),
  case("pbc", c("age", "edema", "log_bili", "log_protime", "log_albumin"), residuals = FALSE),
  case("colon_recurrence", c("lev", "lev_5fu"), residuals = FALSE),
  case("colon_death", c("lev", "lev_5fu"), residuals = FALSE),
  case("jasa", "transplant", residuals = FALSE),
  case("heavy_ties", c("x", "z")),
  case("heavy_ties", c("x", "z"), ties = "breslow"),
  case("heavy_ties", c("x", "z"), stratum = "stratum", weight = "weight", cluster = "cluster"),
  case("heavy_ties", c("x", "z"), weight = "weight", ties = "breslow"),
  case("all_events", "x"),
  case("zero_time", "x"),
  case("near_ties", "x"),
  case("separated", "x", residuals = FALSE),
  case("separated", c("x", "z"), residuals = FALSE),
  case("collinear", c("z", "twice", "constant", "x")),
  case("veteran", c("karno", "age"), stratum = "prior", weight = "diagtime", cluster = "group"),
  case("veteran", c("trt", "karno"), ties = "breslow", stratum = "group", cluster = "diagtime"),
  case("pbc", c("age", "log_bili"), weight = "log_protime", robust = TRUE),
  case("gbsg", "hormon", ties = "breslow", robust = TRUE),
  case("colon_death", "lev", stratum = "lev_5fu", robust = TRUE),
  case("ovarian", c("age", "rx"), ties = "breslow", stratum = "resid_ds", weight = "ecog_ps"),
  # Factors and interactions.
  case("veteran", c("group=1", "group=2", "group=3", "karno", "trt", "karno:trt"),
       formula = c("factor(group)", "karno * trt")),
  case("lung_complete", c("treated", "age", "ph_ecog=1", "ph_ecog=2", "ph_ecog=3", "treated:age"),
       formula = c("treated * age", "factor(ph_ecog)")),
  case("pbc", c("age", "edema=0.5", "edema=1", "log_bili", "age:edema=0.5", "age:edema=1"),
       formula = c("age * factor(edema)", "log_bili")),
  case("heavy_ties", c("group=1", "group=2", "x", "group=1:x", "group=2:x"),
       formula = "factor(group) * x"),
  case("all_events", "x", ties = "breslow"),
  case("zero_time", "x", ties = "breslow"),
  case("near_ties", "x", ties = "breslow"),
  case("near_ties", "x", stratum = "group")))
