# Writes the findings that the kinds of Cox models must give, by id, and the columns of the table of
# residuals: see ../README.md. A finding is a vector of value, lower, upper and standard error, as far
# as there are.
library(survival)
library(splines)
source(file.path("tests", "reference", "json.R"), local = TRUE)

month <- 30.4375
z <- qnorm(.975)
findings <- list()
tables <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))
chi <- function(stage, id, statistic, df) {
  add(stage, sub("@", "chi_square", id), statistic)
  add(stage, sub("@", "degrees_of_freedom", id), df)
  add(stage, sub("@", "p", id), pchisq(statistic, df, lower.tail = FALSE))
}
ratio <- function(stage, id, estimate, error) {
  add(stage, id, exp(estimate), exp(estimate - z * error), exp(estimate + z * error), error)
}
# The sum of coefficients with these weights.
contrast <- function(stage, id, fit, weights) {
  ratio(stage, id, sum(weights * coef(fit)), sqrt(drop(weights %*% vcov(fit) %*% weights)))
}
wald_of <- function(fit, set) drop(coef(fit)[set] %*% solve(vcov(fit)[set, set]) %*% coef(fit)[set])
# Ratio, coefficient and p of each coefficient; names are the ends of ids.
rows <- function(stage, before, fit, names, errors = sqrt(diag(vcov(fit))), what = "hazard_ratio") {
  for (i in seq_along(names)) {
    b <- coef(fit)[[i]]
    id <- function(part) paste0(before, part, ".", names[i])
    ratio(stage, id(what), b, errors[i])
    add(stage, id("coefficient"), b, errors[i])
    add(stage, id("p"), 2 * pnorm(-abs(b / errors[i])))
  }
}

veteran <- read_data("veteran")
veteran$celltype <- factor(
  ifelse(veteran$smallcell == 1, "small cell",
         ifelse(veteran$adeno == 1, "adeno", ifelse(veteran$large == 1, "large", "squamous"))),
  levels = c("squamous", "small cell", "adeno", "large"))
veteran$entry <- floor(veteran$time / 4)
cells <- paste0("celltype.", c("small_cell", "adeno", "large"))
lung <- read_data("lung_complete")
pbc <- read_data("pbc")

# Exact ties.
exact <- function(stage, formula, data, names) {
  fit <- coxph(formula, data, ties = "exact")
  rows(stage, "", fit, names)
  add(stage, "log_likelihood", fit$loglik[2])
  add(stage, "log_likelihood_null", fit$loglik[1])
  chi(stage, "score.@", fit$score, length(names))
  chi(stage, "wald.@", fit$wald.test, length(names))
  chi(stage, "likelihood_ratio.@", 2 * diff(fit$loglik), length(names))
}
exact("exact_veteran", Surv(time, event) ~ trt + celltype + karno, veteran, c("trt", cells, "karno"))
exact("exact_lung", Surv(time, event) ~ age + sex + ph_ecog, lung, c("age", "sex", "ph_ecog"))

# A ridge over all terms.
ridge_of <- function(stage, fit, names) {
  rows(stage, "", fit, names, sqrt(diag(fit$var)))
  add(stage, "effective_degrees_of_freedom", sum(fit$df))
  add(stage, "log_likelihood", fit$loglik[2])
  add(stage, "likelihood_ratio.chi_square", 2 * diff(fit$loglik))
}
ridge_of("ridge_veteran",
         coxph(Surv(time, event) ~ ridge(trt, karno, age, theta = 20), veteran), c("trt", "karno", "age"))
ridge_of("ridge_lung",
         coxph(Surv(time, event) ~ ridge(age, sex, ph_ecog, theta = 5), lung), c("age", "sex", "ph_ecog"))

# An offset, delayed entry, weights with clusters.
rows("offset_lung", "", coxph(Surv(time, event) ~ age + sex + offset(ph_ecog), lung), c("age", "sex"))
rows("offset_veteran", "", coxph(Surv(time, event) ~ karno + trt + offset(age / 10), veteran, ties = "breslow"),
     c("karno", "trt"))
