# Accelerated failure time models.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, covariates, distribution, weight = FALSE) {
  frame <- read_data(name)
  frame <- frame[frame$time > 0, ]
  if (length(covariates)) frame <- frame[complete.cases(frame[, covariates]), ]
  right <- if (length(covariates)) paste(covariates, collapse = " + ") else "1"
  call <- sprintf("survreg(Surv(time, event) ~ %s, data = %s%s, dist = '%s')", right, name,
                  if (weight) ", weights = weight" else "", distribution)
  control <- survreg.control(rel.tolerance = 1e-14, maxiter = 100)
  text <- sub(paste0("data = ", name), "data = frame, control = control", call, fixed = TRUE)
  fit <- eval(parse(text = text))
  median <- predict(fit, frame[1, , drop = FALSE], type = "quantile", p = c(.25, .5))
  list(data = name, covariates = I(covariates), distribution = distribution, weight = weight,
       call = call, coefficients = I(unname(coef(fit))), log_scale = log(fit$scale),
       variance = unname(fit$var), log_likelihood = I(fit$loglik), quantiles = I(as.vector(median)))
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
write_cases("parametric", "survival", cases)
