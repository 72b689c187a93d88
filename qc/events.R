# Adverse events, radiotherapy, changes of the lesions, courses and missing values.

label_of <- function(text) gsub("^_|_$", "", gsub("[^a-z0-9]+", "_", tolower(text)))
quartiles <- function(id, x, median = "median", lower = "lower_quartile", upper = "upper_quartile") {
  add(id(median), median(x))
  add(id(lower), quantile(x, 0.25, type = 7))
  add(id(upper), quantile(x, 0.75, type = 7))
}
with_wilson <- function(id, k, n) {
  limits <- wilson(k, n)
  add(id, k / n, max(0, limits[1]), min(1, limits[2]))
}

# --- adverse events: from the first dose to the end of the time in which they can be seen ------
irae <- cleaned$irae
person <- match(irae$record_id, d$record_id)
irae <- irae[!is.na(person), ]
person <- person[!is.na(person)]
irae$day <- as.integer(irae$onset_date - d$ici_start[person])
irae$inside <- !is.na(irae$day) & irae$day >= 0 & irae$day <= d$safety_days[person]
irae$person <- person
terms <- sort(unique(irae$term[irae$inside]))
for (g in names(groups)) {
  here <- irae[groups[[g]][irae$person], ]
  exposure <- sum(d$safety_days[groups[[g]]])
  n <- sum(groups[[g]])
  stage <- "adverse_events"
  add(paste(stage, "n", g, sep = "."), n)
  add(paste(stage, "person_time", g, sep = "."), exposure)
  add(paste(stage, "events_left_out", g, sep = "."), sum(!here$inside))
  here <- here[here$inside, ]
  for (term in c(NA, terms)) {
    of <- if (is.na(term)) here else here[here$term == term, ]
    tail <- c(if (!is.na(term)) c("term", label_of(term)), g)
    id <- function(...) paste(c(stage, ..., tail), collapse = ".")
    for (grade in c("any_grade", "grade_3_or_more")) {
      rows <- if (grade == "any_grade") of else of[of$ctcae_grade %in% 3:5, ]
      k <- length(unique(rows$person))
      seen <- nrow(rows)
      add(id("patients_with", grade), k)
      add(id("number_of_events", grade), seen)
      with_wilson(id("share_with", grade), k, n)
      per_100 <- 100 * month / exposure
      add(id("event_rate", grade), seen * per_100,
          (if (seen) qchisq(0.025, 2 * seen) / 2 else 0) * per_100, qchisq(0.975, 2 * seen + 2) / 2 * per_100)
    }
    worst <- tapply(of$ctcae_grade, of$person, function(grades) if (all(is.na(grades))) NA else max(grades, na.rm = TRUE))
    for (grade in 1:5) add(id("worst_grade", grade), sum(worst == grade, na.rm = TRUE))
  }
}

# --- courses of radiotherapy during immunotherapy ------------------------------------------------
rt <- courses[courses$counts & courses$record_id %in% d$record_id, ]
rt$bed_gy <- rt$dose * (1 + rt$dose / rt$fractions / 10)
rt$eqd2_gy <- rt$bed_gy / 1.2
rt$days_to_course <- as.integer(rt$start_date - rt$ici_start)
add("rt_details.n.rows", nrow(rt))
add("rt_details.n.patients", length(unique(rt$record_id)))
choices <- list(site = c("primary", "lymph_nodes", "liver", "lung", "bone", "other"), intent = c("consolidative", "palliative"),
                technique = c("IMRT", "VMAT", "SBRT"), overlaps_prior_field = c("no", "yes"))
