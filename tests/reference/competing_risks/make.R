# Cumulative incidence, Gray's test and Fine-Gray regression.
library(survival)
library(cmprsk)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# cmprsk takes times that differ by rounding as different; here they are made
# equal first, as survival does by itself.
read_causes <- function(name) {
  frame <- read_data(name)
  frame$time <- aeqSurv(Surv(frame$time, rep(1, nrow(frame))))[, "time"]
  frame
}

states <- function(frame) factor(frame$cause, 0:2, c("censored", "one", "two"))

incidence <- function(name, group = NULL, type = "log", times = NULL) {
  frame <- read_causes(name)
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
  frame <- read_causes(name)
  fit <- cuminc(frame$time, frame$cause, frame[[group]], strata = if (is.null(stratum)) rep(1, nrow(frame)) else frame[[stratum]], rho = rho)
  list(kind = "gray", data = name, group = group, stratum = stratum, rho = rho,
       call = paste0("cuminc(time, cause, ", group, ", strata = ", stratum, ", rho = ", rho, ") of ", name),
       chi_square = I(fit$Tests[, "stat"]), p_value = I(fit$Tests[, "pv"]))
}

fine_gray <- function(name, covariates, cause = 1) {
  frame <- read_causes(name)
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

# Time lost to each cause until tau, its error by the influence of every subject.
time_lost <- function(name, tau, group = NULL) {
  frame <- read_causes(name)
  frame$state <- states(frame)
  parts <- if (is.null(group)) list(frame) else split(frame, frame[[group]])
  rows <- list()
  for (g in seq_along(parts)) {
    part <- parts[[g]]
    fit <- survfit(Surv(time, state) ~ 1, data = part, influence = TRUE)
    mean <- summary(fit, rmean = tau)$table[, "rmean"]
    past <- fit$time < tau
    width <- diff(c(fit$time[past], tau))
    for (cause in 1:2) {
      state <- match(c("one", "two")[cause], fit$states)
      # rows are subjects, then times (with time 0 first), then states
      influence <- fit$influence.pstate[, -1, state][, past, drop = FALSE]
      rows <- c(rows, list(list(group = g - 1, cause = cause, estimate = mean[[state]],
                                standard_error = sqrt(sum((influence %*% width)^2)))))
    }
  }
  list(kind = "time_lost", data = name, group = group, tau = tau, rows = rows, call = sprintf(
    "summary(survfit(Surv(time, state) ~ 1, %s, influence = TRUE), rmean = %g) by %s", name, tau, if (is.null(group)) "none" else group))
}

# Strata with baselines and censoring curves of their own; case weights.
stratified <- function(name, covariates, cause = 1, strata = NULL, weights = FALSE, clusters = FALSE) {
  frame <- read_causes(name)
  frame <- frame[complete.cases(frame[, covariates, drop = FALSE]), ]
  frame$state <- states(frame)
  frame$id <- seq_len(nrow(frame))
  frame$set <- if (clusters) frame$id %/% 3 else frame$id
  frame$case <- if (weights) 0.5 + (frame$id * 7) %% 16 / 10 else 1
  within <- if (is.null(strata)) "" else paste0(" + strata(", strata, ")")
  # finegray(weights = ) of survival 3.5-3 takes those of other subjects where there are strata.
  expanded <- finegray(as.formula(paste0("Surv(time, state) ~ .", within)), data = frame,
                       etype = c("one", "two")[cause])
  expanded$fgwt <- expanded$fgwt * frame$case[expanded$id]
  model <- as.formula(paste0("Surv(fgstart, fgstop, fgstatus) ~ ", paste(covariates, collapse = " + "), within))
  if (!is.null(strata) && is.null(expanded[[strata]])) expanded[[strata]] <- frame[[strata]][expanded$id]
  fit <- function(ties) coxph(model, data = expanded, weights = fgwt, cluster = set, ties = ties,
                              control = coxph.control(eps = 1e-13, iter.max = 40, toler.chol = 1e-14))
  cox <- fit("efron")
  list(kind = "stratified", data = name, covariates = I(covariates), cause = cause, stratum = strata,
       weights = weights, case_weights = I(frame$case), clusters = I(frame$set),
       call = sprintf("finegray + coxph(%s%s) of %s", paste(covariates, collapse = " + "), within, name),
       efron = I(unname(coef(cox))), efron_variance = unname(as.matrix(cox$var)),
       efron_naive = unname(as.matrix(cox$naive.var)), efron_log_likelihood = I(cox$loglik))
}

# Cox models in which other causes censor.
cause_specific <- function(name, covariates, cause, ties = "efron") {
  frame <- read_causes(name)
  frame <- frame[complete.cases(frame[, covariates, drop = FALSE]), ]
  model <- sprintf("Surv(time, cause == %d) ~ %s", cause, paste(covariates, collapse = " + "))
  fit <- coxph(as.formula(model), data = frame, ties = ties, robust = TRUE)
  list(kind = "cause_specific", data = name, covariates = I(covariates), cause = cause, ties = ties,
       call = sprintf("coxph(%s, data = %s, robust = TRUE, ties = '%s')", model, name, ties),
       coefficients = I(unname(coef(fit))), covariance = unname(fit$var),
       naive_covariance = unname(fit$naive.var), log_likelihood = I(fit$loglik))
}

write_cases("competing_risks", "cmprsk", list(
  incidence("mgus2", "group"), incidence("veteran_causes", "group", "log-log"),
  incidence("tied_causes", "group", "plain"), incidence("tied_causes"),
  incidence("pbc_causes", "sex"), incidence("edge_causes", "group"), incidence("edge_causes", type = "log-log"),
  gray("mgus2"), gray("mgus2", stratum = "stratum"), gray("mgus2", rho = 1),
  gray("veteran_causes"), gray("veteran_causes", stratum = "stratum"), gray("tied_causes"),
  gray("tied_causes", rho = .5, stratum = "stratum"), gray("tied_causes", "x"),
  gray("pbc_causes", "sex"), gray("edge_causes"),
  fine_gray("mgus2", c("age", "group", "mspike")), fine_gray("mgus2", "age", 2),
  fine_gray("veteran_causes", c("karno", "age")), fine_gray("veteran_causes", "karno", 2),
  fine_gray("tied_causes", c("x", "stratum")), fine_gray("pbc_causes", c("age", "log_bili", "sex"), 2),
  fine_gray("edge_causes", "x"),
  time_lost("mgus2", 120, "group"), time_lost("veteran_causes", 365, "group"), time_lost("tied_causes", 4.5),
  stratified("mgus2", c("age", "mspike"), strata = "group"), stratified("mgus2", c("age", "group"), 2, weights = TRUE),
  stratified("veteran_causes", c("karno", "age"), strata = "stratum", weights = TRUE),
  stratified("tied_causes", "x", strata = "stratum"), stratified("tied_causes", "x", 2, "stratum", TRUE),
  stratified("mgus2", c("age", "group"), weights = TRUE, clusters = TRUE),
  stratified("veteran_causes", "karno", strata = "stratum", clusters = TRUE),
  cause_specific("mgus2", c("age", "group", "mspike"), 1), cause_specific("mgus2", c("age", "group"), 2),
  cause_specific("veteran_causes", c("karno", "age"), 1), cause_specific("pbc_causes", c("age", "log_bili"), 2),
  cause_specific("tied_causes", "x", 2, "breslow")))
