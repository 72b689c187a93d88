# Reference values for the `forensics` module: Rscript tests/reference/forensics/make.R
source(file.path("tests", "reference", "cases.R"))

square <- function(...) matrix(c(...), 2, byrow = TRUE)
pearson <- function(m, correct = FALSE) suppressWarnings(chisq.test(m, correct = correct))
two_sided <- function(z) 2 * pnorm(-abs(z))
likelihood_ratio <- function(m) {
  expected <- outer(rowSums(m), colSums(m)) / sum(m)
  statistic <- 2 * sum(ifelse(m > 0, m * log(m / expected), 0))
  pchisq(statistic, prod(dim(m) - 1), lower.tail = FALSE)
}
tails <- function(m) c(
  fisher.test(m, alternative = "less")$p.value, fisher.test(m, alternative = "greater")$p.value)
mid_p <- function(m) {
  k <- max(0, sum(m[, 1]) - sum(m[2, ])):min(sum(m[, 1]), sum(m[1, ]))
  p <- dhyper(k, sum(m[1, ]), sum(m[2, ]), sum(m[, 1]))
  observed <- p[k == m[1, 1]]
  sum(p[p < observed * (1 - 1e-7)]) + sum(p[abs(p / observed - 1) <= 1e-7]) / 2
}
unpooled <- function(m) {
  n <- rowSums(m)
  share <- m[, 1] / n
  two_sided(diff(share) / sqrt(sum(share * (1 - share) / n)))
}
# the closed form of what glm iterates to
wald <- function(m) two_sided(log(m[1, 1] * m[2, 2] / (m[1, 2] * m[2, 1])) / sqrt(sum(1 / m)))

pairs <- list(square(25, 12, 30, 46), square(35, 2, 47, 29), square(8, 1, 2, 5),
  square(3, 7, 9, 1), square(1, 19, 8, 14), square(400, 600, 350, 700), square(5, 5, 5, 5),
  square(2, 3, 1, 4), square(61, 88, 40, 111))
for (m in pairs) {
  case("p_values_of_counts", list(m = m), list(
    pearson = pearson(m)$p.value, yates = pearson(m, TRUE)$p.value, fisher = fisher.test(m)$p.value,
    mid_p = mid_p(m), doubled = min(1, 2 * min(tails(m))),
    mantel_haenszel = pchisq(unname(pearson(m)$statistic) * (sum(m) - 1) / sum(m), 1, lower.tail = FALSE),
    likelihood_ratio = likelihood_ratio(m), unpooled = unpooled(m), wald = wald(m),
    one_sided = pearson(m)$p.value / 2, yates_one_sided = pearson(m, TRUE)$p.value / 2,
    fisher_one_sided = min(tails(m))))
}
for (m in list(matrix(c(25, 10, 2, 30, 17, 29), 2, byrow = TRUE),
  matrix(c(12, 30, 5, 18, 22, 9, 7, 7, 7), 3, byrow = TRUE), matrix(c(0, 5, 9, 4, 3, 1), 2, byrow = TRUE))) {
  case("p_values_of_levels", list(m = m), list(
    pearson = pearson(m)$p.value, fisher = fisher.test(m, workspace = 2e7)$p.value,
    likelihood_ratio = likelihood_ratio(m)))
}
for (s in list(c(62.1, 9.4, 37, 65.8, 10.2, 76), c(1.2, 0.4, 12, 1.9, 1.1, 9), c(5, 1, 100, 5.1, 1, 100))) {
  case("p_values_of_means", list(s = s), {
    n <- s[c(3, 6)]; v <- s[c(2, 5)]^2; d <- s[1] - s[4]
    pooled <- sum((n - 1) * v) / (sum(n) - 2)
    welch <- sum(v / n)^2 / sum((v / n)^2 / (n - 1))
    list(student = 2 * pt(-abs(d) / sqrt(pooled * sum(1 / n)), sum(n) - 2),
      welch = 2 * pt(-abs(d) / sqrt(sum(v / n)), welch),
      normal = two_sided(d / sqrt(sum(v / n))))
  })
}
for (p in c(0.00098, 0.009, 0.05, 0.5, 0.999)) {
  case("size_of_z", list(p = p), list(two = qnorm(p / 2, lower.tail = FALSE),
    one = max(0, qnorm(p, lower.tail = FALSE))))
}
for (p in list(c(0.97, 0.99, 0.95, 0.98, 0.96), c(0.1, 0.9, 0.4, 0.6, 0.5), c(0.5, 0.51))) {
  case("p_values_alike", list(p = p), pnorm(sum(qnorm(p)) / sqrt(length(p)), lower.tail = FALSE))
}
for (d in list(c(0.02, 0.01, 0.05, 0.03), c(0.3, 0.2, 0.1))) {
  case("differences_alike", list(d = d, n = c(37, 76)), pchisq(sum(d^2) / sum(1 / n), length(d)))
}
write_cases()
