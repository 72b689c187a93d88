# Comparisons of survival curves and interval-censored ones, as findings by id. See analyses.R.

# The groups as data frames with `time` and `event`.
arms_of <- function(study, endpoint) {
  groups <- groups_of(study)
  both <- outcome(study$data, endpoint)
  frame <- data.frame(time = both[, "time"], event = both[, "status"], by = study$data[[study$by]])
  lapply(groups[names(groups) != "all"], function(own) frame[own, ])
}

# `add` with the patients and events that the number is of.
counting <- function(frame, missing = 0) {
  function(...) add(..., n = nrow(frame), events = sum(frame$event), missing = missing)
}

# Counts of the groups; gives what tells findings of both.
sizes <- function(stage, arms) {
  for (group in names(arms)) {
    tell <- counting(arms[[group]])
    stopifnot(!anyNA(arms[[group]]))
    tell(id(stage, "n", group), nrow(arms[[group]]))
    tell(id(stage, "missing", group), 0)
    tell(id(stage, "events", group), sum(arms[[group]]$event))
  }
  counting(do.call(rbind, arms))
}

# --- survival_difference ------------------------------------------------------

survival_difference <- function(study, stage, endpoint, at_months, restricted_mean_months) {
  arms <- arms_of(study, endpoint)
  both <- sizes(stage, arms)
  z <- qnorm((1 + study$level) / 2)
  other <- names(arms)[2]
  fits <- lapply(arms, function(arm) {
    survfit(Surv(time, event) ~ 1, arm, conf.type = "log-log", conf.int = study$level)
  })
  contrast <- function(name, time, d, error, turn = identity) {
    limits <- turn(d + c(-1, 1) * z * error)
    both(id(stage, name, time, other), turn(d), limits[1], limits[2], error)
    both(id(stage, "p", name, time, other), 2 * pnorm(-abs(d / error)))
  }
  for (months in at_months) {
    time <- paste0(months, "_months")
    at <- lapply(fits, function(fit) summary(fit, times = months * study$month))
    for (group in names(arms)) {
      point <- at[[group]]
      counting(arms[[group]])(id(stage, "survival", time, group), point$surv, point$lower,
                              point$upper, point$std.err)
    }
    contrast("survival_difference", time, at[[2]]$surv - at[[1]]$surv,
             sqrt(at[[1]]$std.err^2 + at[[2]]$std.err^2))
  }
  for (months in restricted_mean_months) {
    time <- paste0(months, "_months")
    rows <- sapply(fits, function(fit) summary(fit, rmean = months * study$month)$table)
    mean <- rows["rmean", ]
    error <- rows["se(rmean)", ]
    for (group in names(arms)) {
      limits <- mean[[group]] + c(-1, 1) * z * error[[group]]
      counting(arms[[group]])(id(stage, "restricted_mean", time, group), mean[[group]],
                              limits[1], limits[2], error[[group]])
    }
    contrast("restricted_mean_difference", time, mean[[2]] - mean[[1]], sqrt(sum(error^2)))
    contrast("restricted_mean_ratio", time, log(mean[[2]] / mean[[1]]),
             sqrt(sum((error / mean)^2)), exp)
  }
}

# --- survival_comparison ------------------------------------------------------

# Of the number at risk, the Kaplan-Meier curve just before, and Peto and Peto's at the time.
log_rank_weights <- list(
  log_rank = function(n, s, p) 1, gehan = function(n, s, p) n,
  tarone_ware = function(n, s, p) sqrt(n), peto_peto = function(n, s, p) p,
  fleming_harrington_0_1 = function(n, s, p) 1 - s,
  fleming_harrington_1_1 = function(n, s, p) s * (1 - s))

# One row an event time: numbers at risk and events, of all and of the second group.
risk_table <- function(frame) {
  second <- as.integer(frame$by) == 2
  rows <- lapply(sort(unique(frame$time[frame$event == 1])), function(t) {
    risk <- frame$time >= t
    now <- frame$time == t & frame$event == 1
    data.frame(time = t, n = sum(risk), n2 = sum(risk & second), d = sum(now), d2 = sum(now & second))
  })
  rows <- do.call(rbind, rows)
  rows$before <- c(1, cumprod(1 - rows$d / rows$n)[-nrow(rows)])
  rows$peto <- cumprod(1 - rows$d / (rows$n + 1))
  rows$variance <- with(rows, ifelse(n > 1, d * (n - d) / (n - 1) * n2 / n * (1 - n2 / n), 0))
  rows
}

