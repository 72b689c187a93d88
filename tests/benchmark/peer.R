# The same study in R, as a biostatistician would write it: survival, survminer and
# rmarkdown. It is the peer of `restudy run` in run.sh.
#
#   Rscript tests/benchmark/peer.R OUT
#
# It reads the analysis table that cleaning must recover (tests/truth), so it has no raw
# table to read and nothing to clean, and writes the five figures as SVG and as PNG of
# 300 dpi, the tables as CSV, and one self-contained page to OUT.
suppressPackageStartupMessages({
  library(survival)
  library(survminer)
  library(ggplot2)
  library(rmarkdown)
})

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
out <- commandArgs(trailingOnly = TRUE)[1]
dir.create(file.path(out, "figures"), recursive = TRUE, showWarnings = FALSE)
dir.create(file.path(out, "tables"), showWarnings = FALSE)
out <- normalizePath(out)

month <- 30.4375
months <- c(6, 12, 18, 24, 30)
patients <- read.csv(file.path(here, "..", "truth", "analysis.csv"), na.strings = "")
flow <- read.csv(file.path(here, "..", "truth", "flow.csv"), na.strings = "")
patients <- within(patients, {
  radiotherapy <- factor(radiotherapy, 0:1, c("No radiotherapy", "Radiotherapy"))
  best_response <- factor(best_response, c("CR", "PR", "SD", "PD"))
  sex <- factor(sex, c("female", "male"))
  smoking_status <- factor(smoking_status, c("never", "former", "current"))
  subsite <- factor(subsite, c("oral_cavity", "oropharynx", "larynx", "hypopharynx"))
  recurrence_type <- factor(recurrence_type, c("locoregional", "distant", "locoregional_and_distant"))
  p16 <- factor(p16, c("negative", "positive"))
  cps_group <- factor(cps_group, c("<1", "1-19", ">=20"))
  ecog_group <- factor(ifelse(ecog >= 2, "2 or more", ecog), c("0", "1", "2 or more"))
  line_group <- factor(ifelse(line >= 3, "3 or later", line), c("1", "2", "3 or later"))
  prior_platinum <- factor(prior_platinum, c("no", "yes"))
  concurrent_chemotherapy <- factor(concurrent_chemotherapy, c("no", "yes"))
  age_decades <- age_years / 10
  albumin_5 <- albumin_g_l / 5
  pfs_months <- pfs_days / month
  os_months <- os_days / month
})
arms <- levels(patients$radiotherapy)

# --- what is shown --------------------------------------------------------------

number <- function(x, digits = 1) formatC(x, format = "f", digits = digits)
p_text <- function(p) ifelse(p < .001, "< 0.001", number(p, 3))
with_limits <- function(x, lower, upper, digits = 2) {
  sprintf("%s (%s to %s)", number(x, digits), number(lower, digits), number(upper, digits))
}

baseline_row <- function(variable) {
  x <- patients[[variable]]
  by <- patients$radiotherapy
  if (is.factor(x)) {
    n <- table(x, by)
    share <- prop.table(n, 2)
    test <- suppressWarnings(chisq.test(n[rowSums(n) > 0, ], correct = FALSE))
    p <- if (any(test$expected < 5)) fisher.test(n)$p.value else test$p.value
    cells <- matrix(sprintf("%d (%s%%)", n, number(100 * share)), ncol = 2)
    gap <- (share[, 2] - share[, 1])[-1]
    spread <- function(s) diag(s[-1], length(s) - 1) - outer(s[-1], s[-1])
    smd <- sqrt(drop(gap %*% solve((spread(share[, 1]) + spread(share[, 2])) / 2, gap)))
    return(data.frame(variable = c(variable, rep("", nrow(n) - 1)), level = rownames(n),
                      cells, p = c(p_text(p), rep("", nrow(n) - 1)),
                      smd = c(number(smd, 2), rep("", nrow(n) - 1))))
  }
  q <- tapply(x, by, quantile, c(.5, .25, .75), na.rm = TRUE)
  cells <- sapply(q, function(q) with_limits(q[1], q[2], q[3], 1))
  s <- tapply(x, by, var, na.rm = TRUE)
  smd <- diff(tapply(x, by, mean, na.rm = TRUE)) / sqrt(mean(s))
  p <- suppressWarnings(wilcox.test(x ~ by))$p.value
  data.frame(variable = variable, level = "median (quartiles)", t(unname(cells)), p = p_text(p),
             smd = number(smd, 2))
}

