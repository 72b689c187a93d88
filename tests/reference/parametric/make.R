# Accelerated failure time models.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

control <- survreg.control(rel.tolerance = 1e-14, maxiter = 100)

# The limits, the test of all covariates, the median with its error on the log
# scale, and the hazard ratios -beta / sigma with errors by the delta method.
further <- function(fit, distribution, row) {
  kept <- setdiff(names(coef(fit))[!is.na(coef(fit))], "(Intercept)")
  beta <- coef(fit)[kept]
  variance <- fit$var
  known <- c(names(coef(fit)), if (nrow(variance) > length(coef(fit))) "scale")
  dimnames(variance) <- list(known, known)
  median <- predict(fit, row, type = "uquantile", p = .5, se.fit = TRUE)
  limits <- confint(fit, level = .9)
  wald <- if (length(kept)) drop(beta %*% solve(variance[kept, kept], beta)) else 0
  hazard <- if (distribution %in% c("exponential", "weibull")) lapply(kept, function(name) {
    used <- c(name, intersect("scale", known))
    slope <- c(-1, if ("scale" %in% known) beta[[name]]) / fit$scale
    # By log sigma the slope is beta / sigma.
    I(c(-beta[[name]] / fit$scale, sqrt(drop(slope %*% variance[used, used] %*% slope))))
  })
  list(limits = unname(limits), wald = wald, likelihood_ratio = 2 * diff(fit$loglik), akaike = AIC(fit),
       log_median = I(c(median$fit, median$se.fit)), log_hazard_ratio = hazard)
}

case <- function(name, covariates, distribution, weight = FALSE) {
  frame <- read_data(name)
  frame <- frame[frame$time > 0, ]
  # survreg leaves near ties as they are; here they are one time, as in curves.
  frame$time <- aeqSurv(Surv(frame$time, frame$event))[, 1]
  if (length(covariates)) frame <- frame[complete.cases(frame[, covariates]), ]
  right <- if (length(covariates)) paste(covariates, collapse = " + ") else "1"
  call <- sprintf("survreg(Surv(time, event) ~ %s, data = %s%s, dist = '%s')", right, name,
                  if (weight) ", weights = weight" else "", distribution)
  text <- sub(paste0("data = ", name), "data = frame, control = control", call, fixed = TRUE)
  fit <- eval(parse(text = text))
  median <- predict(fit, frame[1, , drop = FALSE], type = "quantile", p = c(.25, .5))
  c(list(data = name, covariates = I(covariates), distribution = distribution, weight = weight,
         call = call, coefficients = I(unname(coef(fit))), log_scale = log(fit$scale),
         variance = unname(fit$var), log_likelihood = I(fit$loglik), quantiles = I(as.vector(median))),
    if (!anyNA(coef(fit))) further(fit, distribution, frame[1, , drop = FALSE]))
}

# Where a group has no events the likelihood rises without end as its times
# grow, and its limit is the likelihood of the others. survreg stops on the way
# there and gives a missing coefficient, so that the limit is fitted here.
infinite <- function(name, distribution, covariates, limit, finite, quiet = quote(quiet == 1)) {
  frame <- read_data(name)
  others <- frame[!eval(quiet, frame), ]
  formula <- reformulate(if (length(limit)) limit else "1", "Surv(time, event)")
  fit <- survreg(formula, others, dist = distribution, control = control)
  null <- survreg(Surv(time, event) ~ 1, frame, dist = distribution, control = control)
  median <- predict(fit, others[1, , drop = FALSE], type = "uquantile", p = .5, se.fit = TRUE)
  errors <- sqrt(diag(fit$var))[match(finite, names(coef(fit)))]
  list(kind = "infinite", data = name, covariates = I(covariates), distribution = distribution,
       call = sprintf("survreg(%s, %s without %s, dist = '%s')", deparse(formula), name,
                      deparse(quiet), distribution),
       # The reference has events unless it is the group without.
       intercept_is_finite = "quiet" %in% covariates, finite = I(finite),
       coefficients = I(unname(coef(fit)[finite])), standard_errors = I(unname(errors)),
       log_scale = log(fit$scale), log_likelihood = I(c(null$loglik[2], fit$loglik[2])),
       row = I(unlist(others[1, covariates], use.names = FALSE)),
       log_median = I(c(median$fit, median$se.fit)))
}

cases <- list()
for (distribution in c("exponential", "weibull", "lognormal", "loglogistic")) {
  cases <- c(cases, list(
    case("lung", c("age", "sex", "ph_ecog"), distribution),
    case("lung", character(), distribution),
    case("lung_complete", c("age", "sex"), distribution, weight = TRUE),
    case("veteran", c("trt", "karno", "smallcell", "adeno", "large"), distribution),
    case("ovarian", c("age", "rx"), distribution),
    case("gbsg", "hormon", distribution), case("heavy_ties", c("x", "z"), distribution),
    case("all_events", "x", distribution)))
}
for (distribution in c("exponential", "weibull", "lognormal", "loglogistic")) {
  cases <- c(cases, list(
    case("colon_death", c("lev", "lev_5fu"), distribution),
    case("pbc", c("age", "edema", "log_bili", "log_protime", "log_albumin"), distribution),
    case("near_ties", "x", distribution), case("collinear", c("z", "twice", "x"), distribution)))
  for (name in c("lung_quiet", "veteran_quiet")) cases <- c(cases, list(
    infinite(name, distribution, c("x", "middle", "quiet"), c("x", "middle"), c("x", "middle")),
    infinite(name, distribution, c("x", "ordinary", "middle"), c("x", "middle"), "x")))
  cases <- c(cases, list(
    infinite("separated", distribution, "x", character(), character(), quote(x == 0))))
}
# With one event the scale of the others goes to zero.
cases <- c(cases, list(case("one_event", character(), "exponential")))
write_cases("parametric", "survival", cases)
