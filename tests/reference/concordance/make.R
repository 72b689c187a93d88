# Harrell's concordance.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, column, stratum = NULL) {
  frame <- read_data(name)
  frame <- frame[!is.na(frame[[column]]), ]
  strata <- if (is.null(stratum)) "" else sprintf(" + strata(%s)", stratum)
  call <- sprintf("concordance(Surv(time, event) ~ %s%s, data = %s, reverse = TRUE)", column,
                  strata, name)
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  count <- if (is.matrix(fit$count)) colSums(fit$count) else fit$count
  list(data = name, call = call, column = column, stratum = stratum,
       estimate = unname(fit$concordance), standard_error = sqrt(fit$var),
       concordant = unname(count["concordant"]), discordant = unname(count["discordant"]),
       tied_score = unname(count["tied.x"]))
}

write_cases("concordance", "survival", list(
  case("lung", "age"),
  case("lung", "ph_ecog"),
  case("lung", "age", "sex"),
  case("veteran", "karno"),
  case("ovarian", "age", "group"),
  case("heavy_ties", "x"),
  case("heavy_ties", "z", "stratum"),
  case("all_events", "x"),
  case("zero_time", "x"),
  case("near_ties", "x")))
