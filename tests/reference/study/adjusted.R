# Propensity scores, the analyses weighted by them, E-values and subgroups, as findings
# by id. See analyses.R; Firth's penalties are in adjusted_firth.R.

# All of it in this study. The E-values read findings of statistics.R, made before.
adjusted_of_the_study <- function(study) {
  terms <- c("age_decades", "ecog", "recurrence_type", "line_group", "concurrent_chemotherapy",
             "albumin_5")
  kinds <- list(
    overlap = propensity_score(study, "overlap", terms, "overlap"),
    inverse_probability = propensity_score(study, "inverse_probability", terms, "stabilized",
                                           truncate = c(.01, .99)),
    matched = propensity_score(study, "matched", terms, "matching", caliper = .2))
  for (endpoint in c("pfs", "os")) {
    weighted_curves(study, paste0(endpoint, "_overlap"), endpoint, kinds$overlap, c(6, 12, 24))
    weighted_groups_test(study, paste0(endpoint, "_overlap_log_rank"), endpoint, kinds$overlap)
    for (kind in names(kinds)) {
      weighted_cox_model(study, paste0(endpoint, "_", kind, "_cox"), endpoint, "radiotherapy", kinds[[kind]])
    }
    models <- c("_e_value" = "_unadjusted", "_adjusted_e_value" = "_prognosis")
    for (stage in names(models)) {
      model <- paste0(endpoint, models[[stage]])
      ratio <- found$findings[[id(model, "hazard_ratio.radiotherapy.rt")]]
      e_value(paste0(endpoint, stage), ratio, ratio, id(model, "missing"), common_hazard_ratio, "iterated")
    }
  }
  e_value("response_e_value", found$findings[["response_by_rt.orr.relative_risk.rt"]],
          found$findings[["response_by_rt.orr.all"]], "response_by_rt.missing.all", identity, "exact")
  firth_cox_model(study, "os_firth", "os", c("radiotherapy", "age_decades", "ecog", "albumin_5"))
  subgroups(study, "pfs_subgroups", "pfs", "radiotherapy", c(
    "sex", "ecog_group", "cps_group", "recurrence_type", "line_group", "concurrent_chemotherapy"))
}

# --- propensity_score ---------------------------------------------------------

# Of `study$by`, whose second level is the treated. Returned by patient: `weight`, NA
# where there is none, and `unit`, whose patients are not independent.
propensity_score <- function(study, stage, terms, weights, truncate = NULL, caliper = NULL) {
  at <- function(...) id(stage, ...)
  complete <- complete.cases(study$data[c(study$by, terms)])
  data <- study$data[complete, ]
  treated <- as.numeric(data[[study$by]] == levels(data[[study$by]])[2])
  counted <- list(n = nrow(data), events = sum(treated), missing = sum(!complete))
  # The events of a regression on treatment are the treated.
  tell <- function(id, ..., own = TRUE, rule = "iterated") {
    own <- rep_len(own, nrow(data))
    add(id, ..., n = sum(own), events = sum(treated[own]), missing = counted$missing, rule = rule)
  }
  tell(at("n"), counted$n, rule = "exact")
  tell(at("missing"), counted$missing, rule = "exact")
  score <- firth_regression(at, tell, data, treated, terms, study$level)
  higher <- outer(score[treated == 1], score[treated == 0], function(a, b) (a > b) + (a == b) / 2)
  tell(at("c_statistic"), mean(higher))

  given <- switch(weights,
    overlap = list(weight = ifelse(treated == 1, 1 - score, score)),
    stabilized = list(weight = ifelse(treated == 1, mean(treated) / score, mean(1 - treated) / (1 - score))),
    matching = matched_pairs(score, treated, caliper))
  if (!is.null(truncate)) {
    bounds <- quantile(given$weight, truncate, type = 7)
    tell(at("weights_raised"), sum(given$weight < bounds[1]), rule = "exact")
    tell(at("weights_lowered"), sum(given$weight > bounds[2]), rule = "exact")
    given$weight <- pmin(pmax(given$weight, bounds[1]), bounds[2])
  }
  if (!is.null(caliper)) tell(at("caliper"), given$width)
  scores_of_groups(study, at, data, complete, score, given$weight, weights == "matching")
  spread_of <- if (weights == "matching") 1 else c(0, 1)
  for (when in c("before", "after")) {
    w <- if (when == "before") rep(1, length(treated)) else given$weight
    balance_of(tell, at, when, data[terms], treated, w, spread_of)
  }

  back <- function(x) replace(rep(NA_real_, length(complete)), which(complete), x)
  list(weight = back(ifelse(given$weight > 0, given$weight, NA)),
       unit = back(if (is.null(given$unit)) seq_along(treated) else given$unit))
}

