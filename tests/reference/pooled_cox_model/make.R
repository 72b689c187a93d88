# mice::pool of coxph in data sets whose gaps are filled by a made-up rule that
# the tests follow too: row r (from 0) of imputation i (from 1).
suppressMessages({library(survival); library(mice); library(mitml)})
source(file.path("tests", "reference", "json.R"), local = TRUE)

rules <- list(
  meal_cal = function(r, i) 500 + (r * 37 + i * 101) %% 900,
  ph_karno = function(r, i) 50 + 10 * ((r + i) %% 6),
  wt_loss = function(r, i) (r * 7 + i * 13) %% 30 - 5,
  chol = function(r, i) 200 + (r * 17 + i * 71) %% 300,
  stage_gaps = function(r, i) (r + i) %% 4 + 1)

fill <- function(frame, i) {
  for (v in intersect(names(rules), names(frame))) {
    gaps <- which(is.na(frame[[v]]))
    frame[[v]][gaps] <- rules[[v]](gaps - 1, i)
  }
  frame
}

findings <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))

run <- function(stage, name, m, formula, ids, terms = list(), derive = identity, ...) {
  frame <- read_data(name)
  fits <- lapply(seq_len(m), function(i) coxph(formula, derive(fill(frame, i)), ...))
  pooled <- pool(as.mira(fits))$pooled
  stopifnot(all(pooled$dfcom == fits[[1]]$nevent - length(coef(fits[[1]]))))
  for (j in seq_along(ids)) {
    row <- pooled[j, ]; error <- sqrt(row$t); reach <- qt(.975, row$df) * error
    id <- function(what) paste0(what, ".", ids[j])
    add(stage, id("hazard_ratio"), exp(row$estimate), exp(row$estimate - reach),
        exp(row$estimate + reach), error)
    add(stage, id("coefficient"), row$estimate, error)
    add(stage, id("p"), 2 * pt(abs(row$estimate) / error, row$df, lower.tail = FALSE), NA)
    add(stage, id("degrees_of_freedom"), row$df, NA)
    add(stage, id("fraction_missing_information"), row$fmi, NA)
    add(stage, id("relative_increase"), row$riv, NA)
  }
  test <- function(before, after, j) {
    Q <- sapply(fits, function(f) coef(f)[j])
    U <- array(sapply(fits, function(f) vcov(f)[j, j]), c(length(j), length(j), m))
    d <- mitml:::.D1(Q, U, pooled$dfcom[1])
    id <- function(what) paste0(before, what, after)
    add(stage, id(".f"), d$F, NA)
    add(stage, id(".degrees_of_freedom"), d$k, NA)
    add(stage, id(".denominator_degrees_of_freedom"), d$v, NA)
    add(stage, id(".p"), pf(d$F, d$k, d$v, lower.tail = FALSE), NA)
  }
  for (term in names(terms)) test("term", paste0(".", term), terms[[term]])
  test("wald", "", seq_along(ids))
  alone <- coxph(formula, derive(frame), ...)
  for (j in seq_along(ids)) {
    id <- paste0("complete_cases.coefficient.", ids[j])
    add(stage, id, coef(alone)[[j]], sqrt(vcov(alone)[j, j]))
  }
}

run("lung", "lung_incomplete", 5, Surv(time, event) ~ age + sex + ph_karno + meal_cal + wt_loss,
    c("age", "sex", "ph_karno", "meal_cal", "wt_loss"))
run("pbc", "pbc_incomplete", 8, Surv(time, event) ~ age + log_bili + chol + factor(stage_gaps),
    c("age", "log_bili", "chol", paste0("stage_gaps.", 2:4)), list(stage_gaps = 4:6))
run("breslow", "pbc_incomplete", 4,
    Surv(time, event) ~ log_bili + high + strata(female), c("log_bili", "high.yes"),
    derive = function(frame) transform(frame, high = chol >= 300), ties = "breslow")

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 mice = as.character(packageVersion("mice")),
                 survival = as.character(packageVersion("survival")))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "pooled_cox_model", "values.json"))
