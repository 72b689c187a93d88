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
# Deaths of published studies: all of them, and by group.
library(survival)
deaths <- function(event, group) unname(as.list(c(rbind(tapply(event, group, sum), tapply(event, group, length)))))
for (four in list(deaths(lung$status == 2, lung$sex), deaths(veteran$status, veteran$trt),
                  deaths(ovarian$fustat, ovarian$rx), deaths(gbsg$status, gbsg$hormon))) {
  names(four) <- c("events", "n", "reference_events", "reference_n")
  arguments <- c(four, level = 0.95)
  case("wilson", arguments[c("events", "n", "level")],
       { ci <- wilson(events, n, level); list(lower = ci[1], upper = ci[2]) })
  case("clopper_pearson", arguments[c("events", "n", "level")], {
    x <- qbeta(c((1 - level) / 2, (1 + level) / 2), c(events, events + 1), c(n - events + 1, n - events))
    a <- c(events, events + 1); b <- c(n - events + 1, n - events)
    x <- x - (pbeta(x, a, b) - c((1 - level) / 2, (1 + level) / 2)) / dbeta(x, a, b)
    list(lower = x[1], upper = x[2])
  })
  case("newcombe_difference", arguments, {
    p1 <- events / n; p2 <- reference_events / reference_n
    w1 <- wilson(events, n, level); w2 <- wilson(reference_events, reference_n, level)
    list(estimate = p1 - p2,
      lower = p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2),
      upper = p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
  })
}
# One subject on either side.
for (four in list(c(1, 1, 0, 1), c(0, 1, 0, 1), c(0, 7, 0, 3)))
  case("newcombe_difference",
    list(events = four[1], n = four[2], reference_events = four[3], reference_n = four[4], level = 0.95), {
      ends <- function(x, n) { ci <- wilson(x, n, level); c(if (x == 0) 0 else ci[1], if (x == n) 1 else ci[2]) }
      p1 <- events / n; p2 <- reference_events / reference_n
      w1 <- ends(events, n); w2 <- ends(reference_events, reference_n)
      list(estimate = p1 - p2,
        lower = p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2),
        upper = p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
    })
write_cases()
