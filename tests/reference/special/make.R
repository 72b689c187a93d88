# Reference values for the `special` module: Rscript tests/reference/special/make.R
source(file.path("tests", "reference", "cases.R"))

for (z in c(-37, -20, -8, -3, -1, -0.1, 0, 1e-5, 0.5, 1.96, 4, 10, 25, 36.9)) {
  case("normal_cdf", list(z = z), pnorm(z))
  case("normal_upper_tail", list(z = z), pnorm(z, lower.tail = FALSE))
}
for (p in c(1e-300, 1e-100, 1e-16, 1e-5, 0.01, 0.2, 0.4, 0.499999, 0.5000001, 0.7, 0.975, 0.9999))
  case("normal_quantile", list(p = p), qnorm(p))

degrees <- c(0.5, 1, 2, 3, 7.3, 30, 101, 1000, 50000)
for (df in degrees) {
  for (ratio in c(0.001, 0.1, 0.5, 0.9, 1, 1.1, 2, 10))
    case("chi_square_upper_tail", list(x = ratio * df, df = df), pchisq(x, df, lower.tail = FALSE))
  for (p in c(1e-8, 1e-5, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999))
    case("chi_square_quantile", list(p = p, df = df), qchisq(p, df))
}
for (x in c(100, 700, 1350)) for (df in c(1, 2, 5))
  case("chi_square_upper_tail", list(x = x, df = df), pchisq(x, df, lower.tail = FALSE))

# above 4e5 degrees of freedom pt falls back on the normal distribution
for (df in c(1, 1.7, 2, 3, 12.25, 36, 111, 5000, 3e5)) {
  for (t in c(1e-6, 0.1, 0.7, 1, 2, 3.5, 8, 20, 1e4))
    if (2 * pt(-t, df) > 1e-300)
      case("student_t_two_sided_tail", list(t = t, df = df), 2 * pt(-abs(t), df))
  for (p in c(1e-12, 1e-4, 0.025, 0.2, 0.4999, 0.5001, 0.9, 0.995))
    case("student_t_quantile", list(p = p, df = df), qt(p, df))
}
for (df1 in c(1, 2, 5, 40)) for (df2 in c(1, 4.5, 30, 800)) for (f in c(0.01, 0.5, 1, 2.5, 15, 400))
  if (pf(f, df1, df2, lower.tail = FALSE) > 1e-300)
    case("f_upper_tail", list(f = f, df1 = df1, df2 = df2), pf(f, df1, df2, lower.tail = FALSE))

shapes <- list(c(0.5, 0.5), c(1, 3), c(2.5, 0.7), c(8, 19), c(0.5, 500), c(300, 40), c(2000, 90000))
for (shape in shapes) {
  a <- shape[1]; b <- shape[2]
  for (p in c(1e-10, 1e-4, 0.025, 0.5, 0.975, 0.9999)) {
    # qbeta stops early; one Newton step on the log scale takes out what is left
    case("beta_quantile", list(p = p, a = a, b = b),
         { x <- qbeta(p, a, b); x - (pbeta(x, a, b) - p) / dbeta(x, a, b) })
    x <- signif(qbeta(p, a, b), 4)
    if (x < 1)
      case("regularized_incomplete_beta", list(x = x, a = a, b = b), pbeta(x, a, b))
  }
}
for (n in c(1, 20, 500, 100000)) for (p in c(0.001, 0.3, 0.98)) for (k in unique(round(n * c(0, 0.01, 0.3, 0.97, 1))))
  case("ln_binomial_pmf", list(k = k, n = n, p = p), dbinom(k, n, p, log = TRUE))
for (m in list(c(10, 4, 5), c(113, 37, 55), c(1030, 500, 400), c(50000, 30, 20000), c(2e6, 1e5, 7e5)))
  for (part in c(0, 0.2, 0.5, 1)) {
    arguments <- list(k = round(part * min(m[2], m[3])), population = m[1], marked = m[2], draws = m[3])
    if (is.finite(with(arguments, dhyper(k, marked, population - marked, draws, log = TRUE))))
      case("ln_hypergeometric_pmf", arguments,
           dhyper(k, marked, population - marked, draws, log = TRUE))
  }
write_cases()