survival_comparison <- function(study, stage, endpoint) {
  arms <- arms_of(study, endpoint)
  frame <- do.call(rbind, arms)
  both <- sizes(stage, arms)
  rows <- risk_table(frame)
  for (test in names(log_rank_weights)) {
    w <- rep_len(log_rank_weights[[test]](rows$n, rows$before, rows$peto), nrow(rows))
    observed <- with(rows, c(sum(w * (d - d2)), sum(w * d2)))
    expected <- with(rows, c(sum(w * d * (1 - n2 / n)), sum(w * d * n2 / n)))
    chi <- (observed[2] - expected[2])^2 / sum(w^2 * rows$variance)
    if (test == "log_rank") {
      stopifnot(all.equal(chi, survdiff(Surv(time, event) ~ by, frame)$chisq))
    }
    both(id(stage, "chi_square", test), chi)
    both(id(stage, "degrees_of_freedom", test), 1)
    both(id(stage, "p", test), pchisq(chi, 1, lower.tail = FALSE))
    for (i in 1:2) {
      own <- counting(arms[[i]])
      own(id(stage, "observed", test, names(arms)[i]), observed[i])
      own(id(stage, "expected", test, names(arms)[i]), expected[i])
    }
    both(id(stage, "chi_square", test, "permutation"), permutation_chi_square(frame, rows, w))
  }
  combined <- max_combo(rows)
  both(id(stage, "statistic.max_combo"), combined[1])
  both(id(stage, "p.max_combo"), combined[2], rule = "iterated")
}

# The sum of the second group's scores over its variance when groups are dealt at random.
permutation_chi_square <- function(frame, rows, w) {
  step <- w * rows$d / rows$n
  hazard <- vapply(frame$time, function(t) sum(step[rows$time <= t]), 0)
  own <- w[match(frame$time, rows$time)]
  score <- ifelse(frame$event == 1, own, 0) - hazard
  second <- as.integer(frame$by) == 2
  variance <- sum(second) * sum(!second) / length(score) * var(score)
  sum(score[second])^2 / variance
}

# The largest |z| of the weights (0, 0), (0, 1), (1, 0) and (1, 1) and its p-value. The first
# weight is the sum of the next two, so three z are free: the third of these is integrated in
# closed form and the two others by Gauss's rule, between the lines where the bounds change.
max_combo <- function(rows) {
  s <- rows$before
  w <- cbind(1, 1 - s, s, s * (1 - s))
  covariance <- t(w) %*% (w * rows$variance)
  error <- sqrt(diag(covariance))
  z <- colSums(w * with(rows, d2 - d * n2 / n)) / error
  m <- max(abs(z))
  r <- cov2cor(covariance)
  a <- error[2] / error[1]
  b <- error[3] / error[1]
  # |a x + b y|, |x| and |y| are at most m.
  rho <- r[2, 3]
  slope <- solve(r[2:3, 2:3], r[2:3, 4])
  spread <- sqrt(1 - sum(slope * r[2:3, 4]))
  density <- function(x, y) {
    middle <- slope[1] * x + slope[2] * y
    inside <- pnorm((m - middle) / spread) - pnorm((-m - middle) / spread)
    exp(-(x^2 - 2 * rho * x * y + y^2) / (2 * (1 - rho^2))) / (2 * pi * sqrt(1 - rho^2)) * inside
  }
  column <- function(x) {
    from <- max(-m, (-m - a * x) / b)
    to <- min(m, (m - a * x) / b)
    if (from < to) gauss(function(y) density(x, y), seq(from, to, length.out = 17)) else 0
  }
  corners <- sort(unique(c(-m, m, pmin(m, pmax(-m, c(-m - b * m, -m + b * m, m - b * m, m + b * m) / a)))))
  box <- sum(vapply(seq_along(corners[-1]), function(i) {
    gauss(function(x) vapply(x, column, 0), seq(corners[i], corners[i + 1], length.out = 17))
  }, 0))
  c(m, 1 - box)
}

# Gauss-Legendre with 20 points in each interval between `knots`.
gauss <- function(f, knots) {
  k <- 1:19
  beta <- k / sqrt(4 * k^2 - 1)
  jacobi <- matrix(0, 20, 20)
  jacobi[cbind(k, k + 1)] <- jacobi[cbind(k + 1, k)] <- beta
  rule <- eigen(jacobi, symmetric = TRUE)
  half <- diff(knots) / 2
  middle <- knots[-1] - half
  x <- c(outer(rule$values, half) + rep(middle, each = 20))
  sum(f(x) * c(outer(2 * rule$vectors[1, ]^2, half)))
}

# --- turnbull -----------------------------------------------------------------