entry <- coxph(Surv(entry, time, event) ~ trt + celltype + karno, veteran)
rows("entry_veteran", "", entry, c("trt", cells, "karno"))
add("entry_veteran", "concordance", concordance(entry)$concordance)
chi("entry_veteran", "likelihood_ratio.@", 2 * diff(entry$loglik), 5)
late <- read_data("lung_late")
rows("entry_lung", "", coxph(Surv(start, stop, event) ~ group, late), "group")
weighted <- coxph(Surv(time, event) ~ age + sex + ph_ecog, lung, weights = weight, cluster = cluster)
rows("weights_lung", "", weighted, c("age", "sex", "ph_ecog"))
add("weights_lung", "wald.chi_square", weighted$wald.test)
agreement <- concordance(weighted)
add("weights_lung", "concordance", agreement$concordance, sqrt(agreement$var))
add("weights_lung", "sum_of_weights", sum(lung$weight))
add("weights_lung", "effective_n", sum(lung$weight)^2 / sum(lung$weight^2))
rows("weights_late", "",
     coxph(Surv(start, stop, event) ~ group, late, weights = weight, cluster = seq_len(nrow(late))), "group")

# Splines. Linearity is tested on the truncated powers over the same knots, whose first column is the
# straight line: the same space by another basis.
powers <- function(x, knots) {
  k <- length(knots)
  plus <- function(u) pmax(u, 0)^3
  bent <- vapply(seq_len(k - 2), function(j) {
    (plus(x - knots[j])
      - plus(x - knots[k - 1]) * (knots[k] - knots[j]) / (knots[k] - knots[k - 1])
      + plus(x - knots[k]) * (knots[k - 1] - knots[j]) / (knots[k] - knots[k - 1])) /
      (knots[k] - knots[1])^2
  }, 0 * x)
  cbind(x, matrix(bent, nrow = length(x)))
}
curve <- function(stage, data, column, others, knots, at, reference) {
  k <- length(knots)
  x <- data[[column]]
  B <- powers(x, knots)
  A <- as.matrix(data[others])
  fit <- coxph(Surv(data$time, data$event) ~ B + A)
  for (i in seq_along(knots)) add(stage, paste0("knot.", column, ".", i), knots[i])
  chi(stage, paste0("term.@.", column), wald_of(fit, 1:(k - 1)), k - 1)
  chi(stage, paste0("nonlinearity.@.", column), wald_of(fit, 2:(k - 1)), k - 2)
  for (value in at) {
    weights <- c(powers(value, knots) - powers(reference, knots), 0 * seq_along(others))
    contrast(stage, paste0("hazard_ratio.", column, ".", gsub("[.]", "_", value)), fit, weights)
  }
  add(stage, "log_likelihood", fit$loglik[2])
  for (i in seq_along(others)) {
    add(stage, paste0("coefficient.", others[i]), coef(fit)[[k - 1 + i]], sqrt(vcov(fit)[k - 1 + i, k - 1 + i]))
  }
}
curve("natural_pbc", pbc, "age", "log_bili", quantile(pbc$age, (0:4) / 4), c(35, 62.5, 75), 50)
curve("restricted_lung", lung, "age", c("sex", "ph_ecog"),
      quantile(lung$age, c(.05, .35, .65, .95)), c(50, 70), 60)
curve("knots_veteran", veteran, "karno", "trt", c(30, 60, 80), c(20, 90), 60)
# The B-spline basis itself, as R has it.
direct <- coxph(Surv(time, event) ~ ns(age, df = 4) + log_bili, pbc)
stopifnot(abs(direct$loglik[2] - findings$natural_pbc$log_likelihood) < 1e-8)

