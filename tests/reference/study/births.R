# Days of birth, which the generator's truth lacks, from the raw export by the rules of
# data/README.md. Returned by record number; make.R checks them against the ages in years.

days_of_birth <- function(folder) {
  raw <- read.csv(file.path(folder, "patients.csv"), colClasses = "character", encoding = "UTF-8")
  answers <- read.csv(file.path(folder, "query_answers.csv"), colClasses = "character")
  answers <- answers[answers$table == "patients" & answers$field == "date_of_birth", ]
  number <- as.integer(gsub("[^0-9]", "", raw$record_id))
  written <- trimws(gsub("\u00a0", " ", raw$date_of_birth))
  first <- !duplicated(number)
  days <- structure(as.Date(rep(NA, sum(first))), names = sprintf("P-%03d", number[first]))
  for (i in which(first)) {
    answer <- answers$answer[answers$record_id == sprintf("P-%03d", number[i])]
    found <- as_day(if (length(answer) == 1) answer else written[i])
    if (!is.na(found) && format(found, "%Y") >= "1918") days[[sprintf("P-%03d", number[i])]] <- found
  }
  days
}

# ISO, Chinese, Excel serials, and slashes in both orders, where only one is possible.
as_day <- function(text) {
  parts <- as.integer(regmatches(text, gregexpr("[0-9]+", text))[[1]])
  if (grepl("^[0-9]+$", text)) return(as.Date("1899-12-30") + parts)
  if (length(parts) != 3) return(as.Date(NA))
  if (grepl("/", text)) {
    if (parts[1] <= 12 && parts[2] <= 12 && parts[1] != parts[2]) return(as.Date(NA))
    if (parts[2] > 12) parts[1:2] <- parts[2:1]
    if (parts[3] < 100) parts[3] <- parts[3] + if (parts[3] <= 24) 2000 else 1900
    parts <- rev(parts)
  }
  as.Date(sprintf("%04d-%02d-%02d", parts[1], parts[2], parts[3]), optional = TRUE)
}
