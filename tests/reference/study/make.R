# Every statistic of the simulated study's supplement, from the generator's truth
# (tests/truth/analysis.csv): see ../README.md. The program must find the same from
# the dirty export, by id: reports/results/findings.csv.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)
folder <- file.path("tests", "reference", "study")
for (script in c("analyses.R", "models.R", "births.R", "timing.R", "timing_clones.R", "adjusted.R",
                 "adjusted_firth.R", "further.R", "further_curves.R", "further_risks.R",
                 "further_models.R", "statistics.R")) {
  source(file.path(folder, script), local = TRUE)
}

truth <- read.csv(file.path("tests", "truth", "analysis.csv"), na.strings = "")
born <- days_of_birth(file.path("data", "raw"))[truth$record_id]
ages <- floor(as.numeric(as.Date(truth$ici_start) - born) / 365.25)
stopifnot(identical(is.na(ages), is.na(truth$age_years)), all(ages == truth$age_years, na.rm = TRUE))

findings <- statistics_of_the_study(truth, born)
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")),
                 cmprsk = as.character(packageVersion("cmprsk")),
                 MatchIt = as.character(packageVersion("MatchIt")),
                 brglm2 = as.character(packageVersion("brglm2")))
writeLines(json(list(versions = versions, drawn_at_random = drawn_at_random(), findings = findings)), file.path(folder, "values.json"))
