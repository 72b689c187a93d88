# Concordance with case weights, clusters, Uno's weights, horizons and intervals.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

case <- function(name, column, weight = NULL, timewt = "n", horizon = NULL, stratum = NULL,
                 interval = FALSE, cluster = NULL) {
  frame <- read_data(name)
  response <- if (interval) "Surv(start, stop, event)" else "Surv(time, event)"
  options <- c("reverse = TRUE", sprintf("timewt = \"%s\"", timewt),
    if (!is.null(weight)) sprintf("weights = %s", weight),
    if (!is.null(cluster)) sprintf("cluster = floor(%s)", cluster),
    if (!is.null(horizon)) sprintf("ymax = %s", horizon))
  strata <- if (is.null(stratum)) "" else sprintf(" + strata(%s)", stratum)
  call <- sprintf("concordance(%s ~ %s%s, data = %s, %s)", response, column, strata, name,
                  paste(options, collapse = ", "))
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", call, fixed = TRUE)))
  count <- if (is.matrix(fit$count)) colSums(fit$count) else fit$count
  list(data = name, call = gsub("\"", "'", call), column = column, weight = weight,
       timewt = timewt, horizon = horizon, stratum = stratum, interval = interval, cluster = cluster,
       estimate = unname(fit$concordance), standard_error = sqrt(fit$var),
       concordant = unname(count["concordant"]), discordant = unname(count["discordant"]),
       tied_score = unname(count["tied.x"]))
}

write_cases("weighted_concordance", "survival", list(
  case("lung_complete", "age", weight = "weight"),
  case("lung_complete", "ph_ecog", weight = "weight", stratum = "treated"),
  case("lung_complete", "ph_ecog", timewt = "n/G2"),
  case("lung_complete", "age", timewt = "n/G2", horizon = 600),
  case("veteran", "karno", timewt = "n/G2"),
  case("gbsg", "hormon", timewt = "n/G2", horizon = 1500),
  case("heavy_ties", "x", timewt = "n/G2", horizon = 3),
  case("heavy_ties", "z", weight = "weight"),
  case("lung_complete", "age", horizon = 365),
  case("jasa1", "age", interval = TRUE),
  case("jasa1", "transplant", interval = TRUE, stratum = "surgery"),
  case("cgd", "age", interval = TRUE, weight = "weight"),
  case("late_entry", "x", interval = TRUE),
  case("pbc", "log_bili", weight = "log_protime", timewt = "n/G2", horizon = 3000),
  case("ovarian", "age", timewt = "n/G2"),
  case("all_events", "x", timewt = "n/G2"),
  case("zero_time", "x", timewt = "n/G2"),
  case("near_ties", "x", timewt = "n/G2"),
  case("near_ties", "x", horizon = 2),
  case("veteran", "karno", cluster = "diagtime"),
  case("veteran", "age", stratum = "trt", cluster = "karno"),
  case("pbc", "log_bili", cluster = "age"),
  case("lung_complete", "age", weight = "weight", cluster = "cluster"),
  case("lung_complete", "ph_ecog", timewt = "n/G2", horizon = 600, cluster = "cluster"),
  case("heavy_ties", "z", weight = "weight", stratum = "stratum", cluster = "cluster"),
  case("jasa1", "transplant", interval = TRUE, cluster = "subject"),
  case("cgd", "age", interval = TRUE, weight = "weight", cluster = "subject")))