scores_of_groups <- function(study, at, data, complete, score, weight, matching) {
  by <- data[[study$by]]
  # What both groups have: from the higher of the lowest scores to the lower of the highest.
  low <- max(tapply(score, by, min))
  high <- min(tapply(score, by, max))
  for (level in levels(by)) {
    own <- score[by == level]
    w <- weight[by == level]
    group <- slug(level)
    left_out <- sum(study$data[[study$by]] == level & !complete, na.rm = TRUE)
    tell <- function(what, value, rule = "iterated") {
      add(at(what, group), value, n = length(own), events = NA, missing = left_out, rule = rule)
    }
    tell("propensity.minimum", min(own))
    tell("propensity.median", median(own))
    tell("propensity.maximum", max(own))
    tell("propensity.mean", mean(own))
    tell("outside_common_support", sum(own < low | own > high), "exact")
    tell("effective_sample_size", sum(w)^2 / sum(w^2))
    tell("largest_weight", max(w))
    if (matching) tell("matched", sum(w > 0), "exact")
    if (matching) tell("unmatched", sum(w == 0), "exact")
  }
}

# Each treated patient, the highest score first, with the nearest other one within the
# caliper. MatchIt 4.5.1 takes distances as whole numbers: see ../propensity.
matched_pairs <- function(score, treated, caliper) {
  logit <- qlogis(score)
  stopifnot(!anyDuplicated(logit))
  pairs <- suppressWarnings(MatchIt::matchit(
    treated ~ logit, data.frame(treated, logit), distance = 2^26 * logit, caliper = caliper))
  list(weight = unname(pairs$weights), unit = as.integer(pairs$subclass), width = caliper * sd(logit))
}

# Differences over the spread before weighting of the groups `spread_of` (0, 1), and
# ratios of variances.
balance_of <- function(tell, at, when, columns, treated, w, spread_of) {
  one <- function(x, unweighted_variance) {
    means <- sapply(0:1, function(g) weighted.mean(x[treated == g], w[treated == g]))
    spread <- sapply(spread_of, function(g) unweighted_variance(x[treated == g]))
    (means[2] - means[1]) / sqrt(mean(spread))
  }
  rule <- if (when == "before") "exact" else "iterated"
  largest <- 0
  for (column in names(columns)) {
    x <- columns[[column]]
    gaps <- if (is.factor(x)) sapply(levels(x), function(level) {
      one(as.numeric(x == level), function(own) mean(own) * (1 - mean(own)))
    }) else one(x, var)
    names <- if (is.factor(x)) sapply(levels(x), function(level) id(column, slug(level))) else column
    for (i in seq_along(gaps)) tell(at("smd", when, names[i]), gaps[[i]], rule = rule)
    largest <- max(largest, abs(gaps))
    if (is.factor(x)) next
    # Unbiased for weights of reliability.
    spread <- sapply(0:1, function(g) {
      own <- w[treated == g]
      cov.wt(matrix(x[treated == g]), own / sum(own))$cov
    })
    tell(at("variance_ratio", when, column), spread[2] / spread[1], rule = rule)
  }
  tell(at("largest_smd", when), largest, rule = rule)
}

# --- kaplan_meier, log_rank and cox_model with weights ------------------------------

# The patients with a weight and follow-up, with `outcome`, `w` and `unit`.
weighted_patients <- function(study, endpoint, given) {
  data <- study$data
  data$outcome <- outcome(data, endpoint)
  data$w <- given$weight
  data$unit <- given$unit
  data[!is.na(data$w) & !is.na(data$outcome), ]
}

weighted_curves <- function(study, stage, endpoint, given, at_months) {
  data <- weighted_patients(study, endpoint, given)
  everybody <- groups_of(study)
  groups <- groups_of(list(data = data, by = study$by))
  for (group in names(groups)) {
    own <- data[groups[[group]], ]
    time <- own$outcome[, "time"]
    event <- own$outcome[, "status"]
    w <- own$w
    left_out <- sum(everybody[[group]]) - nrow(own)
    tell <- function(what, ..., rule = "iterated") {
      add(id(stage, what, group), ..., n = nrow(own), events = sum(event), missing = left_out, rule = rule)
    }
    count <- function(what, value) tell(what, value, rule = "exact")
    count("n", nrow(own))
    count("missing", left_out)
    count("events", sum(event))
    count("censored", sum(1 - event))
    tell("weighted_n", sum(w))
    tell("weighted_events", sum(w * event))
    tell("effective_n", sum(w)^2 / sum(w^2))
    fit <- survfit(outcome ~ 1, own, weights = w, cluster = unit, robust = TRUE,
                   conf.type = "log-log", conf.int = study$level)
    middle <- quantile(fit, .5)
    tell("median", middle$quantile, middle$lower, middle$upper)
    for (months in at_months) {
      days <- months * study$month
      stopifnot(days <= max(time))
      words <- paste0(months, "_months")
      point <- summary(fit, times = days)
      tell(id("survival", words), point$surv, point$lower, point$upper, point$std.err)
      count(id("n_at_risk", words), sum(time >= days))
      count(id("cumulative_events", words), sum(event[time <= days]))
      count(id("cumulative_censored", words), sum(1 - event[time <= days]))
      tell(id("weighted_n_at_risk", words), sum(w[time >= days]))
      tell(id("weighted_cumulative_events", words), sum((w * event)[time <= days]))
      last <- max(which(fit$time <= days))
      hazard <- fit$cumhaz[last]
      error <- fit$std.chaz[last]
      reach <- exp(qnorm((1 + study$level) / 2) * error / hazard)
      tell(id("cumulative_hazard", words), hazard, hazard / reach, hazard * reach, error)
    }
    count("shortest_follow_up", min(time))
    count("longest_follow_up", max(time))
  }
}

