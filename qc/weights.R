# Who was irradiated, by what was known at the first dose: scores by Firth's logistic model,
# and survival with the weights that follow from them.

terms <- c("age_decades", "ecog", "recurrence_type", "line_group", "concurrent_chemotherapy", "albumin_5")
known <- complete.cases(d[terms])
cases <- d[known, ]
treated <- as.integer(cases$radiotherapy == "rt")
design <- model.matrix(as.formula(paste("~", paste(terms, collapse = " + "))), cases)
logistic_at <- function(b) {
  p <- plogis(drop(design %*% b))
  list(value = sum(ifelse(treated == 1, log(p), log1p(-p))), slope = drop(crossprod(design, treated - p)),
       information = crossprod(design, design * (p * (1 - p))))
}
fit <- penalised(logistic_at)
none <- rep(0, ncol(design))
best <- fit$maximum(none == 0, none, 1e-11)
alone <- fit$maximum(seq_along(none) == 1, none, 1e-11)
errors <- sqrt(diag(solve(logistic_at(best$b)$information)))
score <- plogis(drop(design %*% best$b))
labels <- labels_of(terms, cases)
ratios <- lapply(seq_along(labels) + 1, function(j) {
  without <- fit$maximum(seq_along(none) != j, replace(best$b, j, 0), 1e-9)
  list(value = best$b[j], limits = profile_limits(fit, best, j, errors[j]), p = tail_p(2 * (best$value - without$value)))
})
by_arm <- list(no_rt = treated == 0, rt = treated == 1)
share <- mean(treated)
inverse <- ifelse(treated == 1, share / score, (1 - share) / (1 - score))
bounds <- quantile(inverse, c(0.01, 0.99), type = 7)
weight_of <- list(overlap = ifelse(treated == 1, 1 - score, score),
                  inverse_probability = pmin(pmax(inverse, bounds[1]), bounds[2]))

# Each treated patient, the highest score first, with the nearest untreated one left.
logit <- qlogis(score)
caliper <- 0.2 * sd(logit)
pair <- rep(NA, length(treated))
for (i in which(treated == 1)[order(-score[treated == 1])]) {
  left <- which(treated == 0 & is.na(pair))
  nearest <- left[which.min(abs(logit[left] - logit[i]))]
  if (length(nearest) && abs(logit[nearest] - logit[i]) <= caliper) pair[c(i, nearest)] <- i
}
weight_of$matched <- as.numeric(!is.na(pair))

columns <- do.call(cbind, lapply(terms, function(term) {
  x <- cases[[term]]
  if (!is.factor(x)) return(matrix(x, dimnames = list(NULL, term)))
  wide <- sapply(levels(x), function(level) as.numeric(x == level))
  colnames(wide) <- paste(term, levels(x), sep = ".")
  wide
}))
is_number <- vapply(colnames(columns), function(name) name %in% terms, TRUE)
weighted_mean <- function(x, w) sum(w * x) / sum(w)
weighted_variance <- function(x, w) {
  middle <- weighted_mean(x, w)
  sum(w * (x - middle)^2) * sum(w) / (sum(w)^2 - sum(w^2))
}
spread_of <- function(name, arm) {
  x <- columns[by_arm[[arm]], name]
  if (is_number[[name]]) var(x) else mean(x) * (1 - mean(x))
}
effective <- function(w) sum(w)^2 / sum(w^2)
for (stage in names(weight_of)) {
  weight <- weight_of[[stage]]
  id <- function(...) paste(stage, ..., sep = ".")
  add(id("n"), sum(known))
  add(id("missing"), sum(!known))
  for (term in terms) if (is.factor(cases[[term]])) add(id("odds_ratio", term, levels(cases[[term]])[1]), 1)
  for (j in seq_along(labels)) {
    one <- ratios[[j]]
    add(id("odds_ratio", labels[j]), exp(one$value), exp(one$limits[1]), exp(one$limits[2]))
    add(id("coefficient", labels[j]), one$value)
    add(id("p", labels[j]), one$p)
  }
  add_global(stage, "likelihood_ratio", 2 * (best$value - alone$value), length(labels))
  above <- outer(score[treated == 1], score[treated == 0], function(a, b) (a > b) + (a == b) / 2)
  add(id("c_statistic"), mean(above))
  common <- c(max(min(score[treated == 1]), min(score[treated == 0])), min(max(score[treated == 1]), max(score[treated == 0])))
  for (g in names(by_arm)) {
    s <- score[by_arm[[g]]]
    w <- weight[by_arm[[g]]]
    for (what in c("minimum", "median", "maximum", "mean")) {
      add(id("propensity", what, g), switch(what, minimum = min(s), median = median(s), maximum = max(s), mean = mean(s)))
    }
    add(id("outside_common_support", g), sum(s < common[1] | s > common[2]))
    add(id("effective_sample_size", g), effective(w))
    add(id("largest_weight", g), max(w))
    if (stage == "matched") {
      add(id("matched", g), sum(w))
      add(id("unmatched", g), sum(1 - w))
    }
  }
  if (stage == "inverse_probability") {
    add(id("weights_raised"), sum(inverse < bounds[1]))
    add(id("weights_lowered"), sum(inverse > bounds[2]))
  }
  if (stage == "matched") add(id("caliper"), caliper)
  for (moment in c("before", "after")) {
    w <- if (moment == "before") rep(1, length(treated)) else weight
    gaps <- vapply(colnames(columns), function(name) {
      x <- columns[, name]
      sides <- lapply(by_arm, function(arm) list(x = x[arm], w = w[arm]))
      middle <- vapply(sides, function(side) weighted_mean(side$x, side$w), 0)
      scale <- if (stage == "matched") spread_of(name, "rt") else (spread_of(name, "no_rt") + spread_of(name, "rt")) / 2
      gap <- (middle[["rt"]] - middle[["no_rt"]]) / sqrt(scale)
      add(id("smd", moment, name), gap)
      if (is_number[[name]]) {
        spread <- vapply(sides, function(side) weighted_variance(side$x, side$w), 0)
        add(id("variance_ratio", moment, name), spread[["rt"]] / spread[["no_rt"]])
      }
      gap
    }, 0)
    add(id("largest_smd", moment), max(abs(gaps)))
  }
}

