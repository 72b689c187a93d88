# What the abstract implies, by a second program: cohorts that reproduce every
# published number, looked for by another search under the same assumptions.
#
#   Rscript qc/identified_set.R [COHORTS] [FIRST_SEED]   from the folder of pipeline.yaml
#
# It shares nothing with the crates. The published numbers are read from the claims of
# pipeline.yaml, the assumptions are those that docs/identified-set.md calls wide. Writes
# qc/identified_set.csv: over its cohorts the least, quantiles and greatest of each number.
suppressPackageStartupMessages(library(survival))
arguments <- as.numeric(commandArgs(TRUE))
wanted <- if (length(arguments) >= 1) arguments[1] else 60
seed <- if (length(arguments) >= 2) arguments[2] else 20260101
MONTH <- 365.25 / 12

# --- what was published -----------------------------------------------------------
spec <- readLines("pipeline.yaml")
claims <- spec[seq(grep("^claims:", spec), length(spec))]
claim <- function(name, key) {
  line <- grep(paste0("^  ", name, ": \\{"), claims, value = TRUE)
  stopifnot(length(line) == 1)
  as.numeric(sub(paste0(".*[ {]", key, ": ([0-9.]+).*"), "\\1", line))
}
printed <- function(name) { # the interval of numbers that print so
  half <- 0.5 * 10^-claim(name, "decimals")
  claim(name, "value") + c(-half, half)
}
days_of <- function(name) { d <- printed(name) * MONTH; c(ceiling(d[1]), floor(d[2])) }
N_RT <- claim("patients_rt", "value")
N_NO <- claim("patients", "value") - N_RT
count_of <- function(name, n) {
  fit <- which(round(1000 * (0:n) / n) / 10 == claim(name, "value")) - 1
  stopifnot(length(fit) == 1)
  fit
}
responders <- c(count_of("orr_no_rt", N_NO), count_of("orr_rt", N_RT))
controlled <- c(count_of("dcr_no_rt", N_NO), count_of("dcr_rt", N_RT)) - responders
roots_of <- function(name) rev(qnorm(printed(name) / 2, lower.tail = FALSE))
response_days <- grep("^ +response_days: \\{", spec, value = TRUE)[1]
response_day <- function(key) as.numeric(sub(paste0(".*", key, ": ([0-9]+) days.*"), "\\1", response_days))
target <- list(pfs_no = days_of("pfs_no_rt"), pfs_rt = days_of("pfs_rt"), os_no = days_of("os_no_rt"),
               follow_up = days_of("follow_up"), pfs_z = roots_of("pfs_p"), os_z = roots_of("os_p"))

# arm 1 has no radiotherapy, arm 2 has it
arm <- rep(1:2, c(N_NO, N_RT))
response <- unlist(lapply(1:2, function(k) {
  n <- c(N_NO, N_RT)[k]
  rep(c("response", "control", "progression"), c(responders[k], controlled[k], n - responders[k] - controlled[k]))
}))
earliest <- c(response = response_day("response_from"), control = response_day("control_from"),
              progression = response_day("progression_from"))[response]
latest <- ifelse(response == "progression", response_day("progression_until"), Inf)
members <- split(seq_along(arm), arm)

# --- assumptions --------------------------------------------------------------------
log_even <- function(low, high) low * (high / low)^runif(1)
weibull <- function(shape, median) list(shape = shape, scale = median / log(2)^(1 / shape))
quantile_of <- function(w, u) w$scale * (-log1p(-u))^(1 / w$shape)
below <- function(w, day) if (is.infinite(day)) 1 else -expm1(-(day / w$scale)^w$shape)
draw_distributions <- function() {
  middle <- function(name) mean(days_of(name))
  pfs <- c(middle("pfs_no_rt"), middle("pfs_rt"))
  os <- c(middle("os_no_rt"), 1.8 * middle("os_no_rt"))  # not reached with radiotherapy
  os_spread <- c(0.15, 0.5)
  follow <- middle("follow_up")
  first <- lapply(1:2, function(k) weibull(log_even(0.6, 1.8), pfs[k] * exp(0.15 * rnorm(1))))
  death <- lapply(1:2, function(k) {
    after <- max(os[k] - pfs[k], 0.3 * os[k])
    weibull(log_even(0.6, 1.8), after * exp((os_spread[k] + 0.15) * rnorm(1)))
  })
  common <- exp(0.15 * rnorm(1))
  end <- lapply(1:2, function(k) weibull(log_even(0.8, 4), follow * common * exp(0.25 * rnorm(1))))
  list(first = first, death = death, end = end, longest = follow * log_even(1.4, 5),
       sudden = 0.25 * runif(1), lag = 90 * runif(1))
}
whole_day <- function(x) round(min(max(x, 1), 36525))

