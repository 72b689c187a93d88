# Writes the findings that each kind of analysis must give, by id: see ../README.md.
# A finding is a vector of value, lower, upper and standard error, as far as there are.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

month <- 30.4375
findings <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))

lung <- read.csv("tests/reference/data/lung.csv")
veteran <- read.csv("tests/reference/data/veteran.csv")
veteran$celltype <- factor(
  ifelse(veteran$smallcell == 1, "small cell",
         ifelse(veteran$adeno == 1, "adeno", ifelse(veteran$large == 1, "large", "squamous"))),
  levels = c("squamous", "small cell", "adeno", "large"))

# Kaplan-Meier: lung by sex, log-log limits, 6 and 12 months, restricted mean to 20 months.
curve <- function(stage, fit, group, name = "median") {
  found <- quantile(fit, c(.25, .5))
  pick <- function(what, i) as.numeric(what)[i]
  add(stage, paste0(if (name == "median") "quantile.25." else "quantile_follow_up.25.", group),
      pick(found$quantile, 1), pick(found$lower, 1), pick(found$upper, 1))
  add(stage, paste0(name, ".", group),
      pick(found$quantile, 2), pick(found$lower, 2), pick(found$upper, 2))
  for (months in c(6, 12)) {
    at <- summary(fit, times = months * month)
    id <- paste0(months, "_months.", group)
    add(stage, paste0("survival.", id), at$surv, at$lower, at$upper, at$std.err)
    add(stage, paste0("n_at_risk.", id), at$n.risk)
  }
  mean <- summary(fit, rmean = 20 * month)$table
  reach <- qnorm(.975) * mean[["se(rmean)"]]
  add(stage, paste0("restricted_mean.20_months.", group), mean[["rmean"]], mean[["rmean"]] - reach,
      mean[["rmean"]] + reach, mean[["se(rmean)"]])
}
for (sex in 1:2) {
  curve("kaplan_meier", survfit(Surv(time, event) ~ 1, lung[lung$sex == sex, ],
                                conf.type = "log-log"), sex)
}
curve("kaplan_meier", survfit(Surv(time, event) ~ 1, lung, conf.type = "log-log"), "all")
curve("reverse", survfit(Surv(time, 1 - event) ~ 1, lung, conf.type = "log-log"), "all",
      "median_follow_up")

# Log-rank: lung by sex within ECOG.
test <- survdiff(Surv(time, event) ~ sex + strata(ph_ecog), lung)
add("log_rank", "chi_square", test$chisq)
add("log_rank", "p", pchisq(test$chisq, 1, lower.tail = FALSE))
for (sex in 1:2) {
  add("log_rank", paste0("observed.", sex), sum(test$obs[sex, ]))
  add("log_rank", paste0("expected.", sex), sum(test$exp[sex, ]))
}

# Cox: veteran, with the cell types against squamous.
rows <- function(stage, before, after, fit, names) {
  table <- summary(fit)$coefficients
  limits <- summary(fit)$conf.int
  # The error before z and p: the robust one where there is one.
  error <- ncol(table) - 2
  for (i in seq_along(names)) {
    if (is.na(names[i])) next
    id <- function(what) paste0(before, what, after, names[i])
    add(stage, id("hazard_ratio."), limits[i, 1], limits[i, 3], limits[i, 4], table[i, error])
    add(stage, id("coefficient."), table[i, 1], table[i, error])
    add(stage, id("p."), table[i, ncol(table)])
  }
}
terms <- c("trt", "celltype.small_cell", "celltype.adeno", "celltype.large", "karno", "age")
fit <- coxph(Surv(time, event) ~ trt + celltype + karno + age, veteran)
rows("cox_model", "", "", fit, terms)
add("cox_model", "log_likelihood", fit$loglik[2])
add("cox_model", "log_likelihood_null", fit$loglik[1])
for (test in list(c("likelihood_ratio", "logtest"), c("wald", "waldtest"), c("score", "sctest"))) {
  found <- summary(fit)[[test[2]]]
  # summary.coxph rounds the Wald statistic: take it unrounded.
  if (test[1] == "wald") found[1] <- fit$wald.test
  add("cox_model", paste0(test[1], ".chi_square"), found[["test"]])
  add("cox_model", paste0(test[1], ".degrees_of_freedom"), found[["df"]])
  add("cox_model", paste0(test[1], ".p"), pchisq(found[["test"]], found[["df"]], lower.tail = FALSE))
}
cells <- 2:4
wald <- as.numeric(coef(fit)[cells] %*% solve(vcov(fit)[cells, cells]) %*% coef(fit)[cells])
add("cox_model", "term.chi_square.celltype", wald)
add("cox_model", "term.p.celltype", pchisq(wald, 3, lower.tail = FALSE))
agreement <- concordance(fit)
add("cox_model", "concordance", agreement$concordance, sqrt(agreement$var))
rows("cox_model", "univariable.", "", coxph(Surv(time, event) ~ celltype, veteran), terms[2:4])
rows("cox_model", "univariable.", "", coxph(Surv(time, event) ~ karno, veteran), "karno")
robust <- coxph(Surv(time, event) ~ trt + karno + cluster(prior) + strata(celltype), veteran, ties = "breslow")
rows("robust", "", "", robust, c("trt", "karno"))
agreement <- concordance(robust)
add("robust", "concordance", agreement$concordance, sqrt(agreement$var))