weighted_groups_test <- function(study, stage, endpoint, given) {
  data <- weighted_patients(study, endpoint, given)
  time <- data$outcome[, "time"]
  event <- data$outcome[, "status"]
  by <- data[[study$by]]
  fit <- coxph(reformulate(study$by, "outcome"), data, weights = w, cluster = unit, ties = "breslow",
               robust = TRUE)
  # Weighted events of each time, shared out by the weights at risk.
  expected <- 0
  for (t in unique(time[event == 1])) {
    at_risk <- tapply(data$w * (time >= t), by, sum)
    expected <- expected + at_risk / sum(at_risk) * sum((data$w * event)[time == t])
  }
  observed <- tapply(data$w * event, by, sum)
  whole <- list(n = nrow(data), events = sum(event), missing = nrow(study$data) - nrow(data))
  tell <- function(what, value, rule = "iterated") {
    do.call(add, c(list(id(stage, what), value, rule = rule), whole))
  }
  df <- nlevels(by) - 1
  tell("chi_square", fit$rscore)
  tell("degrees_of_freedom", df, "exact")
  tell("p", pchisq(fit$rscore, df, lower.tail = FALSE))
  for (level in levels(by)) {
    own <- by == level
    tell <- function(what, value, rule = "iterated") {
      add(id(stage, what, slug(level)), value, n = sum(own), events = sum(event[own]), rule = rule,
          missing = sum(study$data[[study$by]] == level, na.rm = TRUE) - sum(own))
    }
    tell("n", sum(own), "exact")
    tell("observed", observed[[level]])
    tell("expected", expected[[level]])
  }
}

# `terms` are complete in all who have a weight.
weighted_cox_model <- function(study, stage, endpoint, terms, given) {
  data <- weighted_patients(study, endpoint, given)
  stopifnot(complete.cases(data[terms]))
  fit <- coxph(reformulate(terms, "outcome"), data, weights = w, cluster = unit, robust = TRUE,
               ties = "efron", model = TRUE)
  counted <- list(n = fit$n, events = fit$nevent, missing = nrow(study$data) - nrow(data))
  at <- function(...) id(stage, ...)
  tell <- function(what, ..., rule = "iterated") do.call(add, c(list(at(what), ..., rule = rule), counted))
  for (what in names(counted)) tell(what, counted[[what]], rule = "exact")
  tell("events_per_coefficient", fit$nevent / length(coef(fit)))
  tell("sum_of_weights", sum(data$w))
  tell("effective_n", sum(data$w)^2 / sum(data$w^2))
  tests <- list(likelihood_ratio = 2 * diff(fit$loglik), wald = fit$wald.test, score = fit$score,
                robust_score = fit$rscore)
  for (test in names(tests)) tell_chi_square(tell, test, tests[[test]], length(coef(fit)))
  tell("log_likelihood", fit$loglik[2])
  tell("log_likelihood_null", fit$loglik[1])
  agreement <- concordance(fit)
  tell("concordance", agreement$concordance, standard_error = sqrt(agreement$var))
  before <- names(found$findings)
  coefficients_of(study, fit, terms, at)
  for (row in setdiff(names(found$findings), before)) found$findings[[row]]$missing <- counted$missing
}

tell_chi_square <- function(tell, at, value, df) {
  tell(id(at, "chi_square"), value)
  tell(id(at, "degrees_of_freedom"), df, rule = "exact")
  tell(id(at, "p"), pchisq(value, df, lower.tail = FALSE))
}

# --- e_value ------------------------------------------------------------------------

# VanderWeele and Ding 2017.
common_hazard_ratio <- function(x) (1 - .5^sqrt(x)) / (1 - .5^sqrt(1 / x))