baseline <- do.call(rbind, lapply(c(
  "age_years", "sex", "ecog_group", "smoking_status", "smoking_pack_years", "subsite",
  "recurrence_type", "p16", "cps_group", "line_group", "prior_platinum",
  "concurrent_chemotherapy", "albumin_g_l", "hemoglobin_g_l", "nlr", "ldh_ratio", "crp_mg_l"),
  baseline_row))
names(baseline)[3:4] <- arms

rate_rows <- function(name, levels) {
  x <- table(patients$radiotherapy, patients$best_response %in% levels)[, "TRUE"]
  n <- table(patients$radiotherapy)
  cells <- cbind(x, n - x)[2:1, ]
  rate <- function(i) {
    wilson <- prop.test(x[i], n[i], correct = FALSE)$conf.int
    exact <- binom.test(x[i], n[i])$conf.int
    data.frame(endpoint = name, group = arms[i], events = x[[i]], n = n[[i]],
               rate = number(100 * x[i] / n[i]),
               wilson = sprintf("%s to %s", number(100 * wilson[1]), number(100 * wilson[2])),
               clopper_pearson = sprintf("%s to %s", number(100 * exact[1]), number(100 * exact[2])))
  }
  odds <- prod(diag(cells)) / prod(diag(cells[, 2:1]))
  limits <- exp(log(odds) + c(-1, 1) * qnorm(.975) * sqrt(sum(1 / cells)))
  list(rates = rbind(rate(1), rate(2)),
       tests = data.frame(endpoint = name, pearson = chisq.test(cells, correct = FALSE)$p.value,
                          yates = chisq.test(cells)$p.value, fisher = fisher.test(cells)$p.value,
                          odds_ratio = with_limits(odds, limits[1], limits[2])))
}
orr <- rate_rows("Objective response", c("CR", "PR"))
dcr <- rate_rows("Disease control", c("CR", "PR", "SD"))
response <- rbind(orr$rates, dcr$rates)
response_tests <- rbind(orr$tests, dcr$tests)

fits <- list(
  pfs = survfit(Surv(pfs_months, pfs_event) ~ radiotherapy, patients, conf.type = "log-log"),
  os = survfit(Surv(os_months, os_event) ~ radiotherapy, patients, conf.type = "log-log"),
  follow_up = survfit(Surv(os_months, 1 - os_event) ~ radiotherapy, patients, conf.type = "log-log"))
log_rank <- list(
  pfs = survdiff(Surv(pfs_months, pfs_event) ~ radiotherapy, patients),
  os = survdiff(Surv(os_months, os_event) ~ radiotherapy, patients))
log_rank_p <- sapply(log_rank, function(test) pchisq(test$chisq, 1, lower.tail = FALSE))

survival_rows <- function(name, fit) {
  at <- summary(fit, times = months, extend = TRUE)
  data.frame(endpoint = name, group = sub(".*=", "", at$strata), months = at$time,
             n_at_risk = at$n.risk, survival = with_limits(100 * at$surv, 100 * at$lower, 100 * at$upper, 1))
}
survival_at <- rbind(survival_rows("PFS", fits$pfs), survival_rows("OS", fits$os))
medians <- do.call(rbind, lapply(names(fits), function(name) {
  table <- summary(fits[[name]])$table
  data.frame(endpoint = name, group = sub(".*=", "", rownames(table)), n = table[, "records"],
             median = with_limits(table[, "median"], table[, "0.95LCL"], table[, "0.95UCL"], 1))
}))
restricted <- do.call(rbind, lapply(c("pfs", "os"), function(name) {
  do.call(rbind, lapply(c(12, 24), function(horizon) {
    table <- summary(fits[[name]], rmean = horizon)$table
    data.frame(endpoint = name, months = horizon, group = sub(".*=", "", rownames(table)),
               mean = number(table[, "rmean"], 2), standard_error = number(table[, "se(rmean)"], 2))
  }))
}))