# Interactions.
cross <- coxph(Surv(time, event) ~ trt * celltype + karno, veteran)
without <- coxph(Surv(time, event) ~ trt + celltype + karno, veteran)
products <- grep(":", names(coef(cross)))
rows("interaction_veteran", "", cross, c("trt", cells, "karno"))
for (i in seq_along(products)) {
  name <- sub("celltype.", "trt_celltype.", cells[i])
  b <- coef(cross)[products[i]]
  error <- sqrt(diag(vcov(cross)))[products[i]]
  ratio("interaction_veteran", paste0("product.ratio_of_hazard_ratios.", name), b, error)
  add("interaction_veteran", paste0("product.coefficient.", name), b, error)
  add("interaction_veteran", paste0("product.p.", name), 2 * pnorm(-abs(b / error)))
}
lr <- 2 * (cross$loglik[2] - without$loglik[2])
chi("interaction_veteran", "interaction.@.trt_celltype", lr, 3)
chi("interaction_veteran", "interaction.@.trt_celltype.likelihood_ratio", lr, 3)
chi("interaction_veteran", "interaction.@.trt_celltype.wald", wald_of(cross, products), 3)
twice <- coxph(Surv(time, event) ~ age * sex + ph_ecog, lung, robust = TRUE)
twice_wald <- wald_of(twice, 4)
rows("interaction_lung", "", twice, c("age", "sex", "ph_ecog"))
chi("interaction_lung", "interaction.@.age_sex", twice_wald, 1)
chi("interaction_lung", "interaction.@.age_sex.wald", twice_wald, 1)

# Diagnostics.
diagnose <- function(stage, formula, data, names, terms, sets, early, stratum = NULL) {
  # coxph looks for its data where the formula was made.
  environment(formula) <- environment()
  run <- function(data) coxph(formula, data)
  fit <- run(data)
  R <- cov2cor(fit$var)
  for (i in seq_along(terms)) {
    set <- sets[[i]]
    rest <- setdiff(seq_along(names), set)
    factor <- det(R[set, set, drop = FALSE]) * det(R[rest, rest, drop = FALSE]) / det(R)
    add(stage, paste0("variance_inflation.", terms[i]), factor)
    if (length(set) > 1) {
      add(stage, paste0("variance_inflation_per_coefficient.", terms[i]), factor^(1 / (2 * length(set))))
    }
  }
  dfbeta <- as.matrix(residuals(fit, "dfbeta"))
  left <- t(vapply(seq_len(nrow(data)), function(i) coef(run(data[-i, ])), 0 * coef(fit)))
  for (i in seq_along(names)) {
    largest <- dfbeta[which.max(abs(dfbeta[, i])), i]
    add(stage, paste0("largest_dfbeta.", names[i]), largest)
    add(stage, paste0("largest_dfbetas.", names[i]), largest / sqrt(fit$var[i, i]))
    add(stage, paste0("leave_one_out.lowest_hazard_ratio.", names[i]), exp(min(left[, i])))
    add(stage, paste0("leave_one_out.highest_hazard_ratio.", names[i]), exp(max(left[, i])))
  }
  later <- data[data$time >= early, ]
  rows(stage, "excluding_early.", run(later), names)
  add(stage, "excluding_early.n", nrow(later))
  add(stage, "excluding_early.events", sum(later$event))
  # Residuals at tied events stand in the order of R's sort, which keeps rows.
  schoenfeld <- matrix(NA, nrow(data), length(names))
  key <- if (is.null(stratum)) rep(1, nrow(data)) else data[[stratum]]
  events <- which(data$event == 1)
  events <- events[order(key[events], data$time[events])]
  schoenfeld[events, ] <- residuals(fit, "schoenfeld")
  table <- list(martingale = I(unname(residuals(fit, "martingale"))),
                deviance = I(unname(residuals(fit, "deviance"))),
                linear_predictor = I(unname(fit$linear.predictors)))
  for (i in seq_along(names)) {
    name <- gsub("[.]", "_", names[i])
    table[[paste0("dfbeta_", name)]] <- I(unname(dfbeta[, i]))
    table[[paste0("schoenfeld_", name)]] <- I(schoenfeld[, i])
  }
  tables[[stage]] <<- table
}
diagnose("diagnostics_veteran", Surv(time, event) ~ trt + celltype + karno + age, veteran,
         c("trt", cells, "karno", "age"), c("trt", "celltype", "karno", "age"), list(1, 2:4, 5, 6), 30)
diagnose("diagnostics_lung", Surv(time, event) ~ age + sex + strata(ph_ecog), lung[lung$ph_ecog < 3, ],
         c("age", "sex"), c("age", "sex"), list(1, 2), 60, "ph_ecog")

