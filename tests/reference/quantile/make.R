# Reference values for the `quantile` module: Rscript tests/reference/quantile/make.R
source(file.path("tests", "reference", "cases.R"))

set.seed(20260102)
samples <- list(c(4, 1, 3, 2), c(5, -2), signif(rnorm(113, 60, 10), 12), round(rexp(50, 0.1)),
  1e9 + c(1, 2, 4, 7, 7), signif(rnorm(10, 0, 1e-8), 12))
for (values in samples) {
  case("summarize", list(values = values), {
    q <- quantile(values, c(0.25, 0.5, 0.75), names = FALSE)
    list(n = length(values), mean = mean(values), standard_deviation = sd(values), minimum = min(values),
      lower_quartile = q[1], median = q[2], upper_quartile = q[3], maximum = max(values),
      interquartile_range = IQR(values))
  })
  case("quantiles", list(values = values, probabilities = c(0, 0.01, 0.1, 1 / 3, 0.9, 0.99, 1)),
    quantile(values, probabilities, type = 7, names = FALSE))
}
write_cases()
