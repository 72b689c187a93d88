# The raw files of the export, cleaned into one row per patient by the written rules:
# data/README.md, the column and code lists beside the raw files, and the reasons in
# pipeline.yaml. Nothing of the program is used, nor the truth of the simulated data.

raw <- function(name) file.path(root, "data", "raw", paste0(name, ".csv"))

# --- reading ------------------------------------------------------------------
read_raw <- function(name, encoding = "UTF-8") {
  bytes <- readBin(raw(name), "raw", file.size(raw(name)))
  text <- iconv(list(bytes), encoding, "UTF-8")
  text <- sub("^\ufeff", "", gsub("\r\n", "\n", text))
  table <- read.csv(text = text, colClasses = "character", na.strings = character(0),
                    check.names = FALSE, encoding = "UTF-8")
  table[] <- lapply(table, function(cells) {
    cells <- chartr("\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0e", "0123456789.", cells)
    trimws(gsub("\u00a0", " ", cells))
  })
  table
}

record_number <- function(cells) sprintf("P-%03d", as.integer(gsub("[^0-9]", "", cells)))

# Of the rows of one key the one with most cells stays, the first of equals.
one_row_each <- function(table, key) {
  filled <- rowSums(table != "")
  keys <- do.call(paste, c(table[key], sep = "\r"))
  order <- order(match(keys, keys), -filled, seq_along(keys))
  kept <- order[!duplicated(keys[order])]
  table[sort(kept), , drop = FALSE]
}

dictionary <- read_raw("dictionary")
code_lists <- read_raw("code_lists")

keys <- list(patients = "record_id", diagnosis = "record_id", prior_therapy = c("record_id", "instance"),
             systemic = c("record_id", "instance"), rt_courses = c("record_id", "instance"),
             assessments = c("record_id", "instance"), lesions = c("record_id", "instance", "lesion"),
             labs = c("record_id", "instance"), visits = c("record_id", "instance"),
             irae = c("record_id", "instance"), followup = "record_id")
tables <- lapply(names(keys), function(name) {
  table <- read_raw(name, if (name == "diagnosis") "GB18030" else "UTF-8")
  table$record_id <- record_number(table$record_id)
  one_row_each(table, keys[[name]])
})
names(tables) <- names(keys)
# a person registered twice keeps the first number
people <- tables$patients[order(tables$patients$record_id), ]
tables$patients <- people[!duplicated(people$mrn_hash), ]
for (name in setdiff(names(tables), "patients")) {
  tables[[name]] <- tables[[name]][tables[[name]]$record_id %in% tables$patients$record_id, ]
}

# --- answers of the hospital ----------------------------------------------------
answers <- read_raw("query_answers")
for (i in seq_len(nrow(answers))) {
  answer <- answers[i, ]
  table <- tables[[answer$table]]
  here <- table$record_id == answer$record_id & table[[answer$field]] == answer$raw
  if ("instance" %in% names(table)) here <- here & table$instance == answer$instance
  table[[answer$field]][here] <- answer$answer
  tables[[answer$table]] <- table
}

# --- dates ------------------------------------------------------------------------
a_date <- function(year, month, day) {
  text <- sprintf("%04d-%02d-%02d", as.integer(year), as.integer(month), as.integer(day))
  as.Date(text, format = "%Y-%m-%d")
}

read_date <- function(cell, both_orders, pivot) {
  none <- as.Date(NA)
  parts <- function(form) {
    found <- regmatches(cell, regexec(form, cell))[[1]]
    if (length(found)) as.integer(found[-1])
  }
  if (!is.null(p <- parts("^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$"))) return(a_date(p[1], p[2], p[3]))
  if (!is.null(p <- parts("^([0-9]{4})\u5e74([0-9]{1,2})\u6708([0-9]{1,2})\u65e5$"))) return(a_date(p[1], p[2], p[3]))
  if (!is.null(p <- parts("^([0-9]{5})$"))) return(as.Date("1899-12-30") + p[1])
  p <- parts("^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})$")
  if (is.null(p)) return(none)
  year <- if (p[3] >= 100) p[3] else if (p[3] <= pivot) 2000 + p[3] else 1900 + p[3]
  if (!both_orders || p[1] > 12 || p[1] == p[2]) return(a_date(year, p[2], p[1]))
  if (p[2] > 12) return(a_date(year, p[1], p[2]))
  none # two ways to read it: not guessed
}

