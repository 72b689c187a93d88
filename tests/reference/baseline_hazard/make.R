# Baseline hazards and predicted survival, at the event times.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# `stratum` is a column, `code` the stratum predicted for.
case <- function(name, columns, covariates, ties = "efron", type = "log", stratum = NULL,
                 code = NULL, weight = NULL, robust = FALSE, interval = FALSE, offset = NULL) {
  frame <- read_data(name)
  response <- if (interval) "Surv(start, stop, event)" else "Surv(time, event)"
  terms <- c(columns, if (!is.null(stratum)) sprintf("strata(%s)", stratum),
             if (!is.null(offset)) sprintf("offset(%s)", offset))
  options <- c(sprintf("ties = \"%s\"", ties), if (!is.null(weight)) sprintf("weights = %s", weight),
               sprintf("robust = %s", robust))
  model <- sprintf("coxph(%s ~ %s, data = %s, %s)", response, paste(terms, collapse = " + "), name,
                   paste(options, collapse = ", "))
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", model, fixed = TRUE)))
  point <- as.data.frame(as.list(setNames(covariates, columns)))
  if (!is.null(stratum)) point[[stratum]] <- code
  # Ours takes an offset at its mean.
  if (!is.null(offset)) point[[offset]] <- mean(frame[[offset]])
  curve <- survfit(fit, newdata = point, conf.type = type)
  has_event <- curve$n.event > 0
  list(data = name, call = gsub("\"", "'", sprintf("survfit(%s, newdata = ..., conf.type = \"%s\")", model, type)),
       columns = I(columns), covariates = I(covariates), ties = ties, confidence_type = type,
       stratum = stratum, code = code, offset = offset, weight = weight, robust = robust, interval = interval,
       time = I(curve$time[has_event]), cumulative_hazard = I(curve$cumhaz[has_event]),
       standard_error = I(curve$std.err[has_event]), survival = I(curve$surv[has_event]),
       lower = I(curve$lower[has_event]), upper = I(curve$upper[has_event]),
       n_at_risk = if (is.null(weight)) I(curve$n.risk[has_event]))
}

write_cases("baseline_hazard", "survival", list(
  case("lung_complete", c("age", "sex", "ph_ecog"), c(60, 2, 1)),
  case("lung_complete", c("age", "sex", "ph_ecog"), c(70, 1, 2), ties = "breslow", type = "log-log"),
  case("lung_complete", c("age", "ph_ecog"), c(50, 0), stratum = "treated", code = 1),
  case("lung_complete", c("age", "treated"), c(65, 1), weight = "weight", robust = TRUE),
  case("veteran", c("trt", "karno"), c(2, 40), type = "plain"),
  case("heavy_ties", c("x", "z"), c(3, -1)),
  case("veteran", c("karno", "age"), c(50, 70), stratum = "prior", code = 10, type = "log-log"),
  case("pbc", c("age", "log_bili"), c(60, 2), weight = "log_protime", robust = TRUE),
  case("ovarian", c("age", "rx"), c(50, 1), ties = "breslow"),
  case("lung_complete", c("age", "sex"), c(60, 1), offset = "ph_ecog"),
  case("veteran", "karno", 60, offset = "smallcell", stratum = "prior", code = 0),
  case("collinear", c("z", "twice", "constant", "x"), c(2, 5, 3, 1)),
  case("all_events", "x", 2, type = "plain"),
  case("zero_time", "x", 1),
  case("near_ties", "x", 3),
  case("jasa1", c("transplant", "age"), c(1, 2), interval = TRUE),
  case("late_entry", c("x", "z"), c(5, 1), interval = TRUE, stratum = "stratum", code = 0)))
