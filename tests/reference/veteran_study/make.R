# Writes the data of examples/veteran, and the findings that its study must give, by id.
# A finding is a vector of value, lower, upper and standard error, as far as there are.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

patients <- data.frame(
  patient = sprintf("V%03d", seq_len(nrow(veteran))),
  veteran[c("trt", "celltype", "time", "status", "karno", "diagtime", "age", "prior")])
write.csv(patients, "examples/veteran/data/veteran.csv", row.names = FALSE, quote = FALSE)

v <- read.csv("examples/veteran/data/veteran.csv", stringsAsFactors = FALSE)
v$trt <- factor(v$trt, 1:2, c("standard", "test"))
v$celltype <- factor(v$celltype, c("squamous", "smallcell", "adeno", "large"))
v$prior <- factor(v$prior, c(0, 10), c("no", "yes"))
findings <- list()
add <- function(id, ...) findings[[id]] <<- I(as.numeric(c(...)))

# Kaplan-Meier by treatment with log-log limits, and the follow-up of the cohort.
curve <- function(stage, fit, group, median) {
  found <- quantile(fit, .5)
  add(paste0(stage, ".", median, ".", group), found$quantile, found$lower, found$upper)
  for (days in c(90, 180, 365)) {
    at <- summary(fit, times = days)
    id <- paste0(".", days, "_days.", group)
    add(paste0(stage, ".survival", id), at$surv, at$lower, at$upper, at$std.err)
    add(paste0(stage, ".n_at_risk", id), at$n.risk)
    add(paste0(stage, ".cumulative_events", id), sum(fit$n.event[fit$time <= days]))
  }
}
fit_of <- function(rows) survfit(Surv(time, status) ~ 1, v[rows, ], conf.type = "log-log")
for (arm in levels(v$trt)) {
  fit <- fit_of(v$trt == arm)
  curve("survival_by_treatment", fit, arm, "median")
  add(paste0("survival_by_treatment.n.", arm), fit$n)
  add(paste0("survival_by_treatment.events.", arm), sum(fit$n.event))
  mean <- summary(fit, rmean = 365)$table
  add(paste0("survival_by_treatment.restricted_mean.365_days.", arm), mean[["rmean"]],
      mean[["se(rmean)"]])
}
curve("survival_by_treatment", fit_of(TRUE), "all", "median")
reverse <- survfit(Surv(time, 1 - status) ~ 1, v, conf.type = "log-log")
found <- quantile(reverse, .5)
add("follow_up.median_follow_up.all", found$quantile, found$lower, found$upper)

# Log-rank tests: plain, within cell types, and Peto-Peto.
compare <- function(stage, formula, rho = 0) {
  test <- survdiff(formula, v, rho = rho)
  add(paste0(stage, ".chi_square"), test$chisq)
  add(paste0(stage, ".degrees_of_freedom"), 1)
  add(paste0(stage, ".p"), pchisq(test$chisq, 1, lower.tail = FALSE))
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  for (i in 1:2) {
    add(paste0(stage, ".observed.", levels(v$trt)[i]), total(test$obs)[i])
    add(paste0(stage, ".expected.", levels(v$trt)[i]), total(test$exp)[i])
  }
}
compare("treatment_log_rank", Surv(time, status) ~ trt)
compare("treatment_within_cell_types", Surv(time, status) ~ trt + strata(celltype))
compare("treatment_peto_peto", Surv(time, status) ~ trt, rho = 1)

# Cox regression: all six terms, and each alone.
rows <- function(before, fit, names) {
  table <- summary(fit)$coefficients
  limits <- summary(fit)$conf.int
  for (i in seq_along(names)) {
    id <- function(what) paste0("prognosis.", before, what, ".", names[i])
    add(id("hazard_ratio"), limits[i, 1], limits[i, 3], limits[i, 4], table[i, 3])
    add(id("coefficient"), table[i, 1], table[i, 3])
    add(id("p"), table[i, 5])
  }
}
global <- function(before, fit, after, wald = fit$wald.test) {
  df <- length(coef(fit))
  tests <- c(likelihood_ratio = summary(fit)$logtest[[1]], wald = wald, score = fit$score)
  for (test in names(tests)) {
    id <- function(what) paste0("prognosis.", before, test, ".", what, after)
    add(id("chi_square"), tests[[test]])
    add(id("degrees_of_freedom"), df)
    add(id("p"), pchisq(tests[[test]], df, lower.tail = FALSE))
    if (before != "") break
  }
}
columns <- c(age = "age", prior = "prior.yes", karno = "karno", trt = "trt.test",
             diagtime = "diagtime")