dates_of <- function(cells, both_orders, pivot = 24, earliest = as.Date("1900-01-01"), latest = as.Date("2024-06-30")) {
  found <- do.call(c, lapply(cells, read_date, both_orders, pivot))
  found[!is.na(found) & (found < earliest | found > latest)] <- NA
  found
}

# --- codes and numbers ----------------------------------------------------------------
entry_of <- function(table, column) dictionary[dictionary$table == table & dictionary$column == column, ]
missing_codes <- function(entry) strsplit(entry$missing_codes, "[ ;|]+")[[1]]

code_of <- function(cells, entry) {
  cells[cells %in% c("", missing_codes(entry))] <- NA
  list <- code_lists[code_lists$list == entry$code_list, ]
  list$level[match(cells, list$spelling)]
}

number_of <- function(cells, entry, range = NULL) {
  cells[cells %in% c("", missing_codes(entry))] <- NA
  cells <- sub("%$", "", cells)
  commas <- lengths(regmatches(cells, gregexpr(",", cells)))
  cells[commas == 1] <- sub(",", ".", cells[commas == 1])
  numbers <- suppressWarnings(as.numeric(cells))
  if (!is.null(range)) numbers[!is.na(numbers) & (numbers < range[1] | numbers > range[2])] <- NA
  numbers
}

plausible <- function(entry) as.numeric(strsplit(entry$range, "..", fixed = TRUE)[[1]])

cleaned <- lapply(names(tables), function(name) {
  table <- tables[[name]]
  for (column in setdiff(names(table), "record_id")) {
    entry <- entry_of(name, column)
    if (nrow(entry) == 0) next
    cells <- table[[column]]
    both <- grepl("both|month_day|month first", entry$formats)
    table[[column]] <- switch(entry$type,
      date = if (column == "date_of_birth") dates_of(cells, both, 10, as.Date("1918-01-01"), as.Date("2004-12-31"))
             else if (column == "death_date") cells # with its own rule below
             else dates_of(cells, both),
      category = code_of(cells, entry),
      integer = , decimal = if (column %in% c("dose", "diameter", "alc", "albumin", "pdl1_cps")) cells
             else number_of(cells, entry, if (nzchar(entry$range)) plausible(entry)),
      cells)
  }
  table
})
names(cleaned) <- names(tables)
patients <- cleaned$patients
diagnosis <- cleaned$diagnosis
systemic <- cleaned$systemic
courses <- cleaned$rt_courses
scans <- cleaned$assessments
lesions <- cleaned$lesions
labs <- cleaned$labs
followup <- cleaned$followup

# --- what needs its own rule -------------------------------------------------------------
# a combined positive score is a whole number, so "<1" is 0; ">=1" tells nothing
cps <- diagnosis$pdl1_cps
cps[cps == "<1"] <- "0"
diagnosis$pdl1_cps <- number_of(cps, entry_of("diagnosis", "pdl1_cps"), c(0, 100))
swapped <- which(diagnosis$pdl1_tps > diagnosis$pdl1_cps)
diagnosis[swapped, c("pdl1_cps", "pdl1_tps")] <- diagnosis[swapped, c("pdl1_tps", "pdl1_cps")]

free <- regmatches(courses$dose, regexec("^([0-9.]+)Gy/([0-9]+)F$", courses$dose))
typed <- lengths(free) == 3
courses$dose[typed] <- vapply(free[typed], `[`, "", 2)
courses$fractions[typed] <- as.numeric(vapply(free[typed], `[`, "", 3))
courses$dose_unit[typed] <- "Gy"
courses$dose <- number_of(courses$dose, entry_of("rt_courses", "dose")) / ifelse(courses$dose_unit == "cGy", 100, 1)
product <- courses$fractions * courses$dose_per_fraction_gy
wrong <- which(abs(courses$dose - product) > 0.05)
courses$dose[wrong] <- product[wrong]
courses$stop_date[which(courses$stop_date < courses$start_date)] <- NA

