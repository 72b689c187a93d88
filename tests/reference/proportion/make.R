# Reference values for the `proportion` module: Rscript tests/reference/proportion/make.R
source(file.path("tests", "reference", "cases.R"))

# Newcombe's own example 56/70 - 48/80 is among the pairs: .0524 to .3339.
wilson <- function(x, n, level)
  suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int
for (pair in list(c(7, 25), c(25, 37), c(30, 76), c(35, 37), c(1, 113), c(500, 100000), c(2, 3)))
  for (level in c(0.9, 0.95, 0.99)) {
    arguments <- list(events = pair[1], n = pair[2], level = level)
    case("wilson", arguments, { ci <- wilson(events, n, level); list(lower = ci[1], upper = ci[2]) })
    case("clopper_pearson", arguments, {
      # binom.test is qbeta, polished here by one Newton step
      polish <- function(p, a, b) { x <- qbeta(p, a, b); x - (pbeta(x, a, b) - p) / dbeta(x, a, b) }
      ci <- binom.test(events, n, conf.level = level)$conf.int
      tail <- (1 - level) / 2
      limits <- c(polish(tail, events, n - events + 1), polish(1 - tail, events + 1, n - events))
      stopifnot(abs(limits / ci - 1) < 1e-6)
      list(lower = limits[1], upper = limits[2])
    })
  }
for (n in c(1, 10, 37)) {
  case("clopper_pearson", list(events = 0, n = n, level = 0.95),
    { ci <- binom.test(events, n, conf.level = level)$conf.int; list(lower = ci[1], upper = ci[2]) })
  case("clopper_pearson", list(events = n, n = n, level = 0.95),
    { ci <- binom.test(events, n, conf.level = level)$conf.int; list(lower = ci[1], upper = ci[2]) })
}
for (four in list(c(25, 37, 30, 76), c(35, 37, 47, 76), c(56, 70, 48, 80), c(9, 10, 3, 10), c(10, 10, 0, 20)))
  for (level in c(0.9, 0.95))
    case("newcombe_difference",
      list(events = four[1], n = four[2], reference_events = four[3], reference_n = four[4], level = level), {
        p1 <- events / n; p2 <- reference_events / reference_n
        w1 <- wilson(events, n, level); w2 <- wilson(reference_events, reference_n, level)
        list(estimate = p1 - p2,
          lower = p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2),
          upper = p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
      })
write_cases()