# Proportional hazards: the same model, and all coefficients apart before and after 4 months.
zph <- cox.zph(fit)$table
names <- c("trt", "celltype", "karno", "age", "global")
for (i in 1:5) {
  add("proportional_hazards", paste0("chi_square.", names[i]), zph[i, "chisq"])
  add("proportional_hazards", paste0("degrees_of_freedom.", names[i]), zph[i, "df"])
  add("proportional_hazards", paste0("p.", names[i]), zph[i, "p"])
}
split <- survSplit(Surv(time, event) ~ ., veteran, cut = 4 * month, episode = "period")
whole <- coxph(Surv(tstart, time, event) ~ (trt + celltype + karno + age):strata(period), split)
added <- 2 * (whole$loglik[2] - fit$loglik[2])
add("proportional_hazards", "piecewise.likelihood_ratio.chi_square", added)
add("proportional_hazards", "piecewise.likelihood_ratio.p", pchisq(added, 6, lower.tail = FALSE))
place <- function(period) grep(paste0("period=", period), names(coef(whole)))
for (period in 1:2) {
  name <- c("before", "after")[period]
  for (term in c("trt", "karno", "age")) {
    i <- intersect(place(period), grep(term, names(coef(whole))))
    estimate <- coef(whole)[i]
    error <- sqrt(diag(vcov(whole)))[i]
    add("proportional_hazards", paste0("piecewise.coefficient.", name, ".", term), estimate, error)
  }
}

# Baseline: lung by sex; age, and ECOG as a category.
known <- !is.na(lung$ph_ecog)
for (sex in 1:2) {
  age <- lung$age[lung$sex == sex]
  for (what in c("mean", "median")) add("baseline_table", paste0(what, ".age.", sex), get(what)(age))
  add("baseline_table", paste0("standard_deviation.age.", sex), sd(age))
  add("baseline_table", paste0("lower_quartile.age.", sex), quantile(age, .25))
  add("baseline_table", paste0("upper_quartile.age.", sex), quantile(age, .75))
  count <- table(lung$ph_ecog[lung$sex == sex])
  for (level in names(count)) {
    add("baseline_table", paste0("count.ph_ecog.", level, ".", sex), count[[level]])
    add("baseline_table", paste0("proportion.ph_ecog.", level, ".", sex), count[[level]] / sum(count))
  }
}
welch <- t.test(age ~ factor(sex, levels = 2:1), lung)
add("baseline_table", "p.age.welch", welch$p.value)
add("baseline_table", "statistic.age.welch", welch$statistic)
add("baseline_table", "degrees_of_freedom.age.welch", welch$parameter)
add("baseline_table", "p.age.rank", wilcox.test(age ~ sex, lung, exact = FALSE)$p.value)
cross <- table(lung$sex, lung$ph_ecog)
add("baseline_table", "p.ph_ecog.pearson", suppressWarnings(chisq.test(cross))$p.value)
add("baseline_table", "p.ph_ecog.fisher", fisher.test(cross)$p.value)
by_sex <- split(lung$age, lung$sex)
add("baseline_table", "smd.age.2",
    (mean(by_sex[[2]]) - mean(by_sex[[1]])) / sqrt((var(by_sex[[1]]) + var(by_sex[[2]])) / 2))

# Response: the published counts.
add_rate <- function(rate, x, n) {
  cells <- rbind(c(x[1], n[1] - x[1]), c(x[2], n[2] - x[2]))
  add("response", paste0(rate, ".p.pearson"), chisq.test(cells, correct = FALSE)$p.value)
  add("response", paste0(rate, ".p.yates"), chisq.test(cells)$p.value)
  add("response", paste0(rate, ".p.fisher"), fisher.test(cells)$p.value)
  exact <- fisher.test(cells)
  # R searches it to 1e-4 only, so it is compared by itself.
  add("conditional", paste0(rate, ".odds_ratio.rt.conditional"), exact$estimate, exact$conf.int)
  for (arm in 1:2) {
    id <- paste0(rate, ".", c("rt", "no_rt")[arm])
    add("response", paste0(id, ".wilson"), x[arm] / n[arm],
        prop.test(x[arm], n[arm], correct = FALSE)$conf.int)
    add("response", paste0(id, ".clopper_pearson"), x[arm] / n[arm],
        binom.test(x[arm], n[arm])$conf.int)
  }
}
add_rate("orr", c(25, 30), c(37, 76))
add_rate("dcr", c(35, 47), c(37, 76))

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "analyze", "values.json"))