# Of a finding `ratio`, that was computed from the patients of `counted`.
e_value <- function(stage, ratio, counted, missing, to_risk_ratio, rule) {
  of <- function(x) {
    away <- max(to_risk_ratio(x), 1 / to_risk_ratio(x))
    away + sqrt(away * (away - 1))
  }
  limits <- c(ratio$lower, ratio$upper)
  encloses <- limits[1] <= 1 && limits[2] >= 1
  nearer <- if (encloses) 1 else limits[which.min(abs(log(limits)))]
  tell <- function(what, value) {
    add(id(stage, what), value, n = counted$n, events = counted$events,
        missing = found$findings[[missing]]$value, rule = rule)
  }
  tell("e_value", of(ratio$value))
  tell("e_value_limit", of(nearer))
  tell("risk_ratio", to_risk_ratio(ratio$value))
}

# --- subgroups ------------------------------------------------------------------------

# Of two arms, in one model with the product of treatment and column for each column.
subgroups <- function(study, stage, endpoint, treatment, columns) {
  arm <- slug(levels(study$data[[treatment]])[2])
  p <- counted <- list()
  for (column in columns) {
    data <- study$data[complete.cases(study$data[c(treatment, column)]), ]
    data$outcome <- outcome(data, endpoint)
    model <- function(join) coxph(as.formula(paste("outcome ~", treatment, join, column)), data)
    cross <- model("*")
    whole <- counted[[column]] <- list(
      n = cross$n, events = cross$nevent, missing = nrow(study$data) - nrow(data))
    for (level in levels(data[[column]])) {
      at <- function(what) id(stage, what, column, slug(level))
      own <- subgroup_counts(data[data[[column]] == level, ], treatment, at, whole$missing)
      # The treatment's coefficient and, but for the first level, that of its product.
      place <- intersect(c(paste0(treatment, levels(data[[treatment]])[2]),
                           paste0(treatment, levels(data[[treatment]])[2], ":", column, level)),
                         names(coef(cross)))
      subgroup_ratio(study, function(what) id(at(what), arm), sum(coef(cross)[place]),
                     sqrt(sum(vcov(cross)[place, place])), own)
    }
    tests <- list(wald = product_wald(cross), likelihood_ratio = 2 * (cross$loglik[2] - model("+")$loglik[2]))
    df <- length(grep(":", names(coef(cross))))
    tell <- function(what, end, value, rule = "iterated") {
      do.call(add, c(list(id(stage, "interaction", what, column, end), value, rule = rule), whole))
    }
    for (test in c(names(tests), "chosen")) {
      value <- if (test == "chosen") tests$likelihood_ratio else tests[[test]]
      end <- if (test == "chosen") NULL else test
      p[[column]] <- pchisq(value, df, lower.tail = FALSE)
      tell("chi_square", end, value)
      tell("degrees_of_freedom", end, df, "exact")
      tell("p", end, p[[column]])
    }
  }
  adjusted <- list(p_holm = p.adjust(unlist(p), "holm"), p_benjamini_hochberg = p.adjust(unlist(p), "BH"))
  for (what in names(adjusted)) for (column in columns) {
    do.call(add, c(list(id(stage, "interaction", what, column), adjusted[[what]][[column]], rule = "iterated"),
                   counted[[column]]))
  }
  data <- study$data[!is.na(study$data[[treatment]]), ]
  data$outcome <- outcome(data, endpoint)
  at <- function(what) id(stage, what, "all")
  own <- subgroup_counts(data, treatment, at, nrow(study$data) - nrow(data))
  fit <- coxph(reformulate(treatment, "outcome"), data)
  subgroup_ratio(study, function(what) id(at(what), arm), coef(fit)[[1]], sqrt(vcov(fit)[1, 1]), own)
}

product_wald <- function(fit) {
  place <- grep(":", names(coef(fit)))
  drop(coef(fit)[place] %*% solve(vcov(fit)[place, place], coef(fit)[place]))
}

# Of the patients `data` and of each arm; returns the former.
subgroup_counts <- function(data, treatment, at, missing) {
  event <- data$outcome[, "status"]
  tell <- function(own, end) {
    counted <- list(n = sum(own), events = sum(event[own]), missing = missing)
    for (what in c("n", "events")) do.call(add, c(list(id(at(what), end), counted[[what]]), counted))
    counted
  }
  whole <- tell(rep(TRUE, nrow(data)), NULL)
  for (level in levels(data[[treatment]])) tell(data[[treatment]] == level, slug(level))
  whole
}

subgroup_ratio <- function(study, at, estimate, error, counted) {
  z <- qnorm((1 + study$level) / 2)
  tell <- function(what, ...) do.call(add, c(list(at(what), ..., rule = "iterated"), counted))
  tell("hazard_ratio", exp(estimate), exp(estimate - z * error), exp(estimate + z * error), error)
  tell("coefficient", estimate, standard_error = error)
}