for (column in c(names(choices), "dose", "fractions", "dose_per_fraction_gy", "bed_gy", "eqd2_gy", "days_to_course")) {
  x <- rt[[column]]
  id <- function(what, ...) paste("rt_details", what, column, ..., sep = ".")
  add(id("missing"), sum(is.na(x)))
  if (column %in% names(choices)) for (level in choices[[column]]) {
    has <- x %in% level
    add(id("count", tolower(level), "rows"), sum(has))
    add(id("count", tolower(level), "patients"), length(unique(rt$record_id[has])))
    add(id("proportion", tolower(level), "rows"), sum(has) / sum(!is.na(x)))
  } else quartiles(id, x[!is.na(x)])
}
for (g in c("rt", "no_rt")) {
  stage <- paste0("time_to_response_", g)
  x <- d$response_days[groups[[g]] & !is.na(d$response_days)]
  add(paste0(stage, ".n.rows"), length(x))
  add(paste0(stage, ".n.patients"), length(x))
  add(paste0(stage, ".missing.time_to_response_days"), 0)
  quartiles(function(what) paste(stage, what, "time_to_response_days", sep = "."), x)
}

# --- missing values --------------------------------------------------------------------------------
for (g in names(groups)) {
  n <- sum(groups[[g]])
  add(paste0("missing.n.", g), n)
  for (column in c("age_days", "ecog", "cps", "albumin_g_l", "smoking_pack_years", "p16", "nlr", "ldh_ratio", "crp_mg_l")) {
    none <- sum(is.na(d[[column]][groups[[g]]]))
    for (state in c("missing", "known")) {
      k <- if (state == "missing") none else n - none
      add(paste("missing.count", column, state, g, sep = "."), k)
      add(paste("missing.proportion", column, state, g, sep = "."), k / n)
    }
  }
}

# --- the best change of the target lesions up to the progression -------------------------------------
outside <- tapply(ifelse(lesions$irradiated == "no", lesions$diameter, NA), of_scan, function(x) if (all(is.na(x))) NA else sum(x, na.rm = TRUE))
dated$outside <- as.numeric(outside[paste(dated$record_id, dated$instance)])
best_change <- function(column) vapply(seq_len(nrow(d)), function(i) {
  rows <- dated[dated$record_id == d$record_id[i], ]
  before <- rows[[column]][rows$scan_date <= d$ici_start[i]]
  after <- rows[[column]][rows$scan_date > d$ici_start[i] & (is.na(d$progression[i]) | rows$scan_date <= d$progression[i])]
  base <- if (length(before)) before[length(before)] else NA
  after <- after[!is.na(after)]
  if (is.na(base) || base == 0 || !length(after)) NA else 100 * (min(after) - base) / base
}, 0)
for (stage in c("target_change", "outside_change")) {
  change <- best_change(if (stage == "target_change") "sum" else "outside")
  for (g in names(groups)) {
    x <- change[groups[[g]] & !is.na(change)]
    id <- function(...) paste(stage, ..., g, sep = ".")
    add(id("n"), sum(groups[[g]]))
    add(id("evaluable"), length(x))
    quartiles(id, x, "median_best_change", "lower_quartile_best_change", "upper_quartile_best_change")
    with_wilson(id("fallen.30"), sum(x <= -30), length(x))
    with_wilson(id("risen.20"), sum(x >= 20), length(x))
  }
}

# --- courses of patients -------------------------------------------------------------------------------
for (g in names(groups)) {
  inside <- groups[[g]]
  id <- function(...) paste("courses", ..., g, sep = ".")
  add(id("n"), sum(inside))
  add(id("events"), sum(d$os_event[inside]))
  add(id("missing"), 0)
  firsts <- list(immunotherapy = rep(0, nrow(d)), radiotherapy = d$rt_day,
                 partial_response = days_from_start(d$first_pr), complete_response = days_from_start(d$first_cr),
                 progression = days_from_start(d$progression), death = ifelse(d$os_event, d$os_days, NA))
  for (name in names(firsts)) {
    x <- firsts[[name]][inside & !is.na(firsts[[name]])]
    add(id("patients_with", name), length(x))
    add(id("median_first_day", name), if (length(x)) median(x) else NA)
  }
}