# --- survival with weights: errors are robust and take the weights as known ---------------------------
for (endpoint in c("pfs", "os")) for (name in names(weight_of)) {
  used <- weight_of[[name]] > 0
  frame <- data.frame(time = times[[endpoint]][known], event = events[[endpoint]][known], radiotherapy = cases$radiotherapy,
                      w = weight_of[[name]], set = if (name == "matched") pair else seq_along(treated))[used, ]
  stage <- paste(endpoint, name, "cox", sep = "_")
  fit <- coxph(Surv(time, event) ~ radiotherapy, frame, weights = w, cluster = set, robust = TRUE, ties = "efron", control = exact)
  of <- summary(fit)
  add(paste0(stage, ".n"), nrow(frame))
  add(paste0(stage, ".events"), sum(frame$event))
  add(paste0(stage, ".missing"), nrow(d) - nrow(frame)) # the unmatched have no weight
  add(paste0(stage, ".events_per_coefficient"), sum(frame$event))
  add(paste0(stage, ".sum_of_weights"), sum(frame$w))
  add(paste0(stage, ".effective_n"), effective(frame$w))
  add_global(stage, "likelihood_ratio", 2 * diff(fit$loglik), 1)
  add_global(stage, "wald", coef(fit)[[1]]^2 / vcov(fit)[1], 1)
  add_global(stage, "score", fit$score, 1)
  add_global(stage, "robust_score", fit$rscore, 1)
  add(paste0(stage, ".log_likelihood"), fit$loglik[2])
  add(paste0(stage, ".log_likelihood_null"), fit$loglik[1])
  add(paste0(stage, ".concordance"), fit$concordance[["concordance"]])
  add(paste0(stage, ".hazard_ratio.radiotherapy.no_rt"), 1)
  add_ratio(stage, "radiotherapy.rt", coef(fit)[[1]], sqrt(vcov(fit)[1]))
  if (name != "overlap") next

  stage <- paste(endpoint, "overlap_log_rank", sep = "_")
  breslow <- coxph(Surv(time, event) ~ radiotherapy, frame, weights = w, robust = TRUE, ties = "breslow", control = exact)
  add(paste0(stage, ".chi_square"), breslow$rscore)
  add(paste0(stage, ".degrees_of_freedom"), 1)
  add(paste0(stage, ".p"), tail_p(breslow$rscore))
  at <- sort(unique(frame$time[frame$event]))
  for (g in c("no_rt", "rt")) {
    own <- frame$radiotherapy == g
    expected <- vapply(at, function(t) {
      risk <- frame$time >= t
      sum(frame$w[frame$event & frame$time == t]) * sum(frame$w[risk & own]) / sum(frame$w[risk])
    }, 0)
    add(paste(stage, "n", g, sep = "."), sum(own))
    add(paste(stage, "observed", g, sep = "."), sum(frame$w[own & frame$event]))
    add(paste(stage, "expected", g, sep = "."), sum(expected))
  }

  stage <- paste(endpoint, "overlap", sep = "_")
  for (g in names(groups)) {
    own <- frame[if (g == "all") rep(TRUE, nrow(frame)) else frame$radiotherapy == g, ]
    curve <- survfit(Surv(time, event) ~ 1, own, weights = w, robust = TRUE, conf.type = "log-log")
    id <- function(...) paste(stage, ..., g, sep = ".")
    add(id("n"), nrow(own))
    add(id("missing"), sum(groups[[g]]) - nrow(own))
    add(id("events"), sum(own$event))
    add(id("censored"), sum(!own$event))
    add(id("weighted_n"), sum(own$w))
    add(id("weighted_events"), sum(own$w[own$event]))
    add(id("effective_n"), effective(own$w))
    middle <- middle_of(curve)
    add(id("median"), middle[1], middle[2], middle[3])
    add(id("shortest_follow_up"), min(own$time))
    add(id("longest_follow_up"), max(own$time))
    for (m in c(6, 12, 24)) {
      label <- paste0(m, "_months")
      when <- m * month
      s <- at_time(curve, when)
      last <- max(which(curve$time <= when))
      add(id("survival", label), s$surv, s$lower, s$upper)
      add(id("n_at_risk", label), sum(own$time >= when))
      add(id("cumulative_events", label), sum(own$event & own$time <= when))
      add(id("cumulative_censored", label), sum(!own$event & own$time <= when))
      add(id("weighted_n_at_risk", label), sum(own$w[own$time >= when]))
      add(id("weighted_cumulative_events", label), sum(own$w[own$event & own$time <= when]))
      add(id("cumulative_hazard", label), curve$cumhaz[last])
    }
  }
}
