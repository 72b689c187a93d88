# Times R's survival on the subjects that `bench_survival write` made:
#   Rscript tests/benchmark/survival.R <subjects> <file> [<repetitions>]
#   Rscript tests/benchmark/survival.R bootstrap <samples>
# Each line is the estimator, the number of subjects, the median seconds and
# the median seconds of processor time.
suppressPackageStartupMessages(library(survival))

words <- commandArgs(trailingOnly = TRUE)
report <- function(name, n, repetitions, work) {
  times <- vapply(seq_len(repetitions), function(i) {
    gc()
    used <- system.time(work(), gcFirst = FALSE)
    c(used[["elapsed"]], used[["user.self"]] + used[["sys.self"]])
  }, numeric(2))
  cat(sprintf("%s,%s,%.6f,%.6f\n", name, format(n, scientific = FALSE), median(times[1, ]),
              median(times[2, ])))
}

if (words[1] == "bootstrap") {
  samples <- as.integer(words[2])
  set.seed(1)
  study <- data.frame(time = rexp(113), event = rbinom(113, 1, 2 / 3), x1 = runif(113), x2 = runif(113))
  report("cox_bootstrap", samples, 3, function() for (i in seq_len(samples)) {
    coxph(Surv(time, event) ~ x1 + x2, data = study[sample(113, replace = TRUE), ])
  })
  quit()
}

n <- as.integer(words[1])
repetitions <- if (length(words) > 2) as.integer(words[3]) else 3
values <- matrix(readBin(words[2], "double", 13 * n, endian = "little"), n)
x <- values[, 4:13]
frame <- data.frame(time = values[, 1], event = values[, 2], group = values[, 3], x)
formula <- as.formula(paste("Surv(time, event) ~", paste(colnames(frame)[4:13], collapse = " + ")))
y <- Surv(frame$time, frame$event)
report("kaplan_meier", n, repetitions, function() survfit(Surv(time, event) ~ group, data = frame))
report("log_rank", n, repetitions, function() survdiff(Surv(time, event) ~ group, data = frame))
report("concordance", n, repetitions, function() {
  concordance(Surv(time, event) ~ X1, data = frame, reverse = TRUE)
})
report("cox", n, repetitions, function() coxph(formula, data = frame))
# The C kernel alone, on sorted subjects; then with their sorting.
sorted <- order(frame$time)
kernel <- list(survival:::Ccoxfit6, 20L, frame$time[sorted], as.integer(frame$event[sorted]),
               x[sorted, ], double(n), rep(1, n), integer(n), 1L, 1e-9,
               coxph.control()$toler.chol, double(10), rep(1L, 10))
report("cox_c_kernel", n, repetitions, function() do.call(.Call, kernel))
report("cox_kernel", n, repetitions, function() {
  coxph.fit(x, y, strata = NULL, offset = NULL, init = NULL, control = coxph.control(),
            method = "efron", rownames = NULL, resid = FALSE)
})
