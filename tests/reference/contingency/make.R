# Reference values for the `contingency` module: Rscript tests/reference/contingency/make.R
source(file.path("tests", "reference", "cases.R"))

# fisher.test finds its odds ratio to four digits only (uniroot's default
# tolerance); here the same equations are solved to the last digits.
noncentral <- function(m, log_odds) {
  support <- max(0, sum(m[, 1]) - sum(m[2, ])):min(sum(m[, 1]), sum(m[1, ]))
  w <- dhyper(support, sum(m[1, ]), sum(m[2, ]), sum(m[, 1]), log = TRUE) + support * log_odds
  list(k = support, p = exp(w - max(w)) / sum(exp(w - max(w))))
}
solve_odds <- function(f) exp(uniroot(f, c(-30, 30), tol = 1e-15, maxiter = 10000)$root)
conditional <- function(m, level) {
  x <- m[1, 1]
  tail <- (1 - level) / 2
  list(
    estimate = solve_odds(function(l) with(noncentral(m, l), sum(k * p)) - x),
    lower = solve_odds(function(l) with(noncentral(m, l), sum(p[k >= x])) - tail),
    upper = solve_odds(function(l) with(noncentral(m, l), sum(p[k <= x])) - tail))
}
mid_p <- function(m) {
  d <- noncentral(m, 0)
  observed <- d$p[d$k == m[1, 1]]
  sum(d$p[d$p < observed * (1 - 1e-7)]) + sum(d$p[abs(d$p / observed - 1) <= 1e-7]) / 2
}
# The rule of fisher.test over every table with these margins, one by one:
# FEXACT itself adds up rounded paths.
enumerate <- function(m) {
  fixed <- sum(lfactorial(rowSums(m))) + sum(lfactorial(colSums(m))) - lfactorial(sum(m))
  walk <- function(rows, columns) {
    if (length(columns) == 1) return(-sum(lfactorial(rows)))
    fills <- as.matrix(expand.grid(lapply(rows, function(r) 0:min(r, columns[1]))))
    fills <- fills[rowSums(fills) == columns[1], , drop = FALSE]
    unlist(lapply(seq_len(nrow(fills)), function(i)
      -sum(lfactorial(fills[i, ])) + walk(rows - fills[i, ], columns[-1])))
  }
  p <- exp(fixed + walk(rowSums(m), colSums(m)))
  observed <- exp(fixed - sum(lfactorial(m)))
  sum(p[p <= observed * (1 + 1e-7)])
}

square <- function(...) matrix(c(...), 2, byrow = TRUE)
pairs <- list(square(25, 12, 30, 46), square(35, 2, 47, 29), square(8, 1, 2, 5),
  square(3, 7, 9, 1), square(1, 19, 8, 14), square(400, 600, 350, 700), square(5, 5, 5, 5),
  square(2, 3, 1, 4))
for (m in pairs) {
  case("chi_square", list(m = m), with(suppressWarnings(chisq.test(m, correct = FALSE)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("chi_square_yates", list(m = m), with(suppressWarnings(chisq.test(m)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("fisher_exact", list(m = m), fisher.test(m)$p.value)
  case("mid_p", list(m = m), mid_p(m))
  for (level in c(0.9, 0.95)) {
    case("conditional_odds_ratio", list(m = m, level = level), conditional(m, level))
    case("odds_ratio", list(m = m, level = level), {
      log_or <- log(m[1, 1] * m[2, 2] / (m[1, 2] * m[2, 1]))
      half <- qnorm((1 + level) / 2) * sqrt(sum(1 / m))
      list(estimate = exp(log_or), lower = exp(log_or - half), upper = exp(log_or + half))
    })
    case("relative_risk", list(m = m, level = level), {
      n <- rowSums(m)
      log_rr <- log((m[1, 1] / n[1]) / (m[2, 1] / n[2]))
      half <- qnorm((1 + level) / 2) * sqrt(1 / m[1, 1] - 1 / n[1] + 1 / m[2, 1] - 1 / n[2])
      list(estimate = exp(log_rr), lower = exp(log_rr - half), upper = exp(log_rr + half))
    })
  }
  case("conditional_odds_ratio_rounded", list(m = m, level = 0.95), with(fisher.test(m),
    list(estimate = unname(estimate), lower = conf.int[1], upper = conf.int[2])))
}
for (m in list(square(4, 0, 1, 5), square(0, 6, 3, 3), square(12, 0, 0, 9))) {
  case("fisher_exact", list(m = m), fisher.test(m)$p.value)
  case("mid_p", list(m = m), mid_p(m))
}
larger <- list(matrix(c(9, 8, 7, 6, 5, 2, 12, 20, 14, 10, 9, 2, 3, 4, 2), 3, byrow = TRUE),
  matrix(c(25, 10, 2, 30, 17, 29), 2, byrow = TRUE),
  matrix(c(3, 1, 4, 1, 5, 9, 2, 6, 5), 3), matrix(c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4),
  matrix(c(4, 1, 2, 7, 5, 1, 0, 3, 3, 8), 5), matrix(c(0, 9, 3, 3, 0, 4), 3))
for (m in larger) {
  case("chi_square", list(m = m), with(suppressWarnings(chisq.test(m)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("fisher_exact_rounded", list(m = m), fisher.test(m, workspace = 2e7)$p.value)
  if (length(m) < 15) case("fisher_exact", list(m = m), enumerate(m))
}
# Tables of published studies, and one, heavy and empty cells.
library(survival)
plain <- function(...) matrix(c(table(...)), nrow = length(unique(..1)))
studies <- list(
  with(lung, plain(sex, status)), with(veteran, plain(trt, prior)), with(ovarian, plain(rx, resid.ds)),
  with(subset(pbc, !is.na(trt)), plain(trt, status == 2)), with(gbsg, plain(hormon, meno)),
  with(subset(colon, etype == 2), plain(sex, status)), with(mgus2, plain(sex, pstat)))
for (m in studies) {
  case("chi_square", list(m = m), with(suppressWarnings(chisq.test(m, correct = FALSE)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("chi_square_yates", list(m = m), with(suppressWarnings(chisq.test(m)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("fisher_exact", list(m = m), fisher.test(m)$p.value)
  case("mid_p", list(m = m), mid_p(m))
  case("conditional_odds_ratio", list(m = m, level = 0.95), conditional(m, level))
  case("conditional_odds_ratio_rounded", list(m = m, level = 0.95), with(fisher.test(m),
    list(estimate = unname(estimate), lower = conf.int[1], upper = conf.int[2])))
}
for (m in list(square(1, 0, 0, 1), square(0, 1, 1, 0), square(1, 1, 1, 1), square(0, 50, 5, 45), square(2, 998, 9, 9991))) {
  case("fisher_exact", list(m = m), fisher.test(m)$p.value)
  case("mid_p", list(m = m), mid_p(m))
}
wide <- list(
  with(subset(lung, !is.na(ph.ecog)), plain(sex, pmin(ph.ecog, 2))), with(veteran, plain(celltype, trt)), with(ovarian, plain(rx, ecog.ps)),
  with(subset(pbc, !is.na(trt)), plain(trt, stage)), with(subset(veteran, time < 20), plain(celltype, prior)))
for (m in wide) {
  case("chi_square", list(m = m), with(suppressWarnings(chisq.test(m, correct = FALSE)),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value, expected = min(expected))))
  case("fisher_exact_rounded", list(m = m), fisher.test(m, workspace = 2e7)$p.value)
  if (sum(m) < 40) case("fisher_exact", list(m = m), enumerate(m))
}
write_cases()
