# Turnbull's estimate in plain R: EM for long, then Newton's method on the
# cells with mass, and the conditions of the maximum checked.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

estimate <- function(left, right) {
  point <- left == right
  # Order at one time: left of a point, right ends, other left ends.
  ends <- unique(data.frame(time = c(left, right), kind = c(ifelse(point, 0, 2), rep(1, length(right)))))
  ends <- ends[order(ends$time, ends$kind), ]
  first <- which(ends$kind[-nrow(ends)] != 1 & ends$kind[-1] == 1)
  cells <- data.frame(left = ends$time[first], kind = ends$kind[first], right = ends$time[first + 1])
  holds <- outer(seq_along(left), seq_len(nrow(cells)), function(i, j) {
    after <- ifelse(point[i], cells$left[j] >= left[i], cells$left[j] > left[i] | (cells$left[j] == left[i] & cells$kind[j] == 2))
    after & cells$right[j] <= right[i]
  }) + 0
  n <- length(left); p <- rep(1 / nrow(cells), nrow(cells))
  for (iteration in 1:20000) p <- p * colSums(holds / c(holds %*% p)) / n
  repeat {
    kept <- which(p > 1e-7); q <- p[kept] / sum(p[kept]); a <- holds[, kept, drop = FALSE]
    for (step in 1:50) {
      mass <- c(a %*% q); g <- colSums(a / mass); h <- crossprod(a / mass)
      k <- length(q); system <- rbind(cbind(h, 1), c(rep(1, k), 0))
      q <- q + qr.solve(system, c(g, 0))[1:k]
    }
    if (all(q > -1e-12)) break
    p[kept] <- pmax(q, 0)
  }
  gap <- max(colSums(holds / c(a %*% q))) - n
  stopifnot(gap < 1e-8 * n)
  # A cell on the edge, with no mass, has no part in the information.
  positive <- q > 1e-9; kept <- kept[positive]; q <- q[positive] / sum(q[positive])
  a <- a[, positive, drop = FALSE]; k <- length(q)
  # The variance of S after each cell: the information along directions that
  # keep the sum of the probabilities.
  along <- qr.Q(qr(cbind(rep(1, k))), complete = TRUE)[, -1, drop = FALSE]
  covariance <- along %*% solve(t(along) %*% crossprod(a / c(a %*% q)) %*% along, t(along))
  after <- outer(seq_len(k), seq_len(k), `<`) + 0
  error <- sqrt(pmax(0, diag(after %*% covariance %*% t(after))))
  list(left = I(cells$left[kept]), right = I(cells$right[kept]), probability = I(q),
       standard_error = I(error),
       log_likelihood = sum(log(a %*% q)))
}

case <- function(name) {
  frame <- read_data(name)
  # Ends that differ by rounding are one time, as survfit takes them.
  ends <- c(frame$left, frame$right)
  known <- !is.na(ends)
  ends[known] <- aeqSurv(Surv(ends[known], rep(1, sum(known))))[, 1]
  frame <- data.frame(left = ends[seq_along(frame$left)], right = ends[-seq_along(frame$left)])
  frame$right[is.na(frame$right)] <- Inf
  found <- estimate(frame$left, frame$right)
  # R's own estimate, which stops early, is near; that of exact times is not.
  is_exact <- all(frame$left == frame$right | frame$right == Inf)
  if (is_exact) {
    plain <- survfit(Surv(left, is.finite(right)) ~ 1, frame)
    stopifnot(all.equal(1 - cumsum(found$probability[is.finite(found$right)]), summary(plain)$surv))
  }
  else fit <- survfit(Surv(left, ifelse(is.finite(right), right, NA), type = "interval2") ~ 1, frame)
  if (!is_exact) for (j in which(is.finite(found$right))) {
    near <- summary(fit, times = found$right[j] + 1e-6, extend = TRUE)$surv
    if (abs(near - (1 - sum(found$probability[1:j]))) > 0.01) warning(name, " differs from survfit at ", found$right[j])
  }
  c(list(data = name, call = paste("EM and Newton on", name)), found)
}

write_cases("turnbull", "survival", list(
  case("cosmesis_1"), case("cosmesis_2"), case("ovarian_visits"), case("veteran_visits"),
  case("lung_visits"), case("near_tied_visits"), case("tied_visits"), case("half_visits"),
  case("exact_visits")))