cells <- paste0("celltype.", levels(v$celltype)[-1])
whole <- coxph(Surv(time, status) ~ age + prior + celltype + karno + trt + diagtime, v)
rows("", whole, c("age", "prior.yes", cells, "karno", "trt.test", "diagtime"))
global("", whole, "")
add("prognosis.log_likelihood", whole$loglik[2])
add("prognosis.log_likelihood_null", whole$loglik[1])
agreement <- concordance(whole)
add("prognosis.concordance", agreement$concordance, sqrt(agreement$var))
i <- 3:5
wald <- as.numeric(coef(whole)[i] %*% solve(vcov(whole)[i, i]) %*% coef(whole)[i])
add("prognosis.term.chi_square.celltype", wald)
add("prognosis.term.p.celltype", pchisq(wald, 3, lower.tail = FALSE))
for (term in names(columns)) {
  alone <- coxph(reformulate(term, "Surv(time, status)"), v)
  rows("univariable.", alone, columns[[term]])
  global("univariable.", alone, paste0(".", term))
}
alone <- coxph(Surv(time, status) ~ celltype, v)
rows("univariable.", alone, cells)
global("univariable.", alone, ".celltype")

# Proportional hazards of the same model, and its coefficients before and after 180 days.
zph <- cox.zph(whole)$table
for (term in rownames(zph)) {
  name <- if (term == "GLOBAL") "global" else term
  add(paste0("hazards_over_time.chi_square.", name), zph[term, "chisq"])
  add(paste0("hazards_over_time.degrees_of_freedom.", name), zph[term, "df"])
  add(paste0("hazards_over_time.p.", name), zph[term, "p"])
}

# Baseline characteristics by treatment.
for (arm in levels(v$trt)) {
  own <- v[v$trt == arm, ]
  for (column in c("age", "karno", "diagtime")) {
    id <- function(what) paste0("characteristics.", what, ".", column, ".", arm)
    quartiles <- quantile(own[[column]], c(.25, .5, .75), type = 7)
    add(id("median"), quartiles[2])
    add(id("lower_quartile"), quartiles[1])
    add(id("upper_quartile"), quartiles[3])
    add(id("mean"), mean(own[[column]]))
    add(id("standard_deviation"), sd(own[[column]]))
  }
  for (column in c("celltype", "prior")) for (level in levels(v[[column]])) {
    id <- function(what) paste0("characteristics.", what, ".", column, ".", level, ".", arm)
    add(id("count"), sum(own[[column]] == level))
    add(id("proportion"), mean(own[[column]] == level))
  }
}
for (column in c("age", "karno", "diagtime")) {
  both <- split(v[[column]], v$trt)
  add(paste0("characteristics.p.", column, ".welch"), t.test(both[[1]], both[[2]])$p.value)
  add(paste0("characteristics.p.", column, ".rank"),
      wilcox.test(both[[1]], both[[2]], exact = FALSE)$p.value)
  add(paste0("characteristics.smd.", column, ".test"),
      (mean(both[[2]]) - mean(both[[1]])) / sqrt((var(both[[1]]) + var(both[[2]])) / 2))
}
for (column in c("celltype", "prior")) {
  cross <- table(v$trt, v[[column]])
  add(paste0("characteristics.p.", column, ".pearson"), chisq.test(cross, correct = FALSE)$p.value)
  add(paste0("characteristics.p.", column, ".fisher"), fisher.test(cross)$p.value)
}

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")))
writeLines(json(list(versions = versions, findings = findings)),
           file.path("tests", "reference", "veteran_study", "values.json"))
