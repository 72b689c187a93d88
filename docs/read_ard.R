# Analysis results data of `restudy export ard -o ard.json`, as the R package cards has them:
#   baseline <- read_ard("ard.json", analysis = "baseline")
#   cards::check_ard_structure(baseline)
#   gtsummary::tbl_ard_summary(for_table(baseline), by = "radiotherapy")
read_ard <- function(file, analysis = NULL) {
  data <- jsonlite::fromJSON(file)
  ard <- tibble::as_tibble(stats::setNames(as.data.frame(data$rows), data$columns$name))
  if (!is.null(analysis)) ard <- ard[ard$analysis == analysis, ]
  number <- function(text) {
    value <- suppressWarnings(as.numeric(text))
    if (is.na(value)) text else value
  }
  listed <- function(cells, as = identity) lapply(cells, \(cell) if (!is.na(cell)) as(cell))
  ard[c("group1_level", "warning", "error")] <- lapply(ard[c("group1_level", "warning", "error")], listed)
  timed <- ard$variable %in% c("time", "prob")
  ard$variable_level <- Map(\(cell, timed) if (timed) lapply(cell, number)[[1]] else cell, listed(ard$variable_level), timed)
  ard$stat <- listed(ard$stat, number)
  ard$fmt_fun <- listed(ard$fmt_fun, number)
  if (!requireNamespace("cards", quietly = TRUE)) return(ard)
  # the contexts had other names in earlier versions
  if (utils::packageVersion("cards") < "0.7.0")
    ard$context <- dplyr::recode(ard$context, summary = "continuous", tabulate = "categorical")
  cards::as_card(ard)
}

# What a table by groups shows: numbers of groups, without those of everybody.
for_table <- function(ard) {
  is_shown <- ard$context %in% c("summary", "tabulate", "continuous", "categorical", "missing") & !is.na(ard$group1)
  ard[is_shown | ard$context %in% "total_n", ]
}
