# Reference values for the `adjust` module: Rscript tests/reference/adjust/make.R
source(file.path("tests", "reference", "cases.R"))

set.seed(20260104)
for (p in list(c(0.01, 0.04, 0.03), c(0.5, 0.5, 0.02, 0.9), signif(runif(30)^3, 12), c(0, 1, 1e-300, 0.2), c(0.05, 0.05))) {
  case("holm", list(p = p), p.adjust(p, "holm"))
  case("benjamini_hochberg", list(p = p), p.adjust(p, "BH"))
}
# The log-rank tests of each pair of two studies' groups.
library(survival)
pairs <- function(frame) apply(combn(unique(frame$group), 2), 2, function(pair) {
  fit <- survdiff(Surv(time, event) ~ group, frame[frame$group %in% pair, ])
  pchisq(fit$chisq, 1, lower.tail = FALSE)
})
for (p in list(pairs(with(veteran, data.frame(time, event = status, group = as.integer(celltype)))),
               pairs(with(subset(pbc, !is.na(stage)), data.frame(time, event = status == 2, group = stage))),
               c(1, 1, 1), c(0, 0, 0.5), 0.3)) {
  case("holm", list(p = I(p)), p.adjust(p, "holm"))
  case("benjamini_hochberg", list(p = I(p)), p.adjust(p, "BH"))
}
write_cases()