# Intervals with mass, their probabilities, and standard errors of survival after each: EM for
# long, then Newton's method on the intervals with mass; the maximum is checked.
turnbull_estimate <- function(left, right) {
  point <- left == right
  # Order at one time: left of a point, right ends, other left ends.
  ends <- unique(data.frame(time = c(left, right), kind = c(ifelse(point, 0, 2), rep(1, length(right)))))
  ends <- ends[order(ends$time, ends$kind), ]
  first <- which(ends$kind[-nrow(ends)] != 1 & ends$kind[-1] == 1)
  cells <- data.frame(left = ends$time[first], kind = ends$kind[first], right = ends$time[first + 1])
  holds <- outer(seq_along(left), seq_len(nrow(cells)), function(i, j) {
    after <- ifelse(point[i], cells$left[j] >= left[i],
                    cells$left[j] > left[i] | (cells$left[j] == left[i] & cells$kind[j] == 2))
    after & cells$right[j] <= right[i]
  }) + 0
  n <- length(left)
  p <- rep(1 / nrow(cells), nrow(cells))
  for (iteration in 1:20000) p <- p * colSums(holds / c(holds %*% p)) / n
  repeat {
    kept <- which(p > 1e-7)
    q <- p[kept] / sum(p[kept])
    a <- holds[, kept, drop = FALSE]
    k <- length(q)
    for (step in 1:50) {
      mass <- c(a %*% q)
      system <- rbind(cbind(crossprod(a / mass), 1), c(rep(1, k), 0))
      q <- q + qr.solve(system, c(colSums(a / mass), 0))[1:k]
    }
    if (all(q > -1e-12)) break
    p[kept] <- pmax(q, 0)
  }
  stopifnot(max(colSums(holds / c(a %*% q))) - n < 1e-8 * n)
  positive <- q > 1e-9
  kept <- kept[positive]
  q <- q[positive] / sum(q[positive])
  a <- a[, positive, drop = FALSE]
  k <- length(q)
  # The information along the directions that keep the sum of the probabilities.
  along <- qr.Q(qr(cbind(rep(1, k))), complete = TRUE)[, -1, drop = FALSE]
  covariance <- along %*% solve(t(along) %*% crossprod(a / c(a %*% q)) %*% along, t(along))
  after <- outer(seq_len(k), seq_len(k), `<`) + 0
  data.frame(left = cells$left[kept], right = cells$right[kept], p = q,
             error = sqrt(pmax(0, diag(after %*% covariance %*% t(after)))))
}

turnbull <- function(study, stage, left, right, at_months) {
  groups <- groups_of(study)
  for (group in names(groups)) {
    own <- study$data[groups[[group]], ]
    from <- own[[left]]
    to <- ifelse(is.na(own[[right]]), Inf, own[[right]])
    one_turnbull(function(...) id(stage, ..., group), from, to, study, at_months)
  }
}

one_turnbull <- function(at, from, to, study, at_months) {
  z <- qnorm((1 + study$level) / 2)
  event <- is.finite(to)
  tell <- function(..., rule = "iterated") {
    add(..., n = length(from), events = sum(event), missing = 0, rule = rule)
  }
  tell(at("n"), length(from), rule = "exact")
  tell(at("missing"), 0, rule = "exact")
  tell(at("events"), sum(event), rule = "exact")
  tell(at("exact_events"), sum(from == to), rule = "exact")
  tell(at("censored"), sum(!event), rule = "exact")
  cells <- turnbull_estimate(from, to)
  middle <- min(which(cumsum(cells$p) >= .5 - 1e-7))
  tell(at("median_from"), cells$left[middle])
  tell(at("median_to"), cells$right[middle])
  halfway <- survfit(Surv(ifelse(event, (from + to) / 2, from), event) ~ 1, conf.type = "log-log",
                     conf.int = study$level)
  half <- quantile(halfway, .5)
  tell(at("midpoint_median"), half$quantile, half$lower, half$upper, rule = "exact")
  for (months in at_months) {
    t <- months * study$month
    time <- paste0(months, "_months")
    least <- sum(cells$p[cells$left >= t])
    greatest <- sum(cells$p[cells$right > t])
    # Within an interval that has mass the curve is not known.
    stopifnot(!any(cells$left < t & cells$right > t))
    error <- cells$error[max(which(cells$right <= t))]
    power <- exp(-z * error / greatest / log(greatest))
    tell(at("survival", time), greatest, greatest^power, greatest^(1 / power), error)
    tell(at("least_survival", time), least, standard_error = error)
    tell(at("greatest_survival", time), greatest, standard_error = error)
    point <- summary(halfway, times = t)
    tell(at("midpoint_survival", time), point$surv, point$lower, point$upper, point$std.err, rule = "exact")
  }
}
