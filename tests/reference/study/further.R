# Findings of the analyses beyond the first ones: curves compared, competing risks,
# interval censoring, parametric models, and how far a model can be trusted. What the
# kinds must give stands in further_curves.R, further_risks.R and further_models.R.
#
# Not here, since chance makes them: p-values of permutation tests, and the bootstrap of
# the optimism (concordance.corrected, optimism, calibration_slope).

further_of_the_study <- function(study) {
  months <- c(6, 12, 24)
  pfs_terms <- c("radiotherapy", "age_decades", "ecog_group", "cps_group", "albumin_5")
  survival_difference(study, "pfs_differences", "pfs", c(12, 24), c(12, 24))
  survival_difference(study, "os_differences", "os", c(12, 24), c(12, 24))
  survival_comparison(study, "pfs_tests", "pfs")
  survival_comparison(study, "os_tests", "os")
  study$data <- with_intervals(study$data, scans_of_the_export())
  turnbull(study, "pfs_between_scans", "pfs_left_days", "pfs_right_days", months)

  study$data <- with_first_events(study$data)
  cumulative_incidence(study, "first_events", "pfs", "first_event", months, 24)
  for (cause in c("locoregional", "distant")) {
    study$data[[paste0(cause, "_days")]] <- study$data$pfs_days
    study$data[[paste0(cause, "_event")]] <- +(study$data$first_event == cause)
    cox_model(study, paste0(cause, "_hazard"), cause, "radiotherapy")
    fine_gray(study, paste0(cause, "_incidence"), "pfs", "first_event", cause, "radiotherapy")
  }
  parametric_model(study, "pfs_parametric", "pfs", "radiotherapy",
                   c("weibull", "exponential", "log_normal", "log_logistic"))
  cox_performance(study, "pfs_performance", "pfs", pfs_terms, 12)
  cox_diagnostics(study, "pfs_diagnostics", "pfs", pfs_terms, exclude_before = 60)
}

# What ended progression-free survival; any distant site makes a progression distant.
with_first_events <- function(patients) {
  cause <- with(patients, ifelse(
    pfs_event == 0, "none", ifelse(
      is.na(progression_date), "death", ifelse(
        progression_type == "locoregional", "locoregional", "distant"))))
  patients$first_event <- factor(cause, c("none", "locoregional", "distant", "death"))
  patients
}

# The scans of the export with the days that the generator put in place of its dirt; a
# repeated row is one scan, and one without a day shows nothing.
scans_of_the_export <- function() {
  scans <- read.csv(file.path("data", "raw", "assessments.csv"), colClasses = "character",
                    encoding = "UTF-8", na.strings = "")
  dirt <- read.csv(file.path("tests", "truth", "dirt.csv"), colClasses = "character",
                   encoding = "UTF-8", na.strings = "")
  scans$record_id <- sprintf("P-%03d", as.integer(gsub("[^0-9]", "", scans$record_id)))
  dirt <- dirt[dirt$table == "assessments" & dirt$field %in% "scan_date", ]
  key <- function(rows) paste(rows$record_id, as.integer(rows$instance))
  place <- match(key(scans), key(dirt))
  stopifnot(all(key(dirt) %in% key(scans)))
  scans$scan_date[!is.na(place)] <- dirt$clean_expected[place[!is.na(place)]]
  scans <- scans[!duplicated(key(scans)) & !is.na(scans$scan_date), c("record_id", "scan_date")]
  stopifnot(grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", scans$scan_date))
  scans$scan_date <- as.Date(scans$scan_date)
  scans
}

# Progression came after the last scan before it (time zero, if that was earlier), and no
# later than the scan that showed it; a death without it came on its day.
with_intervals <- function(patients, scans) {
  progressed <- as.Date(patients$progression_date)
  first <- as.Date(patients$ici_start)
  free <- vapply(seq_len(nrow(patients)), function(i) {
    own <- scans$scan_date[scans$record_id == patients$record_id[i]]
    max(as.numeric(own[is.na(progressed[i]) | own < progressed[i]]))
  }, 0)
  known <- as.numeric(as.Date(patients$last_scan))
  stopifnot(vapply(seq_len(nrow(patients)), function(i) {
    max(as.numeric(scans$scan_date[scans$record_id == patients$record_id[i]])) == known[i]
  }, NA))
  at_scan <- patients$pfs_event == 1 & !is.na(progressed)
  patients$pfs_left_days <- ifelse(at_scan, pmax(0, free - as.numeric(first)), patients$pfs_days)
  patients$pfs_right_days <- ifelse(patients$pfs_event == 1, patients$pfs_days, NA)
  patients
}
