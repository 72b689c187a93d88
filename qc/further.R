# Firth's penalty, the influence of single patients, parametric models, scores and weights.

labelled <- function(term, frame) if (is.factor(frame[[term]])) paste(term, levels(frame[[term]])[-1], sep = ".") else term
labels_of <- function(terms, frame) unlist(lapply(terms, labelled, frame))

# --- penalised likelihoods: the maximum with some coefficients held, by Newton's steps ----------
# `at` gives the log likelihood, its slope and the information; the penalty is half the log
# determinant of the information, whose slope is had by differences.
penalised <- function(at) {
  value <- function(b) {
    here <- at(b)
    here$value + determinant(here$information)$modulus[1] / 2
  }
  slope <- function(b) at(b)$slope + vapply(seq_along(b), function(j) {
    half <- function(step) {
      up <- down <- b
      up[j] <- b[j] + step
      down[j] <- b[j] - step
      (determinant(at(up)$information)$modulus[1] - determinant(at(down)$information)$modulus[1]) / (4 * step)
    }
    (4 * half(5e-4) - half(1e-3)) / 3
  }, 0)
  maximum <- function(free, b, until = 1e-9) {
    for (step in 1:200) {
      move <- numeric(length(b))
      if (any(free)) move[free] <- solve(at(b)$information[free, free], slope(b)[free])
      while (value(b + move) < value(b) - 1e-9) move <- move / 2
      b <- b + move
      if (max(abs(move)) < until) break
    }
    list(b = b, value = value(b))
  }
  list(value = value, maximum = maximum)
}
profile_limits <- function(fit, best, j, error) {
  b <- best$b
  # at a maximum the value hangs on the square of what its place is off
  gap <- function(x) {
    held <- fit$maximum(seq_along(b) != j, replace(b, j, x), 1e-6)
    2 * (best$value - held$value) - qchisq(0.95, 1)
  }
  one <- function(side) {
    far <- b[j] + side * 2 * error
    while (gap(far) < 0) far <- far + side * error
    uniroot(gap, sort(c(b[j], far)), tol = 1e-8)$root
  }
  c(one(-1), one(1))
}

frame <- frame_of("os", model$os)
cox_at <- function(b) {
  still <- coxph.control(iter.max = 0)
  formula <- as.formula(paste("Surv(time, event) ~", paste(model$os, collapse = " + ")))
  fit <- suppressWarnings(coxph(formula, frame, ties = "efron", init = b, control = still))
  list(value = fit$loglik[2], slope = colSums(residuals(fit, "score")), information = solve(vcov(fit)), fit = fit)
}
centre <- rep(0, length(model$os))
fit <- penalised(cox_at)
best <- fit$maximum(centre == 0, centre)
errors <- sqrt(diag(solve(cox_at(best$b)$information)))
stage <- "os_firth"
add(paste0(stage, ".n"), nrow(frame))
add(paste0(stage, ".events"), sum(frame$event))
add(paste0(stage, ".missing"), nrow(d) - nrow(frame))
add(paste0(stage, ".events_per_coefficient"), sum(frame$event) / length(centre))
add_global(stage, "likelihood_ratio", 2 * (best$value - fit$value(centre)), length(centre))
add_global(stage, "wald", drop(best$b %*% cox_at(best$b)$information %*% best$b), length(centre))
add(paste0(stage, ".log_likelihood"), cox_at(best$b)$value)
add(paste0(stage, ".log_likelihood_null"), cox_at(centre)$value)
add(paste0(stage, ".penalized_log_likelihood"), best$value)
add(paste0(stage, ".concordance"), cox_at(best$b)$fit$concordance[["concordance"]])
add(paste0(stage, ".hazard_ratio.radiotherapy.no_rt"), 1)
for (j in seq_along(centre)) {
  label <- labels_of(model$os, frame)[j]
  limits <- profile_limits(fit, best, j, errors[j])
  add(paste(stage, "hazard_ratio", label, sep = "."), exp(best$b[j]), exp(limits[1]), exp(limits[2]))
  add(paste(stage, "coefficient", label, sep = "."), best$b[j])
  without <- fit$maximum(seq_along(centre) != j, replace(best$b, j, 0))
  add(paste(stage, "p", label, sep = "."), tail_p(2 * (best$value - without$value)))
}

