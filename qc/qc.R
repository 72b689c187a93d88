# Double programming: the study computed a second time, in R, from the raw files alone.
#
#     Rscript qc/qc.R [results.csv]
#
# from any folder; needs base R and its packages survival and cmprsk. Writes id, value and
# limits of every number under the ids of the findings, to be compared by `restudy qc`.

suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
})
home <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
root <- normalizePath(file.path(home, ".."))
invisible(Sys.setlocale("LC_CTYPE", "C.UTF-8"))
for (part in c("clean.R", "analyses.R", "models.R", "events.R", "further.R", "weights.R", "scans.R")) source(file.path(home, part), encoding = "UTF-8")

target <- commandArgs(TRUE)
target <- if (length(target)) target[1] else file.path(home, "results.csv")
results <- as.data.frame(do.call(rbind, found$rows))
stopifnot(!anyDuplicated(results$id))
writeLines(c("id,value,lower,upper", do.call(paste, c(results, sep = ","))), target)
cat(nrow(results), "numbers in", target, "\n")