lesions$diameter <- number_of(lesions$diameter, entry_of("lesions", "diameter")) * ifelse(lesions$diameter_unit == "cm", 10, 1)
labs$alc <- number_of(labs$alc, entry_of("labs", "alc")) / ifelse(labs$alc_unit == "/uL", 1000, 1)
albumin <- number_of(labs$albumin, entry_of("labs", "albumin"))
labs$albumin <- albumin * ifelse(labs$albumin_unit == "g/dL" | (labs$albumin_unit == "" & albumin < 10), 10, 1)

# a death without its day is on the 15th, or on the last contact if that is later in the month
partial <- function(cell, day) {
  p <- regmatches(cell, regexec("^([0-9]{4})-([0-9]{1,2})$", cell))[[1]]
  if (length(p)) return(a_date(p[2], p[3], day))
  p <- regmatches(cell, regexec("^UK/([0-9]{1,2})/([0-9]{4})$", cell))[[1]]
  if (length(p)) a_date(p[3], p[2], day) else as.Date(NA)
}
middle <- do.call(c, lapply(followup$death_date, partial, 15))
# the days between which it can have been: from the first of the month, or the last contact, to the last
first_day <- do.call(c, lapply(followup$death_date, partial, 1))
seen_in_month <- which(!is.na(first_day) & followup$last_contact > first_day)
earliest <- first_day
earliest[seen_in_month] <- followup$last_contact[seen_in_month]
next_month <- first_day + 31
latest <- as.Date(ifelse(is.na(first_day), NA, as.Date(format(next_month, "%Y-%m-01")) - 1), origin = "1970-01-01")
same_month <- format(middle, "%Y-%m") == format(followup$last_contact, "%Y-%m")
later <- which(!is.na(middle) & same_month & followup$last_contact > middle)
middle[later] <- followup$last_contact[later]
death <- dates_of(followup$death_date, FALSE)
followup$death_earliest <- as.Date(ifelse(is.na(earliest), death, earliest), origin = "1970-01-01")
followup$death_latest <- as.Date(ifelse(is.na(latest), death, latest), origin = "1970-01-01")
followup$death_date <- as.Date(ifelse(is.na(middle), death, middle), origin = "1970-01-01")
dead_first <- which(followup$last_contact > followup$death_date)
followup$last_contact[dead_first] <- followup$death_date[dead_first]

baseline_scan <- scans[scans$instance == 0, ]
first_scan <- baseline_scan$scan_date[match(scans$record_id, baseline_scan$record_id)]
scans$scan_date[which(scans$instance > 0 & scans$scan_date <= first_scan)] <- NA

# --- one row per patient --------------------------------------------------------------------
beside <- function(table, column) table[[column]][match(patients$record_id, table$record_id)]
first_rows <- function(table, by) {
  table <- table[order(table[[by]]), ]
  table[!duplicated(table$record_id), ]
}
immuno <- systemic[!is.na(systemic$ici_drug), ]
index <- first_rows(immuno[immuno$setting %in% "palliative" & !is.na(immuno$start_date), ], "start_date")
patients$any_ici <- patients$record_id %in% immuno$record_id
patients$ici_start <- beside(index, "start_date")
patients$ici_stop <- beside(index, "stop_date")
for (column in c("line", "concurrent_chemotherapy")) patients[[column]] <- beside(index, column)
for (column in c("subsite", "histology", "p16", "recurrence_type")) patients[[column]] <- beside(diagnosis, column)
patients$cps <- beside(diagnosis, "pdl1_cps")
for (column in c("last_contact", "death_date", "death_earliest", "death_latest", "progression_type")) patients[[column]] <- beside(followup, column)
platinum <- cleaned$prior_therapy[cleaned$prior_therapy$platinum %in% "yes", ]
patients$prior_platinum <- ifelse(patients$record_id %in% platinum$record_id, "yes", "no")

start_of <- function(table) patients$ici_start[match(table$record_id, patients$record_id)]
at_baseline <- function(table, date) {
  days <- as.integer(table[[date]] - start_of(table))
  inside <- table[!is.na(days) & days >= -28 & days <= 0, ]
  inside <- inside[order(inside[[date]], decreasing = TRUE), ]
  inside[!duplicated(inside$record_id), ]
}
patients$ecog <- beside(at_baseline(cleaned$visits, "visit_date"), "ecog")
sample <- at_baseline(labs, "lab_date")
for (column in c("anc", "alc", "ldh", "ldh_upper_limit")) patients[[column]] <- beside(sample, column)
patients$hemoglobin_g_l <- beside(sample, "hemoglobin")
patients$albumin_g_l <- beside(sample, "albumin")
patients$crp_mg_l <- beside(sample, "crp")