# --- influence -----------------------------------------------------------------------------------
stage <- "pfs_diagnostics"
terms <- model$pfs
frame <- frame_of("pfs", terms)
fit <- fit_of(terms, frame)
names_of <- names(coef(fit))
labels <- labels_of(terms, frame)
add(paste0(stage, ".n"), nrow(frame))
add(paste0(stage, ".events"), sum(frame$event))
add(paste0(stage, ".missing"), nrow(d) - nrow(frame))
together <- cov2cor(vcov(fit))
for (term in terms) {
  own <- startsWith(names_of, term)
  inflation <- det(together[own, own, drop = FALSE]) * det(together[!own, !own]) / det(together)
  add(paste(stage, "variance_inflation", term, sep = "."), inflation)
  if (sum(own) > 1) add(paste(stage, "variance_inflation_per_coefficient", term, sep = "."), inflation^(1 / (2 * sum(own))))
}
changes <- residuals(fit, "dfbeta")
scaled <- residuals(fit, "dfbetas")
without <- t(vapply(seq_len(nrow(frame)), function(i) coef(fit_of(terms, frame[-i, ])), coef(fit)))
for (j in seq_along(labels)) {
  largest <- function(x) x[which.max(abs(x))]
  add(paste(stage, "largest_dfbeta", labels[j], sep = "."), largest(changes[, j]))
  add(paste(stage, "largest_dfbetas", labels[j], sep = "."), largest(scaled[, j]))
  add(paste(stage, "leave_one_out.lowest_hazard_ratio", labels[j], sep = "."), exp(min(without[, j])))
  add(paste(stage, "leave_one_out.highest_hazard_ratio", labels[j], sep = "."), exp(max(without[, j])))
}
later <- frame[frame$time >= 60, ]
stage <- "pfs_diagnostics.excluding_early"
add(paste0(stage, ".n"), nrow(later))
add(paste0(stage, ".events"), sum(later$event))
add_terms(stage, terms, fit_of(terms, later), later)

stage <- "pfs_performance"
add(paste0(stage, ".n"), nrow(frame))
add(paste0(stage, ".events"), sum(frame$event))
add(paste0(stage, ".missing"), nrow(d) - nrow(frame))
for (weight in c("n", "n/G2")) {
  c_index <- concordance(fit, timewt = weight)
  for (id in if (weight == "n") c("concordance", "concordance.harrell") else "concordance.uno") {
    wald(paste(stage, id, sep = "."), c_index$concordance, sqrt(c_index$var))
  }
}
chi_square <- 2 * diff(fit$loglik)
add(paste0(stage, ".heuristic_shrinkage"), (chi_square - length(labels)) / chi_square)

# --- accelerated failure times ---------------------------------------------------------------------
stage <- "pfs_parametric"
frame <- frame_of("pfs", "radiotherapy")
add(paste0(stage, ".n"), nrow(frame))
add(paste0(stage, ".events"), sum(frame$event))
add(paste0(stage, ".missing"), 0)
kinds <- c(weibull = "weibull", exponential = "exponential", log_normal = "lognormal", log_logistic = "loglogistic")
fits <- lapply(kinds, function(kind) {
  survreg(Surv(time, event) ~ radiotherapy, frame, dist = kind, control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
})
aic <- vapply(fits, function(fit) -2 * fit$loglik[2] + 2 * nrow(fit$var), 0)
for (kind in names(kinds)) for (suffix in c(paste0(".", kind), if (kind == "weibull") "")) {
  fit <- fits[[kind]]
  id <- function(...) paste0(paste(stage, ..., sep = "."), suffix)
  b <- coef(fit)
  v <- fit$var
  error <- sqrt(diag(v))
  add(id("time_ratio.radiotherapy.no_rt"), 1)
  add(id("time_ratio.radiotherapy.rt"), exp(b[2]), exp(b[2] - z * error[2]), exp(b[2] + z * error[2]))
  add(id("coefficient.radiotherapy.rt"), b[2])
  add(id("p.radiotherapy.rt"), 2 * pnorm(-abs(b[2] / error[2])))
  wald(id("intercept"), b[1], error[1])
  scale <- fit$scale
  if (kind == "exponential") add(id("scale"), 1)
  else add(id("scale"), scale, scale * exp(-z * error[3]), scale * exp(z * error[3]))
  if (kind %in% c("weibull", "exponential")) {
    log_ratio <- -b[2] / scale
    slope <- if (kind == "weibull") c(0, -1 / scale, b[2] / scale) else c(0, -1)
    spread <- sqrt(drop(slope %*% v %*% slope))
    add(id("hazard_ratio.radiotherapy.no_rt"), 1)
    add(id("hazard_ratio.radiotherapy.rt"), exp(log_ratio), exp(log_ratio - z * spread), exp(log_ratio + z * spread))
  }
  add(id("log_likelihood"), fit$loglik[2])
  add(id("log_likelihood_null"), fit$loglik[1])
  add(id("aic"), aic[[kind]])
  if (suffix != "") add(id("aic_difference"), aic[[kind]] - min(aic))
  if (kind == "weibull" && suffix == "") add(paste0(stage, ".events_per_coefficient"), sum(frame$event))
  for (part in c("chi_square", "degrees_of_freedom", "p")) {
    chi <- 2 * diff(fit$loglik)
    add(id("likelihood_ratio", part), switch(part, chi_square = chi, degrees_of_freedom = 1, p = tail_p(chi)))
  }
  for (arm in 0:1) {
    w <- if (kind %in% c("weibull", "exponential")) log(log(2)) else 0
    middle <- b[1] + arm * b[2] + scale * w
    slope <- c(1, arm, if (kind != "exponential") scale * w)
    spread <- sqrt(drop(slope %*% v %*% slope))
    add(id("predicted_median.radiotherapy", names(groups)[arm + 1]), exp(middle), exp(middle - z * spread), exp(middle + z * spread))
  }
}
