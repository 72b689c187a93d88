# Cox models: coefficients, tests and residuals.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, columns, ties = "efron", stratum = NULL, weight = NULL, cluster = NULL,
                 robust = FALSE, residuals = TRUE) {
  frame <- read_data(name)
  terms <- c(columns, if (!is.null(stratum)) sprintf("strata(%s)", stratum))
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
    wald = fit$wald.test, score = fit$score, robust_score = fit$rscore,
    iterations = fit$iter, n = fit$n, n_events = fit$nevent, centers = I(unname(fit$means)))
  if (residuals) kept <- c(kept, list(
    linear_predictors = I(unname(fit$linear.predictors)),
    martingale = I(unname(residuals(fit, "martingale"))),
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
  case("collinear", c("z", "twice", "constant", "x"), residuals = FALSE)))
