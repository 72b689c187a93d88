# Bootstrap optimism of Harrell's C in given samples (Harrell et al. 1996), and
# the calibration slope of each sample's model in all subjects.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)
set.seed(20221231)

case <- function(name, columns, ties, replicates) {
  frame <- read_data(name)
  formula <- as.formula(paste("Surv(time, event) ~", paste(columns, collapse = " + ")))
  score <- function(fit, data) drop(as.matrix(data[, columns, drop = FALSE]) %*% coef(fit))
  index <- function(fit, data) {
    concordance(Surv(data$time, data$event) ~ score(fit, data), reverse = TRUE)$concordance
  }
  samples <- lapply(seq_len(replicates), function(i) sample(nrow(frame), replace = TRUE))
  differences <- vapply(samples, function(rows) {
    drawn <- frame[rows, ]
    fit <- coxph(formula, data = drawn, ties = ties)
    index(fit, drawn) - index(fit, frame)
  }, 0)
  slopes <- vapply(samples, function(rows) {
    fit <- coxph(formula, data = frame[rows, ], ties = ties)
    unname(coef(coxph(Surv(frame$time, frame$event) ~ score(fit, frame), ties = ties)))
  }, 0)
  apparent <- index(coxph(formula, data = frame, ties = ties), frame)
  list(data = name, call = sprintf("coxph(%s), ties = '%s'", deparse(formula), ties),
       columns = I(columns), ties = ties, samples = lapply(samples, function(rows) I(rows - 1)),
       apparent = apparent, differences = I(differences), slopes = I(slopes),
       corrected = apparent - mean(differences))
}

write_cases("optimism", "survival", list(
  case("ovarian", c("age", "rx"), "efron", 12),
  case("veteran", c("trt", "karno", "age"), "breslow", 6),
  case("heavy_ties", c("x", "z"), "efron", 10)))
