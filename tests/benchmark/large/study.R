# The same study in R: data.table and survival. Rscript study.R FOLDER
library(data.table)
library(survival)
started <- proc.time()[["elapsed"]]
said <- function(what) cat(sprintf("%-10s %7.2f s\n", what, proc.time()[["elapsed"]] - started))
folder <- commandArgs(TRUE)[1]
dates <- function(written) {
  slashed <- grepl("/", written, fixed = TRUE)
  day <- as.IDate(rep(NA_integer_, length(written)))
  day[slashed] <- as.IDate(written[slashed], "%d/%m/%Y")
  day[!slashed] <- as.IDate(written[!slashed], "%Y-%m-%d")
  day
}
patients <- fread(file.path(folder, "patients.csv"), colClasses = "character", na.strings = "")
labs <- fread(file.path(folder, "labs.csv"), na.strings = "",
              colClasses = c(record_id = "character", albumin = "numeric"))
for (column in c("birth_date", "start_date", "death_date", "last_contact"))
  set(patients, j = column, value = dates(patients[[column]]))
set(labs, j = "lab_date", value = dates(labs$lab_date))
patients[, sex := fcase(sex %in% c("F", "2", "female"), "female", sex %in% c("M", "1", "male"), "male")]
labs[albumin_unit == "g/dL", albumin := albumin * 10]
summary_of_labs <- labs[, .(samples = .N, lowest_albumin = min(albumin)), by = record_id]
patients <- merge(patients, summary_of_labs, by = "record_id", all.x = TRUE, sort = FALSE)
patients <- patients[consent != "withdrawn"]
patients[, age := as.numeric(start_date - birth_date) / 365.25]
patients[, os_event := !is.na(death_date)]
patients[, os_days := as.numeric(fifelse(os_event, death_date, last_contact) - start_date)]
patients[, `:=`(arm = factor(arm, c("old", "new")), stage = factor(stage), sex = factor(sex))]
said("clean")
invisible(patients[, .(n = .N, age = mean(age), sd = sd(age), albumin = mean(lowest_albumin)), by = arm])
invisible(list(table(patients$sex, patients$arm), table(patients$stage, patients$arm)))
curves <- survfit(Surv(os_days, os_event) ~ arm, data = patients)
difference <- survdiff(Surv(os_days, os_event) ~ arm, data = patients)
model <- coxph(Surv(os_days, os_event) ~ arm + age + sex + stage + lowest_albumin, data = patients)
pdf(file.path(folder, "figure_of_r.pdf"))
plot(curves, col = 1:2)
invisible(dev.off())
said("whole")
cat(sprintf("hazard ratio of the arm %.10f\n", exp(coef(model)[["armnew"]])))
