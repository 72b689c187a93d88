# What each kind of analysis must give, computed from a data frame with R's own
# functions, as findings by id (docs/findings.md). Knows no study: make.R says which.
#
# A study is a list: `data` (one row a patient; categories are factors with their
# levels in order, yes/no columns too), `by` (the grouping factor), `month` (days),
# `level` (of confidence). The first level is the reference everywhere.

found <- new.env()

# One finding. `rule` says how close the engine must come: `exact` for closed forms,
# `iterated` for what both sides stop searching at a tolerance of their own.
# NA stands for a number that must be absent, a part left out is not compared.
add <- function(id, value, lower = NULL, upper = NULL, standard_error = NULL,
                n = NULL, events = NULL, missing = NULL, rule = "exact") {
  parts <- list(value = value, lower = lower, upper = upper, standard_error = standard_error,
                n = n, events = events, missing = missing)
  parts <- lapply(Filter(Negate(is.null), parts), as.numeric)
  stopifnot(lengths(parts) == 1, is.null(found$findings[[id]]))
  found$findings[[id]] <- c(rule = rule, parts)
}

slug <- function(text) {
  words <- c(">=" = " at_least ", "<=" = " at_most ", "<" = " under ", ">" = " over ", "+" = " plus ")
  for (sign in names(words)) text <- gsub(sign, words[[sign]], text, fixed = TRUE)
  gsub("^_+|_+$", "", gsub("[^a-z0-9]+", "_", tolower(text)))
}

id <- function(...) paste(c(...), collapse = ".")

# The groups in their order, then all patients: a list of logical vectors.
groups_of <- function(study) {
  by <- study$data[[study$by]]
  groups <- lapply(levels(by), function(level) !is.na(by) & by == level)
  names(groups) <- slug(levels(by))
  c(groups, list(all = !is.na(by)))
}

# --- baseline_table -----------------------------------------------------------

# `variables` in order; `mean_sd` names the numbers that are shown as means.
baseline_table <- function(study, stage, variables, mean_sd = character()) {
  groups <- groups_of(study)
  for (group in names(groups)) add(id(stage, "n", group), sum(groups[[group]]))
  for (variable in variables) {
    x <- study$data[[variable]]
    at <- function(...) id(stage, ...)
    for (group in names(groups)) {
      own <- x[groups[[group]]]
      add(at("n", variable, group), sum(!is.na(own)))
      add(at("missing", variable, group), sum(is.na(own)))
      if (is.factor(x)) counts(at, variable, group, own) else numbers(at, variable, group, own)
    }
    pair <- split(x[groups$all], study$data[[study$by]][groups$all])
    pair <- lapply(pair, function(own) own[!is.na(own)])
    stopifnot(length(pair) == 2)
    if (is.factor(x)) compare_counts(at, variable, pair, names(groups)[2])
    else compare_numbers(at, variable, pair, names(groups)[2], variable %in% mean_sd)
  }
}

numbers <- function(at, variable, group, own) {
  own <- own[!is.na(own)]
  quartiles <- quantile(own, c(.25, .75), type = 7)
  add(at("mean", variable, group), mean(own))
  add(at("standard_deviation", variable, group), sd(own))
  add(at("median", variable, group), median(own))
  add(at("lower_quartile", variable, group), quartiles[[1]])
  add(at("upper_quartile", variable, group), quartiles[[2]])
  add(at("minimum", variable, group), min(own))
  add(at("maximum", variable, group), max(own))
}

counts <- function(at, variable, group, own) {
  n <- table(own)
  for (level in names(n)) {
    add(at("count", variable, slug(level), group), n[[level]])
    add(at("proportion", variable, slug(level), group), n[[level]] / sum(n))
  }
}

compare_numbers <- function(at, variable, pair, group, is_mean) {
  welch <- t.test(pair[[2]], pair[[1]])
  rank <- suppressWarnings(wilcox.test(pair[[1]], pair[[2]]))
  add(at("p", variable), if (is_mean) welch$p.value else rank$p.value)
  add(at("p", variable, "welch"), welch$p.value)
  add(at("statistic", variable, "welch"), welch$statistic)
  add(at("degrees_of_freedom", variable, "welch"), welch$parameter)
  add(at("p", variable, "rank"), rank$p.value)
  add(at("statistic", variable, "rank"), rank$statistic)
  spread <- sqrt((var(pair[[1]]) + var(pair[[2]])) / 2)
  add(at("smd", variable, group), (mean(pair[[2]]) - mean(pair[[1]])) / spread)
}

compare_counts <- function(at, variable, pair, group) {
  cross <- sapply(pair, table)
  held <- cross[rowSums(cross) > 0, , drop = FALSE]
  pearson <- suppressWarnings(chisq.test(held, correct = FALSE))
  fisher <- fisher.test(held, workspace = 2e7)$p.value
  add(at("p", variable), if (any(pearson$expected < 5)) fisher else pearson$p.value)
  add(at("p", variable, "pearson"), pearson$p.value)
  add(at("statistic", variable, "pearson"), pearson$statistic)
  add(at("degrees_of_freedom", variable, "pearson"), pearson$parameter)
  add(at("p", variable, "fisher"), fisher)
  shares <- sweep(cross, 2, colSums(cross), "/")
  add(at("smd", variable, group), share_difference(shares[, 2], shares[, 1]))
}

