# Weighted log-rank tests from their formulas, in plain R; those that
# survdiff and coxph give too are compared with them here.
library(survival)
library(mvtnorm)
source(file.path("tests", "reference", "json.R"), local = TRUE)

weight_of <- function(name, n, d) {
  before <- c(1, cumprod(1 - d / n))[seq_along(n)]
  peto <- cumprod(1 - d / (n + 1))
  switch(name, log_rank = rep(1, length(n)), gehan = n, tarone_ware = sqrt(n), peto_peto = peto,
         modified_peto_peto = peto * n / (n + 1), {
           powers <- as.numeric(strsplit(sub("fh_", "", name), "_")[[1]])
           before^powers[1] * (1 - before)^powers[2]
         })
}

# Differences by group (rows) and weight, and their covariances.
sums <- function(frame, weights, k) {
  times <- sort(unique(frame$stop[frame$event == 1]))
  at_risk <- t(vapply(times, function(t) tabulate(frame$group[frame$start < t & frame$stop >= t] + 1, k), numeric(k)))
  deaths <- t(vapply(times, function(t) tabulate(frame$group[frame$stop == t & frame$event == 1] + 1, k), numeric(k)))
  n <- rowSums(at_risk); d <- rowSums(deaths)
  w <- vapply(weights, weight_of, numeric(length(times)), n = n, d = d)
  w <- matrix(w, ncol = length(weights))
  covariance <- function(a, b) {
    total <- matrix(0, k, k)
    for (i in which(n > 1)) {
      share <- at_risk[i, ] / n[i]
      total <- total + w[i, a] * w[i, b] * d[i] * (n[i] - d[i]) / (n[i] - 1) *
        (diag(share, k) - outer(share, share))
    }
    total
  }
  list(observed = t(deaths) %*% w, expected = t(at_risk / n * d) %*% w, covariance = covariance)
}

stratified <- function(frame, weights, k) {
  parts <- lapply(split(frame, frame$stratum), sums, weights = weights, k = k)
  list(observed = Reduce(`+`, lapply(parts, `[[`, "observed")),
       expected = Reduce(`+`, lapply(parts, `[[`, "expected")),
       covariance = function(a, b) Reduce(`+`, lapply(parts, function(part) part$covariance(a, b))))
}

prepare <- function(name, group, stratum) {
  if (name == "jasa_switch") {
    return(with(survival::jasa1, data.frame(start, stop, event, group = as.integer(transplant), stratum = 1)))
  }
  frame <- read_data(name)
  if (is.null(frame$event)) frame$event <- +(frame$cause > 0)
  frame <- frame[complete.cases(frame[, c(group, stratum)]), ]
  if (is.null(frame$stop)) {
    # Near ties are one time, as survdiff takes them.
    frame <- transform(frame, start = -1, stop = aeqSurv(Surv(time, event))[, 1])
  } else {
    ends <- aeqSurv(Surv(frame$start, frame$stop, frame$event))
    frame <- transform(frame, start = ends[, 1], stop = ends[, 2])
  }
  frame$stratum <- if (is.null(stratum)) 1 else frame[[stratum]]
  frame$group <- frame[[group]]
  frame
}

statistic <- function(parts, groups = seq_along(parts$observed)) {
  difference <- (parts$observed - parts$expected)[groups]
  used <- which(parts$expected[groups] > 0)[-1]
  variance <- parts$covariance(1, 1)[groups, groups]
  chi <- sum(difference[used] * solve(variance[used, used], difference[used]))
  c(chi, length(used), pchisq(chi, length(used), lower.tail = FALSE))
}

case <- function(name, weight, group = "group", stratum = NULL) {
  frame <- prepare(name, group, stratum)
  k <- max(frame$group) + 1
  parts <- stratified(frame, weight, k)
  values <- statistic(parts)
  if (grepl("^fh_[0-9.]+_0$|log_rank", weight) && name != "jasa_switch") {
    rho <- if (weight == "log_rank") 0 else as.numeric(strsplit(weight, "_")[[1]][2])
    if (all(frame$start < 0)) {
      fit <- survdiff(Surv(stop, event) ~ group + strata(stratum), frame, rho = rho)
      stopifnot(all.equal(fit$chisq, values[1]))
    }
  }
  scores <- (seq_len(k) - 1)^2
  variance <- parts$covariance(1, 1)
  trend <- sum(scores * (parts$observed - parts$expected)) / sqrt(sum(scores * (variance %*% scores)))
  list(kind = "test", data = name, weight = weight, group = group, stratum = stratum,
       call = paste("weighted log-rank", weight, name, stratum),
       observed = I(as.vector(parts$observed)), expected = I(as.vector(parts$expected)),
       variance = variance, chi_square = values[1], degrees_of_freedom = values[2],
       p_value = values[3], trend_z = trend)
}