# Performance.
perform <- function(stage, formula, data, months, tau, groups) {
  environment(formula) <- environment()
  fit <- coxph(formula, data)
  harrell <- concordance(fit)
  uno <- concordance(Surv(data$time, data$event) ~ fit$linear.predictors, reverse = TRUE,
                     timewt = "n/G2", ymax = tau * month)
  for (name in c("concordance", "concordance.harrell")) {
    error <- sqrt(harrell$var)
    add(stage, name, harrell$concordance, harrell$concordance - z * error, harrell$concordance + z * error, error)
  }
  error <- sqrt(uno$var)
  add(stage, "concordance.uno", uno$concordance, uno$concordance - z * error, uno$concordance + z * error, error)
  lr <- 2 * diff(fit$loglik)
  add(stage, "heuristic_shrinkage", (lr - length(coef(fit))) / lr)
  curves <- survfit(fit, newdata = data)
  overall <- survfit(Surv(time, event) ~ 1, data)
  at <- function(curve, t) {
    surv <- as.matrix(curve$surv)
    rbind(1, surv)[findInterval(t, curve$time) + 1, ]
  }
  gap <- min(diff(sort(unique(data$time)))) / 4
  censoring <- survfit(Surv(data$time - ifelse(data$event == 1, gap, 0), 1 - data$event) ~ 1)
  G <- stepfun(censoring$time, c(1, censoring$surv))
  brier <- function(predicted, t) {
    mean(ifelse(data$time > t, (1 - predicted)^2 / G(t),
                ifelse(data$event == 1, predicted^2 / G(data$time - 2 * gap), 0)))
  }
  for (m in months) {
    t <- m * month
    id <- paste0(m, "_months")
    predicted <- at(curves, t)
    own <- brier(predicted, t)
    reference <- brier(rep(at(overall, t), nrow(data)), t)
    add(stage, paste0("brier_score.", id), own)
    add(stage, paste0("brier_reference.", id), reference)
    add(stage, paste0("brier_gain.", id), 1 - own / reference)
    cuts <- quantile(predicted, seq(0, 1, length.out = groups + 1))
    code <- cut(predicted, cuts, include.lowest = TRUE, labels = FALSE)
    for (g in seq_len(groups)) {
      add(stage, paste0("calibration.predicted.", id, ".", g), mean(predicted[code == g]))
      seen <- summary(survfit(Surv(time, event) ~ 1, data[code == g, ]), times = t, extend = TRUE)
      add(stage, paste0("calibration.observed.", id, ".", g), seen$surv, seen$lower, seen$upper, seen$std.err)
    }
  }
  last <- max(months) * month
  grid <- last * (0:100) / 100
  scores <- vapply(grid, function(t) brier(at(curves, t), t), 0)
  nulls <- vapply(grid, function(t) brier(rep(at(overall, t), nrow(data)), t), 0)
  area <- function(s) sum(diff(grid) * (s[-1] + s[-101]) / 2) / last
  id <- paste0(max(months), "_months")
  add(stage, paste0("integrated_brier_score.", id), area(scores))
  add(stage, paste0("integrated_brier_reference.", id), area(nulls))
  add(stage, paste0("integrated_brier_gain.", id), 1 - area(scores) / area(nulls))
}
perform("performance_veteran", Surv(time, event) ~ trt + celltype + karno, veteran, c(2, 6), 10, 4)
perform("performance_lung", Surv(time, event) ~ age + sex + ph_ecog, lung, c(6, 12), 20, 3)

# Predicted survival.
predict_for <- function(stage, fit, profiles, months, type) {
  for (name in names(profiles)) {
    curve <- survfit(fit, newdata = profiles[[name]], conf.type = type)
    for (m in months) {
      row <- summary(curve, times = m * month)
      add(stage, paste0("survival.", m, "_months.", name), row$surv, row$lower, row$upper, row$std.err)
    }
    found <- quantile(curve, .5)
    add(stage, paste0("median.", name), found$quantile, found$lower, found$upper)
  }
}
model <- coxph(Surv(time, event) ~ trt + celltype + karno, veteran)
level <- function(cell) factor(cell, levels = levels(veteran$celltype))
predict_for("predicted_veteran", model,
            list(fit = data.frame(trt = 1, celltype = level("squamous"), karno = 90),
                 frail = data.frame(trt = 2, celltype = level("adeno"), karno = 40)), c(2, 6), "log-log")
