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

# Splines by the truncated powers over knots that all data sets share, which span the same curves; an
# interaction; weights. mice::pool takes the errors of a model that trusts it, so robust ones are pooled
# by pool.scalar.
powers <- function(x, knots) {
  k <- length(knots)
  plus <- function(u) pmax(u, 0)^3
  bent <- vapply(seq_len(k - 2), function(j) {
    (plus(x - knots[j])
      - plus(x - knots[k - 1]) * (knots[k] - knots[j]) / (knots[k] - knots[k - 1])
      + plus(x - knots[k]) * (knots[k - 1] - knots[j]) / (knots[k] - knots[k - 1])) / (knots[k] - knots[1])^2
  }, 0 * x)
  cbind(x, matrix(bent, nrow = length(x)))
}
# The sum of coefficients with these weights.
pooled_sum <- function(fits, w) {
  complete <- fits[[1]]$nevent - length(coef(fits[[1]]))
  found <- pool.scalar(sapply(fits, function(f) sum(w * coef(f))),
                       sapply(fits, function(f) drop(w %*% vcov(f) %*% w)), n = complete, k = 0)
  error <- sqrt(found$t)
  list(estimate = found$qbar, error = error, reach = qt(.975, found$df) * error, df = found$df,
       fmi = found$fmi, riv = found$r, p = 2 * pt(abs(found$qbar) / error, found$df, lower.tail = FALSE))
}
tell_sum <- function(stage, id, found) {
  add(stage, id, exp(found$estimate), exp(found$estimate - found$reach), exp(found$estimate + found$reach), found$error)
}
tell_coefficient <- function(stage, what, end, found) {
  tell_sum(stage, paste0(what, ".", end), found)
  id <- function(part) paste0(sub("[a-z_]+$", "", what), part, ".", end)
  add(stage, id("coefficient"), found$estimate, found$error)
  add(stage, id("p"), found$p, NA)
  add(stage, id("degrees_of_freedom"), found$df, NA)
  add(stage, id("fraction_missing_information"), found$fmi, NA)
  add(stage, id("relative_increase"), found$riv, NA)
}
tell_d1 <- function(stage, before, after, fits, at) {
  complete <- fits[[1]]$nevent - length(coef(fits[[1]]))
  Q <- matrix(sapply(fits, function(f) coef(f)[at]), length(at))
  U <- array(sapply(fits, function(f) vcov(f)[at, at]), c(length(at), length(at), length(fits)))
  d <- mitml:::.D1(Q, U, complete)
  add(stage, paste0(before, ".f", after), d$F, NA)
  add(stage, paste0(before, ".degrees_of_freedom", after), d$k, NA)
  add(stage, paste0(before, ".denominator_degrees_of_freedom", after), d$v, NA)
  add(stage, paste0(before, ".p", after), pf(d$F, d$k, d$v, lower.tail = FALSE), NA)
}
unit <- function(fit, at) replace(numeric(length(coef(fit))), at, 1)

# `curves` has knots, reference and values by column; `others` stand as they are.
run_curves <- function(stage, name, m, curves, others) {
  sets <- lapply(seq_len(m), function(i) fill(read_data(name), i))
  fits <- lapply(sets, function(frame) {
    bases <- do.call(cbind, lapply(names(curves), function(v) powers(frame[[v]], curves[[v]]$knots)))
    x <- cbind(bases, as.matrix(frame[others]))
    coxph(Surv(frame$time, frame$event) ~ x)
  })
  first <- 1
  for (v in names(curves)) {
    curve <- curves[[v]]
    at <- first - 1 + seq_len(length(curve$knots) - 1)
    for (i in seq_along(curve$knots)) add(stage, paste0("knot.", v, ".", i), curve$knots[i], NA)
    for (value in curve$at) {
      w <- unit(fits[[1]], at) * 0
      w[at] <- powers(value, curve$knots) - powers(curve$reference, curve$knots)
      tell_sum(stage, paste0("hazard_ratio.", v, ".", value), pooled_sum(fits, w))
    }
    tell_d1(stage, "term", paste0(".", v), fits, at)
    tell_d1(stage, "nonlinearity", paste0(".", v), fits, at[-1])
    first <- max(at) + 1
  }
  for (v in others) {
    tell_coefficient(stage, "hazard_ratio", v, pooled_sum(fits, unit(fits[[1]], first)))
    first <- first + 1
  }
  tell_d1(stage, "wald", "", fits, seq_along(coef(fits[[1]])))
}
ages <- unname(quantile(read_data("lung_incomplete")$age, (0:3) / 3))
# Degrees of freedom of D1 need more than five data sets for one coefficient.
run_curves("curves_lung", "lung_incomplete", 7, list(
  age = list(knots = ages, reference = 60, at = c(50, 70)),
  meal_cal = list(knots = c(500, 1000, 1300), reference = 1000, at = c(600, 1200))), c("sex", "wt_loss"))
run_curves("curves_pbc", "pbc_incomplete", 6, list(
  chol = list(knots = c(200, 300, 450, 800), reference = 300, at = c(250, 500))), c("age", "log_bili"))

# Row r (from 1) has the weight .5 + (7 r mod 16) / 10; rows 4k to 4k + 3 are one set where there are sets.
run_crossed <- function(stage, name, m, left, right, sets) {
  fits <- lapply(seq_len(m), function(i) {
    frame <- fill(read_data(name), i)
    frame$w <- .5 + (seq_len(nrow(frame)) * 7) %% 16 / 10
    frame$set <- if (sets) seq_len(nrow(frame)) %/% 4 else seq_len(nrow(frame))
    coxph(as.formula(paste("Surv(time, event) ~", left, "*", right)), frame, weights = w, cluster = set)
  })
  ends <- c(left, right)
  for (i in 1:2) tell_coefficient(stage, "hazard_ratio", ends[i], pooled_sum(fits, unit(fits[[1]], i)))
  product <- paste0(left, "_", right)
  tell_coefficient(stage, "product.ratio_of_hazard_ratios", product, pooled_sum(fits, unit(fits[[1]], 3)))
  tell_d1(stage, "interaction", paste0(".", product), fits, 3)
  tell_d1(stage, "wald", "", fits, 1:3)
}
run_crossed("crossed_lung", "lung_incomplete", 7, "ph_karno", "sex", sets = FALSE)
run_crossed("crossed_pbc", "pbc_incomplete", 8, "chol", "female", sets = TRUE)

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 mice = as.character(packageVersion("mice")),
                 survival = as.character(packageVersion("survival")))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "pooled_cox_model", "values.json"))
