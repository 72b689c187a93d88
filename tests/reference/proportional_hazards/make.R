# Tests of proportional hazards and scaled Schoenfeld residuals.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# What plot.cox.zph draws of the first coefficient: the curve and its upper limit
# (two standard errors above it) at 40 places between the first and the last event.
curve <- function(zph, df) {
  drawn <- list()
  own <- list(lines = function(x, y, ...) drawn[[length(drawn) + 1]] <<- y, plot = function(...) NULL,
              points = function(...) NULL, axis = function(...) NULL, ns = splines::ns)
  draw <- survival:::plot.cox.zph
  environment(draw) <- list2env(own, parent = asNamespace("survival"))
  draw(zph, var = 1, df = df, nsmo = 40)
  if (length(drawn) == 0) return(NULL)
  list(degrees_of_freedom = df, values = I(as.vector(drawn[[1]])),
       standard_errors = I(as.vector(drawn[[2]] - drawn[[1]]) / 2))
}

# `terms` are lists of columns; one of several columns is a matrix term.
case <- function(name, terms, transform = "km", ties = "efron", stratum = NULL, weight = NULL) {
  # cox.zph of survival 3.5-3 fails on integers here.
  frame <- as.data.frame(lapply(read_data(name), as.double))
  text <- vapply(terms, function(columns) {
    if (length(columns) == 1) columns else sprintf("cbind(%s)", paste(columns, collapse = ", "))
  }, "")
  text <- c(text, if (!is.null(stratum)) sprintf("strata(%s)", stratum))
  options <- c(sprintf("ties = \"%s\"", ties), if (!is.null(weight)) sprintf("weights = %s", weight))
  model <- sprintf("coxph(Surv(time, event) ~ %s, data = %s, %s)", paste(text, collapse = " + "),
                   name, paste(options, collapse = ", "))
  fit <- eval(parse(text = sub(paste0("data = ", name), "data = frame", model, fixed = TRUE)))
  test <- cox.zph(fit, transform = transform)
  columns <- cox.zph(fit, transform = transform, terms = FALSE)
  list(data = name, call = gsub("\"", "'", sprintf("cox.zph(%s, transform = \"%s\")", model, transform)),
       terms = lapply(terms, I), transform = transform, ties = ties, stratum = stratum,
       weight = weight, statistics = I(unname(test$table[, "chisq"])),
       degrees_of_freedom = I(unname(test$table[, "df"])), p_values = I(unname(test$table[, "p"])),
       transformed_times = I(unname(columns$x)), times = I(unname(columns$time)),
       scaled_residuals = unname(columns$y),
       curves = lapply(c(2, 4), function(df) curve(columns, df)))
}

lung_terms <- list("age", "sex", "ph_ecog")
veteran_terms <- list("trt", c("smallcell", "adeno", "large"), "karno", "diagtime", "age", "prior")
write_cases("proportional_hazards", "survival", list(
  case("lung_complete", lung_terms),
  case("lung_complete", lung_terms, transform = "identity"),
  case("lung_complete", lung_terms, transform = "rank"),
  case("lung_complete", lung_terms, transform = "log", ties = "breslow"),
  case("lung_complete", list("sex")),
  case("lung_complete", list("age", "ph_ecog"), stratum = "treated"),
  case("lung_complete", list("age", "treated"), weight = "weight"),
  case("veteran", veteran_terms),
  case("veteran", veteran_terms, transform = "rank", ties = "breslow"),
  case("ovarian", list("age", "rx")),
  case("pbc", list("age", "edema", "log_bili", "log_protime", "log_albumin")),
  case("heavy_ties", list(c("x", "z"))),
  case("heavy_ties", list("x", "z"), stratum = "stratum", transform = "identity"),
  case("veteran", list("karno", "age"), stratum = "prior", weight = "diagtime", transform = "identity"),
  case("gbsg", list("hormon"), transform = "log"),
  case("colon_death", list(c("lev", "lev_5fu")), transform = "rank"),
  case("near_ties", list("x"), transform = "log"),
  case("collinear", list("z", "x")),
  case("all_events", list("x")),
  case("zero_time", list("x"))))
