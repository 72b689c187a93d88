# What is computed in this study, as pipeline.yaml declares it. See make.R.
#
# `patients` is the analysis table; `born` are its days of birth. A model leaves out the
# patients without a value of one of its terms. PFS has 74 events and a model of seven
# coefficients, OS has 32 and a model of four.

statistics_of_the_study <- function(patients, born) {
  levels <- list(
    radiotherapy = c("no_rt", "rt"),
    best_response = c("CR", "PR", "SD", "PD", "NE"),
    sex = c("female", "male"),
    smoking_status = c("never", "former", "current"),
    subsite = c("oral_cavity", "oropharynx", "larynx", "hypopharynx", "nasopharynx"),
    p16 = c("negative", "positive"),
    cps_group = c("<1", "1-19", ">=20"),
    recurrence_type = c("locoregional", "distant", "locoregional_and_distant"),
    ecog_group = c("0", "1", "2 or more"),
    line_group = c("1", "2", "3 or later"),
    prior_platinum = c("no", "yes"),
    concurrent_chemotherapy = c("no", "yes"))
  patients <- within(patients, {
    radiotherapy <- ifelse(radiotherapy == 1, "rt", "no_rt")
    ecog_group <- ifelse(ecog >= 2, "2 or more", ecog)
    line_group <- ifelse(line >= 3, "3 or later", line)
    age_decades <- as.numeric(as.Date(ici_start) - born) / 3652.5
    albumin_5 <- albumin_g_l / 5
  })
  for (column in names(levels)) {
    patients[[column]] <- factor(patients[[column]], levels[[column]])
  }
  study <- list(data = patients, by = "radiotherapy", month = 30.4375, level = .95)
  months <- c(6, 12, 18, 24, 30)
  pfs_terms <- c("radiotherapy", "age_decades", "ecog_group", "cps_group", "albumin_5")
  os_terms <- c("radiotherapy", "age_decades", "ecog", "albumin_5")
  alone <- c("sex", "smoking_status", "subsite", "recurrence_type", "p16", "cps_group", "line_group",
             "prior_platinum", "concurrent_chemotherapy", "nlr", "ldh_ratio")

  found$findings <- list()
  baseline_table(study, "baseline", c(
    "age_years", "sex", "ecog_group", "smoking_status", "smoking_pack_years", "subsite",
    "recurrence_type", "p16", "cps_group", "line_group", "prior_platinum",
    "concurrent_chemotherapy", "albumin_g_l", "hemoglobin_g_l", "nlr", "ldh_ratio", "crp_mg_l"))
  response(study, "response_by_rt", "best_response", c("CR", "PR"), c("CR", "PR", "SD"), "yates")
  kaplan_meier(study, "pfs_by_rt", "pfs", months, c(12, 24))
  kaplan_meier(study, "os_by_rt", "os", months, c(12, 24))
  kaplan_meier(study, "follow_up", "os", NULL, by = FALSE, reverse = TRUE)
  kaplan_meier(study, "follow_up_by_rt", "os", NULL, reverse = TRUE)
  log_rank(study, "pfs_log_rank", "pfs")
  log_rank(study, "os_log_rank", "os")
  cox_model(study, "pfs_unadjusted", "pfs", "radiotherapy")
  cox_model(study, "os_unadjusted", "os", "radiotherapy")
  cox_model(study, "pfs_prognosis", "pfs", pfs_terms, union(pfs_terms, alone))
  cox_model(study, "os_prognosis", "os", os_terms, c(os_terms, alone))
  proportional_hazards(study, "pfs_hazards_test", "pfs", pfs_terms, cut_months = 4)
  proportional_hazards(study, "os_hazards_test", "os", os_terms)
  timing_of_the_study(study)
  adjusted_of_the_study(study)
  further_of_the_study(study)
  found$findings
}

# Ids, or their beginnings, of what rests on random draws: R cannot have the same.
drawn_at_random <- function() {
  tests <- c("log_rank", "gehan", "tarone_ware", "peto_peto", "fleming_harrington_0_1",
             "fleming_harrington_1_1")
  permuted <- outer(c("pfs_tests", "os_tests"), tests,
                    function(stage, test) paste(stage, "p", test, "permutation", sep = "."))
  c(as.vector(permuted),
    "pfs_tests.monte_carlo_error.", "os_tests.monte_carlo_error.",
    "pfs_start_by_90_days.failed_samples", "os_start_by_90_days.failed_samples",
    "pfs_start_by_90_days.monte_carlo_error.", "os_start_by_90_days.monte_carlo_error.",
    paste0("pfs_performance.",
           c("concordance.corrected", "optimism", "calibration_slope", "monte_carlo_error.")),
    "completed.", "completed_low_albumin.", "pfs_pooled.", "pfs_pooled_low_albumin.")
}