pfs_terms <- c("radiotherapy", "age_decades", "ecog_group", "cps_group", "albumin_5")
os_terms <- c("radiotherapy", "age_decades", "ecog", "albumin_5")
cox <- function(endpoint, terms) {
  outcome <- sprintf("Surv(%s_months, %s_event)", endpoint, endpoint)
  eval(bquote(coxph(.(as.formula(paste(outcome, "~", paste(terms, collapse = " + ")))), patients)))
}
cox_rows <- function(fit) {
  s <- summary(fit)
  data.frame(term = rownames(s$coefficients), n = fit$n, events = fit$nevent,
             hazard_ratio = with_limits(s$conf.int[, 1], s$conf.int[, 3], s$conf.int[, 4]),
             p = p_text(s$coefficients[, 5]), row.names = NULL)
}
alone <- c("sex", "smoking_status", "subsite", "recurrence_type", "p16", "cps_group", "line_group",
           "prior_platinum", "concurrent_chemotherapy", "nlr", "ldh_ratio")
univariable <- list(pfs = union(pfs_terms, alone), os = c(os_terms, alone))
univariable <- Map(function(endpoint, terms) {
  do.call(rbind, lapply(terms, function(term) cox_rows(cox(endpoint, term))))
}, names(univariable), univariable)
models <- list(pfs = cox("pfs", pfs_terms), os = cox("os", os_terms))
unadjusted <- list(pfs = cox("pfs", "radiotherapy"), os = cox("os", "radiotherapy"))
hazards <- lapply(models, function(fit) {
  table <- cox.zph(fit)$table
  data.frame(term = rownames(table), chi_square = number(table[, 1], 2), df = table[, 2],
             p = p_text(table[, 3]), row.names = NULL)
})

claims <- data.frame(
  claim = c("ORR, radiotherapy", "ORR, no radiotherapy", "DCR, radiotherapy", "DCR, no radiotherapy",
            "ORR, p", "DCR, p", "Median PFS, radiotherapy", "Median PFS, no radiotherapy", "PFS, p",
            "Median OS, radiotherapy", "Median OS, no radiotherapy", "OS, p", "Median follow-up"),
  published = c("67.6%", "39.5%", "94.6%", "61.8%", "0.009", "0.001", "20.0", "4.0", "0.00098",
                "not reached", "26.0", "0.006", "14.0"),
  recomputed = c(orr$rates$rate[2:1], dcr$rates$rate[2:1], signif(orr$tests$yates, 3),
                 signif(dcr$tests$yates, 3), number(quantile(fits$pfs, .5)$quantile[2:1]),
                 signif(log_rank_p[["pfs"]], 3), number(quantile(fits$os, .5)$quantile[2:1]),
                 signif(log_rank_p[["os"]], 3),
                 number(quantile(survfit(Surv(os_months, 1 - os_event) ~ 1, patients), .5)$quantile)))
variables <- data.frame(
  variable = names(patients), type = sapply(patients, function(x) class(x)[1]),
  missing = colSums(is.na(patients)), row.names = NULL)
versions <- data.frame(
  package = c("R", "survival", "survminer", "ggplot2", "rmarkdown"),
  version = c(paste(R.version$major, R.version$minor, sep = "."),
              sapply(c("survival", "survminer", "ggplot2", "rmarkdown"),
                     function(name) as.character(packageVersion(name)))))

# --- figures --------------------------------------------------------------------

save_figure <- function(name, plot, width = 7, height = 5.5) {
  path <- file.path(out, "figures", name)
  svg(paste0(path, ".svg"), width, height)
  print(plot)
  dev.off()
  png(paste0(path, ".png"), width, height, units = "in", res = 300, type = "cairo")
  print(plot)
  invisible(dev.off())
}

