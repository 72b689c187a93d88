# Reference values for the `e_value` module: Rscript tests/reference/e_value/make.R
# Written from VanderWeele and Ding (2017): `EValue` is no Debian package.
source(file.path("tests", "reference", "cases.R"))

as_rr <- list(
  risk_ratio = function(x) x, odds_ratio_rare = function(x) x, hazard_ratio_rare = function(x) x,
  odds_ratio_common = sqrt,
  hazard_ratio_common = function(x) (1 - 0.5^sqrt(x)) / (1 - 0.5^sqrt(1 / x)))
e <- function(rr) ifelse(rr < 1, 1 / rr + sqrt(1 / rr * (1 / rr - 1)), rr + sqrt(rr * (rr - 1)))
of <- function(ratio, lower, upper, to) {
  limit <- if (lower <= 1 && upper >= 1) 1 else e(to(if (lower > 1) lower else upper))
  c(to(ratio), e(to(ratio)), limit)
}
rows <- list(c(3.9, 1.8, 8.7), c(0.588, 0.424, 0.816), c(1.1, 0.8, 1.5), c(0.2, 0.05, 1.3), c(12, 4, 36),
  c(1, 0.5, 2), c(3.19, 1.4, 7.28), c((25 / 37) / (30 / 76), 1.2, 2.45))
for (name in names(as_rr)) for (row in rows)
  case(name, list(ratio = row[1], lower = row[2], upper = row[3]), of(ratio, lower, upper, as_rr[[name]]))
write_cases()
