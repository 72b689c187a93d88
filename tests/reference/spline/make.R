# Spline bases. The natural one is R's; `rms` is no Debian package, so the
# restricted one is written from Harrell (2015), eq. 2.25, scaled by tau.
library(splines)
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

natural <- function(x, knots, boundary) {
  list(kind = "natural", call = sprintf("ns(x, knots = c(%s), Boundary.knots = c(%s))",
         paste(knots, collapse = ", "), paste(boundary, collapse = ", ")),
       x = I(x), knots = I(knots), boundary = I(boundary),
       columns = t(unclass(ns(x, knots = knots, Boundary.knots = boundary))[, seq_len(length(knots) + 1), drop = FALSE]))
}

rcs <- function(x, knots) {
  k <- length(knots)
  plus <- function(u) pmax(u, 0)^3
  unname(cbind(x, sapply(seq_len(k - 2), function(j) {
    (plus(x - knots[j])
      - plus(x - knots[k - 1]) * (knots[k] - knots[j]) / (knots[k] - knots[k - 1])
      + plus(x - knots[k]) * (knots[k - 1] - knots[j]) / (knots[k] - knots[k - 1])) /
      (knots[k] - knots[1])^2
  })))
}

restricted <- function(x, knots) {
  list(kind = "restricted", call = sprintf("rcs(x, c(%s))", paste(knots, collapse = ", ")),
       x = I(x), knots = I(knots), columns = t(rcs(x, knots)))
}

# Cox models of a spline and one more column.
model <- function(name, column, other, kind, knots, boundary = NULL) {
  frame <- read_data(name)
  x <- frame[[column]]
  basis <- if (kind == "natural") ns(x, knots = knots, Boundary.knots = boundary) else rcs(x, knots)
  fit <- coxph(Surv(time, event) ~ unclass(basis) + frame[[other]], frame)
  tested <- seq_len(ncol(basis))
  beta <- unname(coef(fit))
  list(kind = "model", form = kind, call = sprintf("coxph(Surv(time, event) ~ %s(%s) + %s, data = %s)",
         if (kind == "natural") "ns" else "rcs", column, other, name),
       data = name, column = column, other = other, knots = I(knots),
       boundary = if (!is.null(boundary)) I(boundary),
       coefficients = I(beta), covariance = fit$var, log_likelihood = I(fit$loglik),
       wald = drop(beta[tested] %*% solve(fit$var[tested, tested], beta[tested])))
}
harrell <- function(x) unname(quantile(x, c(0.05, 0.35, 0.65, 0.95)))

age <- sort(unique(read_data("lung_complete")$age))
wide <- c(30, 39, 39.5, 45, 50, 56, 62, 63, 70, 80, 82, 95)
write_cases("spline", "splines", list(
  natural(age, c(50, 60, 70), range(age)),
  natural(wide, c(56, 63, 69), c(39, 82)),
  natural(wide, numeric(), c(39, 82)),
  natural(wide, 63, c(39, 82)),
  natural(c(-1, 0, 0.1, 0.7, 1, 3), c(0.2, 0.4, 0.5, 0.9), c(0, 1)),
  restricted(age, c(45, 58, 64, 77)),
  restricted(wide, c(39, 63, 82)),
  restricted(wide, c(43, 56, 63, 69, 77)),
  restricted(read_data("pbc")$log_bili[1:100], c(-0.5, 0.3, 1.5, 2.7)),
  natural(read_data("veteran")$karno[1:60], c(40, 60, 70), c(10, 99)),
  model("lung_complete", "age", "sex", "natural", c(56, 63, 69), c(39, 82)),
  model("pbc", "log_bili", "edema", "natural", c(0, 1), range(read_data("pbc")$log_bili)),
  model("lung_complete", "age", "sex", "restricted", harrell(read_data("lung_complete")$age)),
  model("pbc", "log_bili", "age", "restricted", harrell(read_data("pbc")$log_bili)),
  model("veteran", "karno", "age", "restricted", c(20, 50, 70, 90))))
