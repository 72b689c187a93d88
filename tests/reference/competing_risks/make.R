# Cumulative incidence, Gray's test and Fine-Gray regression.
library(survival)
library(cmprsk)
source(file.path("tests", "reference", "json.R"), local = TRUE)

states <- function(frame) factor(frame$cause, 0:2, c("censored", "one", "two"))

incidence <- function(name, group = NULL, type = "log", times = NULL) {
  frame <- read_data(name)
  frame$state <- states(frame)
  call <- sprintf("survfit(Surv(time, state) ~ %s, data = %s, conf.type = '%s')",
                  if (is.null(group)) "1" else group, name, type)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  parts <- if (is.null(group)) list(fit) else lapply(seq_along(fit$strata), function(i) fit[i, ])
  code <- if (is.null(group)) rep(0, nrow(frame)) else frame[[group]]
  other <- cuminc(frame$time, frame$cause, code)
  curves <- list()
  for (g in seq_along(parts)) {
    part <- parts[[g]]
    for (cause in 1:2) {
      state <- match(c("one", "two")[cause], part$states)
      label <- paste(sort(unique(code))[g], cause)
      aalen <- other[[label]]
      # The last value at each time of cuminc's doubled steps.
      at <- findInterval(part$time, aalen$time)
      curves <- c(curves, list(list(
        group = g - 1, cause = cause, time = I(part$time), n_at_risk = I(rowSums(part$n.risk)[seq_along(part$time)]),
        incidence = I(part$pstate[, state]), standard_error = I(part$std.err[, state]),
        lower = I(part$lower[, state]), upper = I(part$upper[, state]),
        aalen_incidence = I(aalen$est[at]), aalen_standard_error = I(sqrt(aalen$var[at])))))
    }
  }
  list(kind = "incidence", data = name, group = group, confidence_type = type, call = call, curves = curves)
}

gray <- function(name, group = "group", stratum = NULL, rho = 0) {
  frame <- read_data(name)
  fit <- cuminc(frame$time, frame$cause, frame[[group]], strata = if (is.null(stratum)) rep(1, nrow(frame)) else frame[[stratum]], rho = rho)
  list(kind = "gray", data = name, group = group, stratum = stratum, rho = rho,
       call = paste0("cuminc(time, cause, ", group, ", strata = ", stratum, ", rho = ", rho, ") of ", name),
       chi_square = I(fit$Tests[, "stat"]), p_value = I(fit$Tests[, "pv"]))
}

fine_gray <- function(name, covariates, cause = 1) {
  frame <- read_data(name)
  frame <- frame[complete.cases(frame[, covariates, drop = FALSE]), ]
  x <- as.matrix(frame[, covariates, drop = FALSE])
  fit <- crr(frame$time, frame$cause, x, failcode = cause, gtol = 1e-10, maxiter = 50)
  frame$state <- states(frame)
  frame$id <- seq_len(nrow(frame))
  expanded <- finegray(Surv(time, state) ~ ., data = frame, etype = c("one", "two")[cause])
  model <- as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(covariates, collapse = " + ")))
  cox <- coxph(model, data = expanded, weights = fgwt, cluster = id,
               control = coxph.control(eps = 1e-13, iter.max = 40, toler.chol = 1e-14))
  list(kind = "fine_gray", data = name, covariates = I(covariates), cause = cause,
       call = sprintf("crr; finegray + coxph(%s) of %s", paste(covariates, collapse = " + "), name),
       efron = I(unname(coef(cox))), efron_variance = unname(as.matrix(cox$var)),
       efron_naive = unname(as.matrix(cox$naive.var)), efron_log_likelihood = I(cox$loglik),
       breslow = I(unname(fit$coef)), breslow_variance = unname(fit$var),
       breslow_naive = unname(solve(fit$inf)), breslow_log_likelihood = I(c(fit$loglik.null, fit$loglik)),
       times = I(fit$uftime), hazard = I(cumsum(fit$bfitj)))
}

write_cases("competing_risks", "cmprsk", list(
  incidence("mgus2", "group"), incidence("veteran_causes", "group", "log-log"),
  incidence("tied_causes", "group", "plain"), incidence("tied_causes"),
  gray("mgus2"), gray("mgus2", stratum = "stratum"), gray("mgus2", rho = 1),
  gray("veteran_causes"), gray("veteran_causes", stratum = "stratum"), gray("tied_causes"),
  gray("tied_causes", rho = .5, stratum = "stratum"), gray("tied_causes", "x"),
  fine_gray("mgus2", c("age", "group", "mspike")), fine_gray("mgus2", "age", 2),
  fine_gray("veteran_causes", c("karno", "age")), fine_gray("veteran_causes", "karno", 2),
  fine_gray("tied_causes", c("x", "stratum"))))