courses$ici_start <- start_of(courses)
courses$ici_stop <- patients$ici_stop[match(courses$record_id, patients$record_id)]
courses$counts <- !is.na(courses$start_date) & !is.na(courses$ici_start) & courses$start_date >= courses$ici_start &
  (is.na(courses$ici_stop) | courses$start_date <= courses$ici_stop)
patients$rt_start <- beside(first_rows(courses[courses$counts, ], "start_date"), "start_date")
patients$radiotherapy <- ifelse(is.na(patients$rt_start), "no_rt", "rt")

# --- response by RECIST 1.1 --------------------------------------------------------------------
of_scan <- paste(lesions$record_id, lesions$instance)
sums <- tapply(lesions$diameter, of_scan, sum)
left <- tapply(lesions$diameter > 0 & (lesions$nodal == "no" | lesions$diameter >= 10), of_scan, any)
scans$sum <- as.numeric(sums[paste(scans$record_id, scans$instance)])
scans$gone <- !as.logical(left[paste(scans$record_id, scans$instance)])
scans$start <- start_of(scans)
dated <- scans[!is.na(scans$scan_date) & !is.na(scans$start), ]
dated <- dated[order(dated$record_id, dated$scan_date), ]

course_of <- function(rows, start) {
  before <- rows[rows$scan_date <= start, ]
  after <- rows[rows$scan_date > start, ]
  result <- list(best = "NE", response = as.Date(NA), progression = as.Date(NA), last = as.Date(NA), free = as.Date(NA),
                 first_pr = as.Date(NA), first_cr = as.Date(NA))
  base <- if (nrow(before)) before$sum[nrow(before)] else NA
  smallest <- base
  states <- data.frame(date = as.Date(character()), state = character())
  rank <- c(NE = 0, PD = 1, SD = 2, PR = 3, CR = 4)
  for (i in seq_len(nrow(after))) {
    scan <- after[i, ]
    sum <- scan$sum
    state <- if (scan$new_lesion %in% "yes" || scan$nontarget_status %in% "progression" ||
                 isTRUE(sum >= 1.2 * smallest & sum - smallest >= 5)) "PD"
    else if (is.na(sum)) "NE"
    else if (scan$gone && scan$nontarget_status %in% c("complete_response", "none")) "CR"
    else if (scan$gone || isTRUE(sum <= 0.7 * base)) "PR"
    else if (scan$scan_date - start >= 42) "SD" else "NE"
    states <- rbind(states, data.frame(date = scan$scan_date, state = state))
    if (state != "NE" || !is.na(sum)) result$last <- scan$scan_date
    smallest <- min(smallest, sum, na.rm = TRUE)
    first <- c(PR = "first_pr", CR = "first_cr")[state]
    if (!is.na(first) && is.na(result[[first]])) result[[first]] <- scan$scan_date
    if (rank[[state]] > rank[[result$best]]) {
      result$best <- state
      if (state %in% c("PR", "CR")) result$response <- if (is.na(result$response)) scan$scan_date else result$response
    }
    if (state == "PD") {
      result$progression <- scan$scan_date
      break
    }
  }
  # with confirmation: a response counts if a scan 28 days later or more, before any progression, shows
  # it (or a complete one) again; one that does not is stable disease
  seen <- states[states$state != "NE", ]
  again <- function(levels) any(vapply(which(seen$state %in% levels), function(i) {
    any(seen$state %in% levels & seen$date - seen$date[i] >= 28)
  }, NA))
  result$confirmed <- if (again("CR")) "CR" else if (again(c("CR", "PR"))) "PR"
    else if (any(seen$state %in% c("CR", "PR", "SD") & seen$date - start >= 42)) "SD"
    else if (any(seen$state == "PD")) "PD" else "NE"
  free <- rows$scan_date[is.na(result$progression) | rows$scan_date < result$progression]
  if (length(free)) result$free <- max(free)
  result
}
responses <- lapply(seq_len(nrow(patients)), function(i) {
  rows <- dated[dated$record_id == patients$record_id[i], ]
  course_of(rows, patients$ici_start[i])
})
for (part in c("best", "confirmed")) patients[[part]] <- vapply(responses, `[[`, "", part)
for (part in c("response", "progression", "last", "free", "first_pr", "first_cr")) {
  patients[[part]] <- do.call(c, lapply(responses, `[[`, part))
}
latest <- tapply(as.numeric(dated$scan_date), dated$record_id, max)
patients$last_scan <- as.Date(as.numeric(latest[patients$record_id]), origin = "1970-01-01")