# Yang and Dalton 2012: Mahalanobis' distance of all shares but the first; for two
# levels the signed difference of the second.
share_difference <- function(treated, control) {
  if (length(treated) == 2) {
    spread <- (treated[[2]] * treated[[1]] + control[[2]] * control[[1]]) / 2
    return((treated[[2]] - control[[2]]) / sqrt(spread))
  }
  keep <- which(treated + control > 0)[-1]
  covariance <- function(share) diag(share, length(share)) - outer(share, share)
  between <- (covariance(treated[keep]) + covariance(control[keep])) / 2
  gap <- treated[keep] - control[keep]
  sqrt(drop(gap %*% solve(between, gap)))
}

# --- response -----------------------------------------------------------------

response <- function(study, stage, column, responders, controlled, test = "pearson") {
  groups <- groups_of(study)
  best <- study$data[[column]]
  for (group in names(groups)) {
    own <- best[groups[[group]]]
    n <- table(own)
    add(id(stage, "n", group), sum(n))
    add(id(stage, "missing", group), sum(is.na(own)))
    for (level in names(n)) {
      add(id(stage, "count", slug(level), group), n[[level]])
      add(id(stage, "proportion", slug(level), group), n[[level]] / sum(n))
    }
  }
  rates <- list(orr = responders, dcr = controlled)
  for (rate in names(rates)) {
    x <- sapply(groups, function(own) sum(best[own] %in% rates[[rate]]))
    n <- sapply(groups, function(own) sum(!is.na(best[own])))
    for (group in names(groups)) one_rate(id(stage, rate, group), x[[group]], n[[group]], study$level)
    compare_rates(id(stage, rate), x, n, names(groups)[2], test, study$level)
  }
}

one_rate <- function(at, x, n, level) {
  score <- suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = level))$conf.int
  exact <- binom.test(x, n, conf.level = level)$conf.int
  add(at, x / n, score[1], score[2], n = n, events = x)
  add(id(at, "wilson"), x / n, score[1], score[2], n = n, events = x)
  add(id(at, "clopper_pearson"), x / n, exact[1], exact[2], n = n, events = x)
}

# The second group against the first.
compare_rates <- function(at, x, n, group, test, level) {
  cells <- rbind(c(x[[2]], n[[2]] - x[[2]]), c(x[[1]], n[[1]] - x[[1]]))
  pearson <- suppressWarnings(chisq.test(cells, correct = FALSE))
  yates <- suppressWarnings(chisq.test(cells, correct = TRUE))
  p <- c(pearson = pearson$p.value, yates = yates$p.value,
         fisher = fisher.test(cells)$p.value, mid_p = mid_p(cells))
  add(id(at, "p"), p[[test]])
  for (method in names(p)) add(id(at, "p", method), p[[method]])
  add(id(at, "chi_square.pearson"), pearson$statistic)
  add(id(at, "chi_square.yates"), yates$statistic)

  z <- qnorm((1 + level) / 2)
  share <- x / n
  wilson <- sapply(1:2, function(i) {
    suppressWarnings(prop.test(x[[i]], n[[i]], correct = FALSE, conf.level = level))$conf.int
  })
  # Newcombe 1998, method 10.
  gap <- share[[2]] - share[[1]]
  add(id(at, "risk_difference", group), gap,
      gap - sqrt((share[[2]] - wilson[1, 2])^2 + (wilson[2, 1] - share[[1]])^2),
      gap + sqrt((wilson[2, 2] - share[[2]])^2 + (share[[1]] - wilson[1, 1])^2))
  ratio <- function(name, estimate, error) {
    limits <- exp(log(estimate) + c(-1, 1) * z * error)
    add(id(at, name, group), estimate, limits[1], limits[2], error)
  }
  ratio("odds_ratio", cells[1, 1] * cells[2, 2] / cells[1, 2] / cells[2, 1], sqrt(sum(1 / cells)))
  ratio("relative_risk", share[[2]] / share[[1]],
        sqrt(1 / x[[2]] - 1 / n[[2]] + 1 / x[[1]] - 1 / n[[1]]))
  exact <- conditional_odds_ratio(cells, level)
  add(id(at, "odds_ratio", group, "conditional"), exact[1], exact[2], exact[3], rule = "iterated")
}

mid_p <- function(cells) {
  margins <- c(sum(cells[, 1]), sum(cells[, 2]), sum(cells[1, ]))
  support <- max(0, margins[3] - margins[2]):min(margins[3], margins[1])
  p <- dhyper(support, margins[1], margins[2], margins[3])
  observed <- dhyper(cells[1, 1], margins[1], margins[2], margins[3])
  tied <- abs(p / observed - 1) <= 1e-7
  sum(p[p < observed & !tied]) + sum(p[tied]) / 2
}

