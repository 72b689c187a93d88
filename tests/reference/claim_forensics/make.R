# What a published abstract implies, by base R: Rscript tests/reference/claim_forensics/make.R
# 37 of 113 patients in one group; 67.6% against 39.5% respond (p = 0.009), disease is controlled
# in 94.6% and 61.8% (p = 0.001); median progression-free survival 20.0 and 4.0 months
# (p = 0.00098); median overall survival not reached and 26.0 months (p = 0.006).
source(file.path("tests", "reference", "json.R"))

fits <- function(percent, n) which(abs(100 * (0:n) / n - percent) <= 0.05 + 1e-12) - 1
mid_p <- function(m) {
  k <- max(0, sum(m[, 1]) - sum(m[2, ])):min(sum(m[, 1]), sum(m[1, ]))
  p <- dhyper(k, sum(m[1, ]), sum(m[2, ]), sum(m[, 1]))
  observed <- p[k == m[1, 1]]
  sum(p[p < observed * (1 - 1e-7)]) + sum(p[abs(p / observed - 1) <= 1e-7]) / 2
}
p_values <- function(claim, a, c) {
  m <- matrix(c(a, 37 - a, c, 76 - c), 2, byrow = TRUE)
  p <- c(pearson = chisq.test(m, correct = FALSE)$p.value, yates = chisq.test(m)$p.value,
    fisher = fisher.test(m)$p.value, mid_p = mid_p(m))
  setNames(as.list(p), paste0("p_from_counts.", claim, ".p_", names(p)))
}
share <- 37 * 76 / 113^2
ratio_behind <- function(claim, p, half) {
  z <- mean(qnorm(c(p - half, p + half) / 2, lower.tail = FALSE))
  values <- list(exp(-z / sqrt(56.5 * share)), exp(-z / sqrt(113 * share)))
  setNames(values, paste0("ratio_from_p_and_events.", claim,
    c(".hazard_ratio_if_half_have_events", ".hazard_ratio_if_all_have_events")))
}
z_pfs <- qnorm(0.000985 / 2, lower.tail = FALSE)
found <- c(
  list(
    counts_that_fit.orr_rt.count = fits(67.6, 37), counts_that_fit.orr_no_rt.count = fits(39.5, 76),
    counts_that_fit.dcr_rt.count = fits(94.6, 37), counts_that_fit.dcr_no_rt.count = fits(61.8, 76)),
  p_values("orr_p", 25, 30), p_values("dcr_p", 35, 47),
  ratio_behind("pfs_p", 0.00098, 0.000005), ratio_behind("os_p", 0.006, 0.0005),
  list(
    medians_and_p.pfs_p.hazard_ratio_of_medians = 4 / 20,
    medians_and_p.pfs_p.p_of_medians_if_half_have_events = 2 * pnorm(-log(5) * sqrt(56.5 * share)),
    medians_and_p.pfs_p.events_that_would_fit = (z_pfs / log(5))^2 / share))
writeLines(json(list(software = R.version.string, values = found)),
  file.path("tests", "reference", "claim_forensics", "values.json"))