# --- who is analysed -----------------------------------------------------------------------------
is <- function(column, level) patients[[column]] %in% level
excluded <- is("exclusion", "consent_withdrawn") | is("subsite", "nasopharynx") |
  !is("histology", "squamous_cell_carcinoma") | is("exclusion", "second_active_cancer") |
  !patients$any_ici | is.na(patients$ici_start) |
  is.na(patients$last_scan) | patients$last_scan <= patients$ici_start
screened <- nrow(patients)
d <- patients[!excluded, ]

# --- variables ---------------------------------------------------------------------------------------
age_days <- as.integer(d$ici_start - d$date_of_birth)
d$age_days <- age_days
d$age_years <- floor(age_days / 365.25)
d$age_decades <- age_days / 3652.5
d$cps_group <- cut(d$cps, c(-Inf, 1, 20, Inf), right = FALSE, labels = c("under_1", "1_19", "at_least_20"))
d$nlr <- d$anc / d$alc
d$ldh_ratio <- d$ldh / d$ldh_upper_limit
d$ecog_group <- cut(d$ecog, c(-Inf, 0, 1, Inf), labels = c("0", "1", "2_or_more"))
d$line_group <- cut(d$line, c(-Inf, 1, 2, Inf), labels = c("1", "2", "3_or_later"))
d$albumin_5 <- d$albumin_g_l / 5
levels_of <- list(radiotherapy = c("no_rt", "rt"), sex = c("female", "male"),
  smoking_status = c("never", "former", "current"),
  subsite = c("oral_cavity", "oropharynx", "larynx", "hypopharynx", "nasopharynx"),
  recurrence_type = c("locoregional", "distant", "locoregional_and_distant"),
  p16 = c("negative", "positive"), prior_platinum = c("no", "yes"), concurrent_chemotherapy = c("no", "yes"))
for (column in names(levels_of)) d[[column]] <- factor(d[[column]], levels_of[[column]])

days_from_start <- function(date) as.integer(date - d$ici_start)
d$rt_day <- days_from_start(d$rt_start)
d$os_event <- !is.na(d$death_date)
d$os_days <- ifelse(d$os_event, days_from_start(d$death_date), days_from_start(d$last_contact))
d$os_early_days <- ifelse(d$os_event, days_from_start(d$death_earliest), days_from_start(d$last_contact))
d$os_late_days <- ifelse(d$os_event, days_from_start(d$death_latest), days_from_start(d$last_contact))
d$death_day_span <- ifelse(is.na(d$death_date) | d$death_earliest == d$death_latest, NA, as.integer(d$death_latest - d$death_earliest))
d$pfs_event <- !is.na(d$progression) | d$os_event
d$pfs_days <- ifelse(!is.na(d$progression), days_from_start(d$progression),
                     ifelse(d$os_event, days_from_start(d$death_date), days_from_start(d$last)))
d$responder <- d$best %in% c("CR", "PR")
d$dor_days <- ifelse(d$responder, d$pfs_days - days_from_start(d$response), NA)
d$dor_event <- ifelse(d$responder, d$pfs_event, NA)
d$response_days <- ifelse(d$responder, days_from_start(d$response), NA)
d$first_event <- factor(ifelse(!d$pfs_event, "none", ifelse(is.na(d$progression), "death",
  ifelse(d$progression_type %in% "locoregional", "locoregional", ifelse(is.na(d$progression_type), NA, "distant")))),
  c("none", "locoregional", "distant", "death"))
stop_90 <- d$ici_stop + 90
d$safety_days <- ifelse(!is.na(stop_90) & stop_90 < d$last_contact, days_from_start(stop_90), days_from_start(d$last_contact))