pairwise <- function(name, weight, stratum = NULL, group = "group") {
  frame <- prepare(name, group, stratum)
  k <- max(frame$group) + 1
  pairs <- combn(k, 2) - 1
  values <- apply(pairs, 2, function(pair) {
    statistic(stratified(frame[frame$group %in% pair, ], weight, k), pair + 1)
  })
  if (weight == "log_rank") for (i in seq_len(ncol(pairs))) {
    own <- frame[frame$group %in% pairs[, i], ]
    stopifnot(all.equal(survdiff(Surv(stop, event) ~ group + strata(stratum), own)$chisq, values[1, i]))
  }
  list(kind = "pairwise", data = name, weight = weight, group = group, stratum = stratum,
       call = paste("pairwise", weight, name), chi_square = I(values[1, ]), p_value = I(values[3, ]),
       holm = I(p.adjust(values[3, ], "holm")), benjamini_hochberg = I(p.adjust(values[3, ], "BH")))
}

# With three weights the normal probability is TVPACK's (1e-14); with four,
# whose correlation lacks rank, a long run of Genz and Bretz' (its error is kept).
max_combo <- function(name, weights, group = "group", stratum = NULL) {
  frame <- prepare(name, group, stratum)
  parts <- stratified(frame, weights, 2)
  m <- length(weights)
  covariance <- outer(seq_len(m), seq_len(m), Vectorize(function(a, b) parts$covariance(a, b)[2, 2]))
  z <- (parts$observed - parts$expected)[2, ] / sqrt(diag(covariance))
  correlation <- cov2cor(covariance)
  bound <- max(abs(z))
  set.seed(1)
  box <- if (m <= 3) {
    # TVPACK takes one-sided bounds: inclusion and exclusion over the sides.
    sides <- expand.grid(rep(list(c(1, -1)), m))
    sum(apply(sides, 1, function(side) prod(side) * pmvnorm(
      upper = side * bound, corr = correlation, algorithm = TVPACK(abseps = 1e-14))))
  } else pmvnorm(rep(-bound, m), rep(bound, m), corr = correlation,
                 algorithm = GenzBretz(maxpts = 2e7, abseps = 1e-8, releps = 0))
  list(kind = "max_combo", data = name, weights = I(weights), group = group, stratum = stratum,
       call = paste("MaxCombo", name), z = I(z), correlation = correlation, p_value = 1 - c(box),
       tolerance = if (m <= 3) 1e-8 else max(1e-8, 3 * attr(box, "error")))
}

all_weights <- c("log_rank", "gehan", "tarone_ware", "peto_peto", "modified_peto_peto", "fh_1_0",
                 "fh_0_1", "fh_1_1", "fh_0.5_2")
cases <- list()
for (weight in all_weights) {
  cases <- c(cases, list(
    case("lung", weight), case("lung", weight, stratum = "ph_ecog"), case("veteran", weight),
    case("ovarian", weight), case("heavy_ties", weight, stratum = "stratum"),
    case("jasa_switch", weight), case("lung_late", weight)))
}
for (weight in all_weights) for (name in c("zero_time", "near_ties", "all_events", "group_without_expectation")) {
  cases <- c(cases, list(case(name, weight)))
}
for (weight in c("log_rank", "gehan", "peto_peto", "fh_0_1")) cases <- c(cases, list(
  case("pbc_causes", weight, group = "sex", stratum = "stage"), case("mgus2_age", weight),
  pairwise("lung", weight, group = "ph_ecog"), pairwise("veteran", weight)))
three <- c("log_rank", "fh_0_1", "fh_1_1")
four <- c("fh_0_0", "fh_0_1", "fh_1_0", "fh_1_1")
cases <- c(cases, list(
  pairwise("veteran", "log_rank"), pairwise("veteran", "gehan", "trt"),
  pairwise("heavy_ties", "peto_peto"),
  max_combo("lung", three), max_combo("ovarian", three), max_combo("gbsg", three, "hormon"),
  max_combo("jasa", three, "transplant"),
  max_combo("lung", four), max_combo("ovarian", four), max_combo("gbsg", four, "hormon"),
  max_combo("zero_time", three), max_combo("near_ties", three),
  max_combo("lung", four, stratum = "ph_ecog"), max_combo("jasa", four, "transplant")))
write_cases("group_comparison", "mvtnorm", cases)

# Mantel and Byar's test is the score test of the time-dependent Cox model
# where no two events are tied; the formula above is checked against it.
late <- read_data("lung_late")
distinct <- !duplicated(late$stop)
late <- transform(late[distinct, ], stratum = 1)
score <- coxph(Surv(start, stop, event) ~ group, late)$score
stopifnot(all.equal(score, statistic(stratified(late, "log_rank", 2))[1]))
