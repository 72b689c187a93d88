# What identified_set reads off a cohort, here off public data: see ../README.md.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

read <- function(name) read.csv(file.path("tests", "reference", "data", paste0(name, ".csv")))

numbers <- function(data, cut, end, start) {
  whole <- coxph(Surv(time, event) ~ group, data)
  log_ratio <- function(fit) unname(coef(fit))
  before <- coxph(Surv(pmin(time, cut), event * (time <= cut)) ~ group, data)
  later <- data[data$time > cut, ]
  after <- coxph(Surv(rep(cut, nrow(later)), time, event) ~ group, later)
  # time before an assumed start is unexposed in everybody
  split <- survSplit(Surv(time, event) ~ ., data, cut = start, start = "from", episode = "part")
  split$exposed <- split$group * (split$from >= start)
  started <- coxph(Surv(from, time, event) ~ exposed, split)
  curves <- survfit(Surv(time, event) ~ group, data)
  means <- summary(curves, rmean = end)$table[, "rmean"]
  at <- summary(curves, times = cut, extend = TRUE)
  list(
    log_hazard_ratio = log_ratio(whole), limits = I(unname(as.vector(confint(whole)))),
    before = log_ratio(before), after = log_ratio(after), started = log_ratio(started),
    restricted_means = I(unname(means)), survival = I(at$surv), at_risk = I(at$n.risk),
    events = I(unname(summary(curves)$table[, "events"])),
    proportional_hazards = unname(cox.zph(whole)$table["GLOBAL", "p"]))
}

cases <- list(
  lung = numbers(read("lung"), 180, 365, 90),
  myeloid = numbers(read("myeloid"), 200, 700, 120),
  pbc_trial = numbers(read("pbc_trial"), 1000, 2500, 365))
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")))
writeLines(json(list(versions = versions, cases = cases)),
           file.path("tests", "reference", "identified_set", "values.json"))
