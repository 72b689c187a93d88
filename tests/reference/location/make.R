# Reference values for the `location` module: Rscript tests/reference/location/make.R
source(file.path("tests", "reference", "cases.R"))

set.seed(20260101)
samples <- list(
  list(x = c(1, 2, 2, 3, 5), y = c(2, 4, 5, 6, 7, 8)),
  list(x = c(0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46), y = c(1.15, 0.88, 0.9, 0.74, 1.21)),
  list(x = round(rnorm(37, 62, 9)), y = round(rnorm(76, 59, 11))),
  list(x = signif(rnorm(49), 12), y = signif(rnorm(49, 0.4), 12)),
  list(x = signif(rnorm(50), 12), y = signif(rnorm(20, 0.4), 12)),
  list(x = signif(rexp(30), 12), y = signif(rexp(40, 3), 12)),
  list(x = c(3, 1), y = c(2, 2, 2)),
  list(x = 1e6 + c(1, 2, 4, 7), y = 1e6 + c(3, 5, 9)))
for (s in samples) {
  case("rank_sum", s, with(suppressWarnings(wilcox.test(x, y)),
    list(statistic = unname(statistic), p = p.value)))
  case("welch_t_test", c(s, level = 0.9), with(t.test(x, y, conf.level = level),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value,
      lower = conf.int[1], upper = conf.int[2], standard_error = stderr)))
}
grouped <- list(
  list(values = c(2.9, 3, 2.5, 2.6, 3.2, 3.8, 2.7, 4, 2.4, 2.8, 3.4, 3.7, 2.2, 2), groups = rep(0:2, c(5, 4, 5))),
  list(values = round(rnorm(113, 60, 10)), groups = sample(0:3, 113, TRUE)),
  list(values = signif(rexp(40), 12), groups = rep(c(0, 2, 3), length.out = 40)),
  list(values = c(1, 1, 2, 2, 2, 3), groups = c(0, 1, 0, 1, 0, 1)))
for (s in grouped) {
  case("kruskal_wallis", s, with(kruskal.test(values, groups),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value)))
  case("welch_anova", s, with(oneway.test(values ~ groups),
    list(statistic = unname(statistic), df1 = unname(parameter)[1], df2 = unname(parameter)[2], p = p.value)))
}
# Published studies, with many ties and with none, and values equal but for
# rounding, which are two values.
library(survival)
pair <- function(value, group) { by <- split(value[!is.na(value)], group[!is.na(value)]); list(x = by[[1]], y = by[[2]]) }
studies <- list(
  pair(lung$age, lung$sex), pair(lung$wt.loss, lung$sex), pair(veteran$karno, veteran$trt),
  pair(ovarian$age, ovarian$rx), pair(pbc$bili, pbc$trt), pair(gbsg$pgr, gbsg$hormon),
  list(x = c(0.3, 1, 2), y = c(0.1 + 0.2, 3, 4)))
for (s in studies) {
  case("rank_sum", s, with(suppressWarnings(wilcox.test(x, y)), list(statistic = unname(statistic), p = p.value)))
  case("welch_t_test", c(s, level = 0.95), with(t.test(x, y, conf.level = level),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value,
      lower = conf.int[1], upper = conf.int[2], standard_error = stderr)))
}
samples <- c(samples, studies)
known <- !is.na(lung$ph.ecog) & lung$ph.ecog < 3
for (s in list(
  list(values = veteran$karno, groups = as.integer(veteran$celltype) - 1),
  list(values = lung$age[known], groups = lung$ph.ecog[known]),
  list(values = pbc$bili[!is.na(pbc$stage)], groups = pbc$stage[!is.na(pbc$stage)] - 1))) {
  case("kruskal_wallis", s, with(kruskal.test(values, groups),
    list(statistic = unname(statistic), df = unname(parameter), p = p.value)))
  case("welch_anova", s, with(oneway.test(values ~ groups),
    list(statistic = unname(statistic), df1 = unname(parameter)[1], df2 = unname(parameter)[2], p = p.value)))
}
# The rank-sum test without R's choice, and the shift that belongs to it.
for (s in samples) {
  case("rank_sum_uncorrected", s, suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = FALSE))$p.value)
  case("rank_sum_corrected", s, suppressWarnings(wilcox.test(x, y, exact = FALSE))$p.value)
  if (!any(duplicated(unlist(s)))) case("rank_sum_exact", s, wilcox.test(x, y, exact = TRUE)$p.value)
  if (!any(duplicated(unlist(s))) && max(lengths(s)) < 50) {
    case("hodges_lehmann", c(s, level = 0.9), with(wilcox.test(x, y, conf.int = TRUE, conf.level = level),
      list(shift = unname(estimate), lower = conf.int[1], upper = conf.int[2])))
  } else {
    case("hodges_lehmann", c(s, level = 0.9), {
      m <- length(x)
      n <- length(y)
      d <- sort(outer(x, y, "-"))
      place <- max(floor(m * n / 2 - qnorm(0.5 + level / 2) * sqrt(m * n * (m + n + 1) / 12)), 1)
      list(shift = median(d), lower = d[place], upper = rev(d)[place])
    })
  }
}
write_cases()