curves <- function(fit, y_label, model = NULL, p = NULL) {
  note <- ""
  if (!is.null(model)) {
    ratio <- summary(model)$conf.int
    note <- sprintf("HR %s, log-rank p = %s", with_limits(ratio[1], ratio[3], ratio[4]), signif(p, 2))
  }
  ggsurvplot(fit, data = patients, conf.int = TRUE, censor.shape = "|", censor.size = 3,
             break.time.by = 6, palette = c("#0072B2", "#D55E00"), legend.labs = arms,
             surv.median.line = "hv", xlab = "Months since the first dose", ylab = y_label,
             title = "SIMULATED DATA", subtitle = note, risk.table = TRUE, cumevents = TRUE,
             cumcensor = TRUE, tables.height = .16, fontsize = 3, legend.title = "",
             ggtheme = theme_classic(base_size = 10))
}
save_figure("efigure_5", curves(fits$pfs, "Progression-free survival", unadjusted$pfs, log_rank_p[["pfs"]]),
            7, 7.5)
save_figure("efigure_6", curves(fits$os, "Overall survival", unadjusted$os, log_rank_p[["os"]]), 7, 7.5)
save_figure("efigure_7", curves(fits$follow_up, "Still under follow-up"), 7, 7.5)
save_figure("efigure_13", ggforest(models$pfs, data = patients, main = "Hazard ratio, SIMULATED DATA"), 9, 6)

flow_figure <- function() {
  excluded <- subset(flow, !step %in% c("screened", "analysed", "radiotherapy", "no_radiotherapy"))
  n <- function(step) flow$n[flow$step == step]
  boxes <- data.frame(
    x = c(0, 2.6, 0, -1.2, 1.2), y = c(4, 3, 2, .6, .6),
    label = c(sprintf("Screened\nn = %d", n("screened")),
              paste(c(sprintf("Excluded (n = %d)", sum(excluded$n)),
                      sprintf("%s: %d", excluded$reason, excluded$n)), collapse = "\n"),
              sprintf("Analysed\nn = %d", n("analysed")),
              sprintf("Radiotherapy\nn = %d", n("radiotherapy")),
              sprintf("No radiotherapy\nn = %d", n("no_radiotherapy"))))
  lines <- data.frame(x = c(0, 0, 0, 0), y = c(4, 3, 2, 2), xend = c(0, 1.4, -1.2, 1.2), yend = c(2, 3, .6, .6))
  ggplot(boxes) +
    geom_segment(aes(x, y, xend = xend, yend = yend), lines) +
    geom_label(aes(x, y, label = label), size = 3, label.r = unit(0, "pt"), label.padding = unit(6, "pt")) +
    xlim(-2.4, 4.4) + ylim(0, 4.5) + theme_void() + ggtitle("SIMULATED DATA")
}
save_figure("efigure_1", flow_figure(), 8, 5)

# --- tables and page --------------------------------------------------------------

tables <- list(
  etable_1 = list("Published claims and what was recomputed", claims),
  etable_6 = list("Variables", variables),
  etable_7 = list("Patient characteristics", baseline),
  etable_10 = list("Response", response),
  etable_10_tests = list("Response, tests", response_tests),
  etable_11 = list("Survival at chosen times", survival_at),
  etable_11_medians = list("Medians", medians),
  etable_11_means = list("Restricted mean survival times", restricted),
  etable_12_pfs = list("Univariable models, progression-free survival", univariable$pfs),
  etable_12_os = list("Univariable models, overall survival", univariable$os),
  etable_13_pfs = list("Multivariable model, progression-free survival", cox_rows(models$pfs)),
  etable_13_os = list("Multivariable model, overall survival", cox_rows(models$os)),
  etable_14_pfs = list("Proportional hazards, progression-free survival", hazards$pfs),
  etable_14_os = list("Proportional hazards, overall survival", hazards$os),
  etable_21 = list("Versions", versions))
for (name in names(tables)) {
  write.csv(tables[[name]][[2]], file.path(out, "tables", paste0(name, ".csv")), row.names = FALSE)
}
work <- tempfile()
dir.create(work)
invisible(file.copy(file.path(here, "peer.Rmd"), work))
render(file.path(work, "peer.Rmd"), output_file = file.path(out, "supplement.html"), quiet = TRUE,
       envir = globalenv())
