# Writes the findings that the kinds about single patients and about rows of other
# tables must give, by id, as ../analyze/make.R does for the others.
# A finding is a vector of value, lower, upper and standard error.
source(file.path("tests", "reference", "json.R"), local = TRUE)

findings <- list()
add <- function(stage, id, value, lower = NA, upper = NA)
  findings[[stage]][[id]] <<- as.numeric(c(value, lower, upper, NA))

# Forty patients, the same as in crates/analyze/src/tests/rows_against_r.rs.
i <- 0:39
arm <- ifelse(i %% 2 == 0, "a", "b")
days <- (i * 37) %% 91 + 60
stop_day <- (i * 7) %% 40 + 5
before <- 20 + (i * 11) %% 30
after <- 10 + (i * 13) %% 45
event_day <- (i * 5) %% 50
has_event <- i %% 4 != 0
term <- ifelse(i %% 3 == 0, "rash", "colitis")
grade <- 1 + i %% 4
lab_is_missing <- i %% 5 == 0

best <- 100 * (after - before) / before
groups <- list(a = arm == "a", b = arm == "b", all = rep(TRUE, 40))
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int
share <- function(stage, id, x, n) {
  limits <- wilson(x, n)
  add(stage, id, x / n, if (x == 0) 0 else limits[1], if (x == n) 1 else limits[2])
}
for (g in names(groups)) {
  own <- groups[[g]]
  add("courses", paste0("median_first_day.after.", g), median(stop_day[own]))
  add("changes", paste0("median_best_change.", g), median(best[own]))
  add("changes", paste0("lower_quartile_best_change.", g), quantile(best[own], .25))
  add("changes", paste0("upper_quartile_best_change.", g), quantile(best[own], .75))
  share("changes", paste0("fallen.30.", g), sum(best[own] <= -30), sum(own))
  share("changes", paste0("risen.20.", g), sum(best[own] >= 20), sum(own))
  time <- sum(days[own]) / 30.4375 / 100
  for (what in c("any_grade", "grade_3_or_more")) for (name in c("", "term.rash.", "term.colitis.")) {
    counted <- own & has_event & (what == "any_grade" | grade >= 3) &
      (name == "" | paste0("term.", term, ".") == name)
    rate <- poisson.test(sum(counted), time)
    add("rates", paste0("event_rate.", what, ".", name, g), rate$estimate, rate$conf.int[1], rate$conf.int[2])
    share("rates", paste0("share_with.", what, ".", name, g), sum(counted), sum(own))
  }
  add("missing", paste0("proportion.lab.missing.", g), mean(lab_is_missing[own]))
}
size <- c(before, after)
add("rows", "median.size", median(size))
add("rows", "lower_quartile.size", quantile(size, .25))
add("rows", "upper_quartile.size", quantile(size, .75))

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."))
writeLines(json(list(versions = versions, findings = lapply(findings, function(own) lapply(own, I)))),
           file.path("tests", "reference", "analyze_rows", "values.json"))