# What is seen of a patient with uniforms u: day and event of progression or death, then of death.
observe <- function(i, u, d, window) {
  k <- arm[i]
  first <- whole_day(quantile_of(d$first[[k]], window[i, 1] + u[1] * (window[i, 2] - window[i, 1])))
  end <- whole_day(min(quantile_of(d$end[[k]], u[2]), d$longest))
  must <- response[i] == "progression"
  sudden <- !must && u[5] < d$sudden
  death <- if (sudden) first else first + whole_day(quantile_of(d$death[[k]], u[3]))
  scan <- max(end - floor(u[4] * (d$lag + 1)), 0)
  progressed <- !sudden && first <= scan && first <= death
  dead <- death <= end
  day <- if (progressed) first else if (dead) death else scan
  if (day < earliest[i] || (must && (!progressed || day > latest[i]))) return(NULL)
  c(day, progressed || dead, min(death, end), dead)
}

# --- how far a cohort is from the published numbers ---------------------------------
# Product-limit curve with events before censored days: its first day below a half, and its end.
half_of <- function(day, event) {
  o <- order(day, -event)
  n <- length(o)
  S <- cumprod(1 - event[o] / (n:1))
  last <- c(day[o][-1] != day[o][-n], TRUE)   # S where all of a day have counted
  at_half <- any(abs(S[last] - 0.5) < 1e-6 & event[o][last] > 0)
  below <- which(S < 0.5 - 1e-6)
  list(median = if (length(below)) day[o][below[1]] else Inf, least = S[n], at_half = at_half)
}
# Root of the log-rank chi-square, positive where arm 2 has fewer events than expected.
root_of <- function(day, event) {
  at <- sort(unique(day[event == 1]))
  if (!length(at)) return(0)
  d <- tabulate(match(day[event == 1], at), length(at))
  d2 <- tabulate(match(day[event == 1 & arm == 2], at), length(at))
  n <- length(day) - findInterval(at - 0.5, sort(day))
  n2 <- N_RT - findInterval(at - 0.5, sort(day[arm == 2]))
  V <- sum((d * (n2 / n) * (1 - n2 / n) * (n - d) / (n - 1))[n > 1])
  if (V <= 0) -10 else (sum(d * n2 / n) - sum(d2)) / sqrt(V)
}
gap <- function(x, window) max(window[1] - x, x - window[2], 0)
median_loss <- function(half, window) {
  (if (is.finite(half$median)) min(gap(half$median, window) / (0.05 * mean(window)), 12) else 12) +
    if (half$at_half) 0.2 else 0
}
arm_half <- function(y, k, columns) half_of(y[members[[k]], columns[1]], y[members[[k]], columns[2]])
losses <- list(
  pfs = function(y) {
    median_loss(arm_half(y, 1, 1:2), target$pfs_no) + median_loss(arm_half(y, 2, 1:2), target$pfs_rt) +
      3 * gap(root_of(y[, 1], y[, 2]), target$pfs_z)
  },
  os = function(y) {
    rt <- arm_half(y, 2, 3:4)
    median_loss(arm_half(y, 1, 3:4), target$os_no) +
      12 * max(0.5 + 1e-6 - rt$least, 0) + 3 * gap(root_of(y[, 3], y[, 4]), target$os_z) +
      median_loss(half_of(y[, 3], 1 - y[, 4]), target$follow_up)
  })

