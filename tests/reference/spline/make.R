# Spline bases. The natural one is R's; `rms` is no Debian package, so the
# restricted one is written from Harrell (2015), eq. 2.25, scaled by tau.
library(splines)
source(file.path("tests", "reference", "json.R"), local = TRUE)

natural <- function(x, knots, boundary) {
  list(kind = "natural", call = sprintf("ns(x, knots = c(%s), Boundary.knots = c(%s))",
         paste(knots, collapse = ", "), paste(boundary, collapse = ", ")),
       x = I(x), knots = I(knots), boundary = I(boundary),
       columns = t(unclass(ns(x, knots = knots, Boundary.knots = boundary))[, seq_len(length(knots) + 1), drop = FALSE]))
}

restricted <- function(x, knots) {
  k <- length(knots)
  plus <- function(u) pmax(u, 0)^3
  columns <- cbind(x, sapply(seq_len(k - 2), function(j) {
    (plus(x - knots[j])
      - plus(x - knots[k - 1]) * (knots[k] - knots[j]) / (knots[k] - knots[k - 1])
      + plus(x - knots[k]) * (knots[k - 1] - knots[j]) / (knots[k] - knots[k - 1])) /
      (knots[k] - knots[1])^2
  }))
  list(kind = "restricted", call = sprintf("rcs(x, c(%s))", paste(knots, collapse = ", ")),
       x = I(x), knots = I(knots), columns = t(unname(columns)))
}

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
  restricted(wide, c(43, 56, 63, 69, 77))))