# Conditional maximum likelihood and exact limits, as `fisher.test`, which stops at 1e-4.
conditional_odds_ratio <- function(cells, level) {
  margins <- c(sum(cells[, 1]), sum(cells[, 2]), sum(cells[1, ]))
  support <- max(0, margins[3] - margins[2]):min(margins[3], margins[1])
  base <- dhyper(support, margins[1], margins[2], margins[3], log = TRUE)
  shares <- function(log_odds) {
    weight <- base + log_odds * support
    weight <- exp(weight - max(weight))
    weight / sum(weight)
  }
  x <- cells[1, 1]
  solve_for <- function(gap) exp(uniroot(gap, c(-20, 20), tol = 1e-14)$root)
  tail <- (1 - level) / 2
  c(solve_for(function(b) sum(support * shares(b)) - x),
    solve_for(function(b) sum(shares(b)[support >= x]) - tail),
    solve_for(function(b) tail - sum(shares(b)[support <= x])))
}

# --- kaplan_meier and log_rank --------------------------------------------------

# Time and event of an endpoint; `days` and `event` are its columns.
outcome <- function(data, endpoint) {
  Surv(data[[paste0(endpoint, "_days")]], data[[paste0(endpoint, "_event")]])
}

kaplan_meier <- function(study, stage, endpoint, at_months, restricted_mean_months = NULL,
                         by = TRUE, reverse = FALSE) {
  groups <- if (by) groups_of(study) else list(all = rep(TRUE, nrow(study$data)))
  for (group in names(groups)) {
    data <- study$data[groups[[group]], ]
    both <- outcome(data, endpoint)
    time <- both[, "time"]
    event <- both[, "status"]
    fit <- survfit(Surv(time, if (reverse) 1 - event else event) ~ 1, conf.type = "log-log",
                   conf.int = study$level)
    one_curve(function(...) id(stage, ..., group), fit, time, event, reverse, study,
              at_months, restricted_mean_months)
  }
}

one_curve <- function(at, fit, time, event, reverse, study, at_months, mean_months) {
  counted <- list(n = sum(!is.na(time)), events = sum(event == 1, na.rm = TRUE))
  tell <- function(id, ...) add(id, ..., n = counted$n, events = counted$events)
  add(at("n"), counted$n)
  add(at("missing"), sum(is.na(time)))
  add(at("events"), counted$events)
  add(at("censored"), counted$n - counted$events)
  middle <- quantile(fit, .5)
  tell(at(if (reverse) "median_follow_up" else "median"), middle$quantile, middle$lower, middle$upper)
  for (months in at_months) {
    days <- months * study$month
    words <- paste0(months, "_months")
    point <- summary(fit, times = days, extend = TRUE)
    # R carries the curve past the last follow-up, where nobody is at risk.
    known <- days <= max(time, na.rm = TRUE)
    keep <- function(x) if (known || point$surv == 0) x else NA
    # Where all have had the event there are no limits.
    limits <- if (point$surv == 0) c(NA, NA) else c(point$lower, point$upper)
    tell(at("survival", words), keep(point$surv), keep(limits[1]), keep(limits[2]),
         if (known && point$surv > 0) point$std.err)
    tell(at("n_at_risk", words), sum(time >= days))
    # Of a reversed curve too these are the endpoint's own events and censored patients.
    tell(at("cumulative_events", words), sum(event[time <= days]))
    tell(at("cumulative_censored", words), sum(1 - event[time <= days]))
  }
  for (months in mean_months) {
    row <- summary(fit, rmean = months * study$month)$table
    reach <- qnorm(.975) * row[["se(rmean)"]]
    tell(at("restricted_mean", paste0(months, "_months")), row[["rmean"]],
         row[["rmean"]] - reach, row[["rmean"]] + reach, row[["se(rmean)"]])
  }
  add(at("shortest_follow_up"), min(time))
  add(at("longest_follow_up"), max(time))
}

log_rank <- function(study, stage, endpoint, strata = NULL) {
  data <- study$data
  right <- c(study$by, if (!is.null(strata)) sprintf("strata(%s)", paste(strata, collapse = ", ")))
  data$outcome <- outcome(data, endpoint)
  test <- survdiff(reformulate(right, "outcome"), data)
  df <- nlevels(data[[study$by]]) - 1
  add(id(stage, "chi_square"), test$chisq)
  add(id(stage, "degrees_of_freedom"), df)
  add(id(stage, "p"), pchisq(test$chisq, df, lower.tail = FALSE))
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  for (i in seq_len(df + 1)) {
    group <- slug(levels(data[[study$by]])[i])
    add(id(stage, "n", group), sum(data[[study$by]] == levels(data[[study$by]])[i], na.rm = TRUE))
    add(id(stage, "observed", group), total(test$obs)[i])
    add(id(stage, "expected", group), total(test$exp)[i])
  }
}