# --- one search: a uniform at a time, hot first ---------------------------------------
search_one <- function(moves = 100000) {
  d <- draw_distributions()
  window <- t(vapply(seq_along(arm), function(i) {
    w <- d$first[[arm[i]]]
    c(below(w, earliest[i] - 0.5), if (is.infinite(latest[i])) 1 else below(w, latest[i] + 0.5))
  }, numeric(2)))
  u <- matrix(NA_real_, length(arm), 5)
  y <- matrix(NA_real_, length(arm), 4)
  for (i in seq_along(arm)) {
    for (try in 1:5000) {
      u[i, ] <- runif(5)
      seen <- observe(i, u[i, ], d, window)
      if (!is.null(seen)) break
    }
    if (is.null(seen)) return(NULL)
    y[i, ] <- seen
  }
  loss <- c(losses$pfs(y), losses$os(y))
  for (move in 1:moves) {
    if (sum(loss) == 0) return(list(y = y, moves = move))
    heat <- 0.02^min(move / (0.4 * moves), 1)
    i <- sample.int(length(arm), 1)
    own <- u[i, ]
    place <- sample.int(5, 1)
    step <- if (runif(1) < 0.5) runif(1) else own[place] + rnorm(1, 0, 0.05)
    if (step <= 0 || step >= 1) next
    own[place] <- step
    seen <- observe(i, own, d, window)
    if (is.null(seen)) next
    if (all(seen == y[i, ])) { u[i, ] <- own; next }
    next_y <- y
    next_y[i, ] <- seen
    next_loss <- loss
    if (any(seen[1:2] != y[i, 1:2])) next_loss[1] <- losses$pfs(next_y)
    if (any(seen[3:4] != y[i, 3:4])) next_loss[2] <- losses$os(next_y)
    if (runif(1) < exp(-(sum(next_loss) - sum(loss)) / heat)) {
      u[i, ] <- own
      y <- next_y
      loss <- next_loss
    }
  }
  NULL
}

# --- what was not published --------------------------------------------------------
survival_at <- function(day, event, at) {
  fit <- survfit(Surv(day, event) ~ 1)
  summary(fit, times = at, extend = TRUE)$surv
}
restricted_mean <- function(day, event, tau) {
  fit <- survfit(Surv(day, event) ~ 1)
  times <- c(0, fit$time[fit$time < tau], tau)
  sum(diff(times) * c(1, fit$surv[fit$time < tau]))
}
ratio <- function(day, event, x) {
  if (sum(event[x == 1]) == 0) return(0)
  exp(suppressWarnings(coef(coxph(Surv(day, event) ~ x))))
}
numbers_of <- function(y) {
  rt <- as.numeric(arm == 2)
  cut <- 4 * MONTH
  of <- function(name, day, event) {
    later <- day > cut
    found <- c(hazard_ratio = ratio(day, event, rt),
               before = ratio(pmin(day, cut), event * (day <= cut), rt),
               after = ratio(day[later], event[later], rt[later]),
               restricted_mean_difference.24_months =
                 restricted_mean(day[rt == 1], event[rt == 1], 24 * MONTH) -
                 restricted_mean(day[rt == 0], event[rt == 0], 24 * MONTH))
    for (months in c(12, 24)) for (k in 1:2) {
      own <- arm == k
      found[paste0("survival.", months, "_months.", c("no_rt", "rt")[k])] <-
        survival_at(day[own], event[own], months * MONTH)
    }
    names(found) <- sub("\\.x$", "", names(found))
    names(found) <- paste0(name, ":", names(found))
    found
  }
  c(of("pfs", y[, 1], y[, 2]), of("os", y[, 3], y[, 4]))
}

found <- list()
searches <- 0
while (length(found) < wanted) {
  searches <- searches + 1
  set.seed(seed + searches)   # a cohort belongs to its number
  cohort <- search_one()
  if (is.null(cohort)) next
  found[[length(found) + 1]] <- numbers_of(cohort$y)
  cat(sprintf("%d cohorts, %d searches, %d moves\n", length(found), searches, cohort$moves), file = stderr())
}
table <- do.call(rbind, found)
ends <- apply(table, 2, quantile, probs = c(0, 0.05, 0.5, 0.95, 1), names = FALSE)
# the ids that the program's own findings have
id_of <- function(name) {
  parts <- strsplit(name, ":")[[1]]
  rest <- parts[2]
  if (rest %in% c("before", "after")) return(sprintf("hazard_ratio.%s.%s.rt", parts[1], rest))
  if (rest == "hazard_ratio") return(sprintf("hazard_ratio.%s.rt", parts[1]))
  stat <- sub("\\..*", "", rest)
  rest <- sub("^[^.]*\\.", "", rest)
  sprintf("%s.%s.%s%s", stat, parts[1], rest, if (stat == "survival") "" else ".rt")
}
out <- data.frame(id = vapply(colnames(table), id_of, ""), cohorts = nrow(table), searches = searches,
                  least = ends[1, ], q5 = ends[2, ], q50 = ends[3, ], q95 = ends[4, ], greatest = ends[5, ])
out[, 4:8] <- lapply(out[, 4:8], function(x) signif(x, 6))
write.csv(out, "qc/identified_set.csv", row.names = FALSE, quote = FALSE)
print(out, row.names = FALSE)