contrast("predicted_veteran", "hazard_ratio.frail", model, c(1, 0, 1, 0, -50))
stratified <- coxph(Surv(time, event) ~ age + sex + strata(ph_ecog), lung, ties = "breslow")
predict_for("predicted_lung", stratified,
            list(young = data.frame(age = 50, sex = 2, ph_ecog = 0),
                 old = data.frame(age = 72, sex = 1, ph_ecog = 1)), c(6, 12), "log")

# Subgroups: veteran by cell type and prior therapy, adjusted for the index; lung by ECOG, whose last
# level has one patient.
veteran$arm <- factor(veteran$trt)
veteran$before <- factor(veteran$prior)
p <- list()
subgroups <- function(stage, data, treatment, by, adjust, end, alone = FALSE) {
  text <- function(join) {
    paste("Surv(time, event) ~", paste(c(paste(treatment, join, by), adjust), collapse = " + "))
  }
  cross <- coxph(as.formula(text("*")), data)
  without <- coxph(as.formula(text("+")), data)
  b <- coef(cross)
  products <- grep(":", names(b))
  kept <- products[!is.na(b[products])]
  V <- vcov(cross, complete = FALSE)
  known <- names(b)[!is.na(b)]
  for (value in levels(data[[by]])) {
    id <- paste0(by, ".", value)
    part <- data[data[[by]] == value, ]
    add(stage, paste0("n.", id), nrow(part))
    add(stage, paste0("events.", id), sum(part$event))
    counts <- tapply(part$event, part[[treatment]], length, default = 0)
    for (arm in names(counts)) add(stage, paste0("n.", id, ".", arm), counts[[arm]])
    id <- paste0(id, ".", end)
    if (min(counts) == 0) {
      add(stage, paste0("hazard_ratio.", id), NA, NA, NA, NA)
    } else if (alone) {
      fit <- coxph(as.formula(paste("Surv(time, event) ~", paste(c(treatment, adjust), collapse = " + "))), part)
      contrast(stage, paste0("hazard_ratio.", id), fit, c(1, 0 * seq_along(adjust)))
    } else {
      weights <- as.numeric(known == paste0(treatment, end) | known == paste0(treatment, end, ":", by, value))
      ratio(stage, paste0("hazard_ratio.", id), sum(weights * b[known]), sqrt(drop(weights %*% V %*% weights)))
    }
  }
  df <- length(kept)
  lr <- 2 * (cross$loglik[2] - without$loglik[2])
  wald <- drop(b[kept] %*% solve(V[names(b)[kept], names(b)[kept]]) %*% b[kept])
  chi(stage, paste0("interaction.@.", by), lr, df)
  chi(stage, paste0("interaction.@.", by, ".likelihood_ratio"), lr, df)
  chi(stage, paste0("interaction.@.", by, ".wald"), wald, df)
  p[[stage]][[by]] <<- pchisq(lr, df, lower.tail = FALSE)
}
adjusted <- function(stage) {
  values <- unlist(p[[stage]])
  for (by in names(values)) {
    add(stage, paste0("interaction.p_holm.", by), p.adjust(values, "holm")[[by]])
    add(stage, paste0("interaction.p_benjamini_hochberg.", by), p.adjust(values, "BH")[[by]])
  }
}
levels(veteran$celltype) <- c("squamous", "small_cell", "adeno", "large")
subgroups("subgroups_veteran", veteran, "arm", "celltype", "karno", "2")
subgroups("subgroups_veteran", veteran, "arm", "before", "karno", "2")
adjusted("subgroups_veteran")
contrast("subgroups_veteran", "hazard_ratio.all.2", coxph(Surv(time, event) ~ arm + karno, veteran), c(1, 0))
subgroups("alone_veteran", veteran, "arm", "celltype", "karno", "2", alone = TRUE)
adjusted("alone_veteran")
lung$ecog <- factor(lung$ph_ecog)
lung$gender <- factor(lung$sex)
subgroups("subgroups_lung", lung, "gender", "ecog", "age", "2")
adjusted("subgroups_lung")

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")))
kept <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = kept, tables = tables)),
           file.path("tests", "reference", "cox_kinds", "values.json"))
