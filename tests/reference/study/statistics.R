# What is computed in this study, as pipeline.yaml declares it. See make.R.
#
# PFS has 74 events, so its model takes eight coefficients at most; OS has 32, so its
# model takes three. Patients without a value of a term are left out of a model.

statistics_of_the_study <- function(patients) {
  yes_no <- function(x) factor(x, c("no", "yes"))
  levels <- list(
    best_response = c("CR", "PR", "SD", "PD"),
    sex = c("female", "male"),
    smoking_status = c("never", "former", "current"),
    alcohol = c("none", "moderate", "heavy"),
    subsite = c("oral_cavity", "oropharynx", "larynx", "hypopharynx"),
    stage = c("I", "II", "III", "IVA", "IVB", "IVC"),
    grade = c("well", "moderate", "poor"),
    p16 = c("negative", "positive"),
    cps_group = c("<1", "1-19", ">=20"),
    recurrence_type = c("locoregional", "distant", "locoregional_and_distant"),
    ici_drug = c("pembrolizumab", "nivolumab", "camrelizumab", "toripalimab", "tislelizumab", "sintilimab"),
    prior_platinum = c("no", "yes"),
    concurrent_chemotherapy = c("no", "yes"),
    concurrent_anti_egfr = c("no", "yes"))
  for (column in names(levels)) {
    patients[[column]] <- factor(patients[[column]], levels[[column]])
  }
  patients$radiotherapy <- factor(patients$radiotherapy, 0:1, c("no", "yes"))
  study <- list(data = patients, by = "radiotherapy", month = 30.4375, level = .95)

  months <- c(6, 12, 18, 24, 30)
  pfs_terms <- c("radiotherapy", "age_years", "ecog", "cps_group", "prior_platinum", "nlr", "albumin_g_l")
  os_terms <- c("radiotherapy", "ecog", "albumin_g_l")

  found$findings <- list()
  baseline_table(study, "baseline", c(
    "age_years", "sex", "weight_kg", "smoking_status", "smoking_pack_years", "alcohol", "ecog",
    "subsite", "stage", "grade", "p16", "cps_group", "cps", "recurrence_type", "line", "ici_drug",
    "concurrent_chemotherapy", "concurrent_anti_egfr", "prior_platinum", "hemoglobin_g_l",
    "albumin_g_l", "nlr", "ldh_ratio", "crp_mg_l"))
  response(study, "response_by_rt", "best_response", c("CR", "PR"), c("CR", "PR", "SD"))
  kaplan_meier(study, "pfs_by_rt", "pfs", months, c(12, 24))
  kaplan_meier(study, "os_by_rt", "os", months, c(12, 24))
  kaplan_meier(study, "follow_up", "os", numeric(), by = FALSE, reverse = TRUE)
  kaplan_meier(study, "follow_up_by_rt", "os", months, reverse = TRUE)
  log_rank(study, "pfs_log_rank", "pfs")
  log_rank(study, "os_log_rank", "os")
  cox_model(study, "pfs_prognosis", "pfs", pfs_terms)
  cox_model(study, "os_prognosis", "os", os_terms)
  proportional_hazards(study, "pfs_hazards_test", "pfs", pfs_terms, cut_months = 4)
  proportional_hazards(study, "os_hazards_test", "os", os_terms, cut_months = 4)
  found$findings
}
