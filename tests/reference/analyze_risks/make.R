# Writes the findings that the kinds of competing risks, parametric models and
# plain comparisons must give, by id, as ../analyze/make.R does for the others.
# A finding is a vector of value, lower, upper and standard error, or of value and standard error.
library(survival)
library(cmprsk)
source(file.path("tests", "reference", "json.R"), local = TRUE)

month <- 30.4375
findings <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))

names_of <- c("one", "two")
risks <- function(name) {
  frame <- read_data(name)
  frame$state <- factor(frame$cause, 0:2, c("censored", names_of))
  frame
}

# Cumulative incidence: log-log limits, at chosen days, time lost, Gray's tests.
incidence <- function(stage, frame, days, lost, words, aalen = FALSE) {
  parts <- c(split(frame, frame$group), list(all = frame))
  other <- list(cuminc(frame$time, frame$cause, frame$group), cuminc(frame$time, frame$cause))
  for (g in names(parts)) {
    part <- parts[[g]]
    fit <- survfit(Surv(time, state) ~ 1, part, conf.type = "log-log", influence = TRUE)
    for (cause in 1:2) {
      state <- match(names_of[cause], fit$states)
      for (i in seq_along(days)) {
        at <- max(which(fit$time <= days[i]))
        id <- paste("incidence", names_of[cause], words[i], g, sep = ".")
        if (aalen) {
          found <- if (g == "all") other[[2]][[paste(1, cause)]] else other[[1]][[paste(g, cause)]]
          last <- findInterval(days[i], found$time)
          error <- sqrt(found$var[last])
          # the limits on the log-log scale from that error
          p <- found$est[last]
          reach <- qnorm(.975) * error / (p * log(p))
          add(stage, id, p, sort(exp(log(p) * exp(c(-1, 1) * reach))), error)
        } else {
          add(stage, id, fit$pstate[at, state], fit$lower[at, state], fit$upper[at, state],
              fit$std.err[at, state])
        }
        add(stage, paste("cumulative_events", names_of[cause], words[i], g, sep = "."),
            sum(part$time <= days[i] & part$cause == cause))
        add(stage, paste("n_at_risk", words[i], g, sep = "."), sum(part$time >= days[i]))
        add(stage, paste("cumulative_censored", words[i], g, sep = "."),
            sum(part$time <= days[i] & part$cause == 0))
      }
      add(stage, paste("events", names_of[cause], g, sep = "."), sum(part$cause == cause))
      if (aalen) next
      mean <- summary(fit, rmean = lost$days)$table[state, "rmean"]
      past <- fit$time < lost$days
      width <- diff(c(fit$time[past], lost$days))
      influence <- fit$influence.pstate[, -1, state][, past, drop = FALSE]
      error <- sqrt(sum((influence %*% width)^2))
      add(stage, paste("time_lost", names_of[cause], lost$words, g, sep = "."), mean,
          mean + c(-1, 1) * qnorm(.975) * error, error)
    }
    add(stage, paste0("n.", g), nrow(part))
    add(stage, paste0("censored.", g), sum(part$cause == 0))
  }
}
gray <- function(stage, frame, strata = NULL, rho = 0) {
  within <- if (is.null(strata)) rep(1, nrow(frame)) else frame[[strata]]
  tests <- cuminc(frame$time, frame$cause, frame$group, strata = within, rho = rho)$Tests
  for (cause in 1:2) {
    add(stage, paste0("gray.chi_square.", names_of[cause]), tests[cause, "stat"])
    add(stage, paste0("gray.degrees_of_freedom.", names_of[cause]), tests[cause, "df"])
    add(stage, paste0("gray.p.", names_of[cause]), tests[cause, "pv"])
  }
}
mgus2 <- risks("mgus2")
incidence("incidence_mgus2", mgus2, c(60, 120), list(days = 120, words = "120_days"), c("60_days", "120_days"))
gray("incidence_mgus2", mgus2)
pbc <- risks("pbc_causes")
pbc$group <- pbc$sex
incidence("incidence_pbc", pbc, 36 * month, list(days = 2000, words = "2000_days"), "36_months", aalen = TRUE)
pbc$cut <- +(pbc$age > 50)
gray("incidence_pbc", pbc, strata = "cut", rho = 1)

# Regressions of one cause.
rows <- function(stage, names, estimate, error) {
  reach <- qnorm(.975) * error
  for (i in seq_along(names)) {
    add(stage, paste0("hazard_ratio.", names[i]), exp(c(estimate[i], estimate[i] - reach[i], estimate[i] + reach[i])), error[i])
    add(stage, paste0("coefficient.", names[i]), estimate[i], error[i])
    add(stage, paste0("p.", names[i]), 2 * pnorm(-abs(estimate[i] / error[i])))
  }
}
fitted <- function(stage, fit, names, term = NULL, at = NULL) {
  rows(stage, names, coef(fit), sqrt(diag(fit$var)))
  add(stage, "log_likelihood", fit$loglik[2])
  if (is.null(term)) return()
  wald <- as.numeric(coef(fit)[at] %*% solve(fit$var[at, at]) %*% coef(fit)[at])
  add(stage, paste0("term.chi_square.", term), wald)
  add(stage, paste0("term.p.", term), pchisq(wald, length(at), lower.tail = FALSE))
}
tight <- coxph.control(eps = 1e-13, iter.max = 40, toler.chol = 1e-14)
known <- pbc[!is.na(pbc$stage), ]
known$stage <- factor(known$stage)
stages <- paste0("stage.", 2:4)
cause_specific <- coxph(Surv(time, cause == 2) ~ age + log_bili + stage, known, control = tight)
fitted("cause_specific_pbc", cause_specific, c("age", "log_bili", stages), "stage", 3:5)
add("cause_specific_pbc", "events", sum(known$cause == 2))
fitted("cause_specific_mgus2", coxph(Surv(time, cause == 1) ~ age + mspike + strata(group), mgus2,
                                     robust = TRUE, control = tight), c("age", "mspike"))
# What the model of one cause may have besides: a spline by the truncated powers over its knots, which
# span the same curves; an interaction, with weights.
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
chi <- function(stage, before, after, fit, at) {
  wald <- as.numeric(coef(fit)[at] %*% solve(vcov(fit)[at, at]) %*% coef(fit)[at])
  add(stage, paste0(before, ".chi_square.", after), wald)
  add(stage, paste0(before, ".degrees_of_freedom.", after), length(at))
  add(stage, paste0(before, ".p.", after), pchisq(wald, length(at), lower.tail = FALSE))
}
bent_by_age <- function(stage, frame, cause, other, at, reference) {
  knots <- unname(quantile(frame$age, (0:3) / 3))
  bases <- powers(frame$age, knots)
  fit <- coxph(Surv(frame$time, frame$cause == cause) ~ bases + frame[[other]], control = tight)
  for (i in seq_along(knots)) add(stage, paste0("knot.age.", i), knots[i])
  for (age in at) {
    w <- c(powers(age, knots) - powers(reference, knots), 0)
    error <- sqrt(drop(w %*% vcov(fit) %*% w))
    value <- sum(w * coef(fit))
    add(stage, paste0("hazard_ratio.age.", age), exp(value + c(0, -1, 1) * qnorm(.975) * error), error)
  }
  chi(stage, "term", "age", fit, 1:3)
  chi(stage, "nonlinearity", "age", fit, 2:3)
  add(stage, paste0("coefficient.", other), coef(fit)[4], sqrt(vcov(fit)[4, 4]))
  add(stage, "log_likelihood", fit$loglik[2])
}
bent_by_age("cause_specific_spline_pbc", pbc, 2, "log_bili", c(40, 60), 50)
bent_by_age("cause_specific_spline_mgus2", mgus2, 1, "group", c(60, 80), 70)
crossed <- function(stage, frame, cause, left, right) {
  frame$case <- 0.5 + (seq_len(nrow(frame)) * 7) %% 16 / 10
  fit <- coxph(as.formula(paste0("Surv(time, cause == ", cause, ") ~ ", left, " * ", right)), frame,
               weights = case, robust = TRUE)
  rows(stage, c(left, right), coef(fit), sqrt(diag(vcov(fit))))
  product <- paste0(left, "_", right)
  error <- sqrt(vcov(fit)[3, 3])
  add(stage, paste0("product.ratio_of_hazard_ratios.", product), exp(coef(fit)[3] + c(0, -1, 1) * qnorm(.975) * error), error)
  add(stage, paste0("product.coefficient.", product), coef(fit)[3], error)
  chi(stage, "interaction", product, fit, 3)
  add(stage, "sum_of_weights", sum(fit$weights))
}
crossed("cause_specific_interaction_pbc", pbc, 2, "log_bili", "sex")
crossed("cause_specific_interaction_mgus2", mgus2, 1, "age", "group")
weighted <- function(frame, etype, formula, strata = NULL) {
  frame$id <- seq_len(nrow(frame))
  if (is.null(frame$set)) frame$set <- frame$id
  within <- if (is.null(strata)) "" else paste0(" + strata(", strata, ")")
  expanded <- finegray(as.formula(paste0("Surv(time, state) ~ .", within)), data = frame, etype = etype)
  if (!is.null(strata)) expanded[[strata]] <- frame[[strata]][expanded$id]
  if (!is.null(frame$case)) expanded$fgwt <- expanded$fgwt * frame$case[expanded$id]
  coxph(as.formula(paste0("Surv(fgstart, fgstop, fgstatus) ~ ", formula, within)), expanded,
        weights = fgwt, cluster = set, control = tight)
}
fine <- weighted(known, "two", "age + log_bili + stage")
fitted("fine_gray_pbc", fine, c("age", "log_bili", stages), "stage", 3:5)
add("fine_gray_pbc", "wald.chi_square", as.numeric(coef(fine) %*% solve(fine$var) %*% coef(fine)))
add("fine_gray_pbc", "n", nrow(known))
add("fine_gray_pbc", "events", sum(known$cause == 2))
add("fine_gray_pbc", "competing_events", sum(known$cause == 1))
x <- model.matrix(~ age + log_bili + stage, known)[, -1]
breslow <- crr(known$time, known$cause, x, failcode = 2, gtol = 1e-10, maxiter = 50)
rows("fine_gray_pbc_breslow", c("age", "log_bili", stages), breslow$coef, sqrt(diag(breslow$var)))
add("fine_gray_pbc_breslow", "log_likelihood", breslow$loglik)
spiked <- mgus2[!is.na(mgus2$mspike), ]
fitted("fine_gray_mgus2", weighted(spiked, "one", "age + mspike", "group"), c("age", "mspike"))
spiked$case <- 0.5 + (which(!is.na(mgus2$mspike)) * 7) %% 16 / 10
fitted("fine_gray_weighted", weighted(spiked, "one", "age + mspike"), c("age", "mspike"))
spiked$set <- which(!is.na(mgus2$mspike)) %/% 4
fitted("fine_gray_sets", weighted(spiked, "one", "age + mspike"), c("age", "mspike"))

# Parametric models: lung and veteran.
parametric <- function(stage, formula, frame, names, at = NULL, term = NULL, first, medians) {
  control <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
  aic <- c()
  for (dist in c("exponential", "weibull", "lognormal", "loglogistic")) {
    word <- c(lognormal = "log_normal", loglogistic = "log_logistic", weibull = "weibull",
              exponential = "exponential")[[dist]]
    fit <- survreg(formula, frame, dist = dist, control = control)
    ends <- if (dist == first) c("", paste0(".", word)) else paste0(".", word)
    variance <- vcov(fit)
    put <- function(id, ...) for (end in ends) add(stage, paste0(id, end), ...)
    error <- sqrt(diag(variance))
    wald <- function(i) exp(coef(fit)[i] + c(0, -1, 1) * qnorm(.975) * error[i])
    for (i in seq_along(names)) {
      put(paste0("time_ratio.", names[i]), wald(i + 1), error[i + 1])
      put(paste0("coefficient.", names[i]), coef(fit)[i + 1], error[i + 1])
      put(paste0("p.", names[i]), 2 * pnorm(-abs(coef(fit)[i + 1] / error[i + 1])))
      if (dist %in% c("exponential", "weibull")) {
        log_ratio <- -coef(fit)[i + 1] / fit$scale
        slopes <- rep(0, ncol(variance))
        slopes[i + 1] <- -1 / fit$scale
        if (dist == "weibull") slopes[ncol(variance)] <- -log_ratio
        delta <- sqrt(sum(slopes * (variance %*% slopes)))
        put(paste0("hazard_ratio.", names[i]), exp(log_ratio + c(0, -1, 1) * qnorm(.975) * delta), delta)
      }
    }
    put("intercept", coef(fit)[1], coef(fit)[1] + c(-1, 1) * qnorm(.975) * error[1], error[1])
    if (dist == "exponential") put("scale", 1) else {
      log_error <- error[length(error)]
      put("scale", fit$scale * exp(c(0, -1, 1) * qnorm(.975) * log_error), fit$scale * log_error)
    }
    put("log_likelihood", fit$loglik[2])
    put("log_likelihood_null", fit$loglik[1])
    put("aic", AIC(fit))
    aic[word] <- AIC(fit)
    if (length(names)) {
      put("likelihood_ratio.chi_square", 2 * diff(fit$loglik))
      put("likelihood_ratio.p", pchisq(2 * diff(fit$loglik), length(names), lower.tail = FALSE))
    }
    if (!is.null(term)) {
      statistic <- as.numeric(coef(fit)[at] %*% solve(variance[at, at]) %*% coef(fit)[at])
      put(paste0("term.chi_square.", term), statistic)
    }
    predicted <- predict(fit, medians, type = "uquantile", p = .5, se.fit = TRUE)
    for (i in seq_len(nrow(medians))) {
      limits <- exp(predicted$fit[i] + c(0, -1, 1) * qnorm(.975) * predicted$se.fit[i])
      put(paste0("predicted_median", medians$id[i]), limits, limits[1] * predicted$se.fit[i])
    }
  }
  for (word in names(aic)) add(stage, paste0("aic_difference.", word), aic[[word]] - min(aic))
}
lung <- read_data("lung")
lung <- lung[!is.na(lung$ph_ecog), ]
parametric("parametric_lung", Surv(time, event) ~ age + sex + ph_ecog, lung, c("age", "sex", "ph_ecog"),
           first = "weibull", medians = with(lung, data.frame(
             id = "", age = mean(age), sex = mean(sex), ph_ecog = mean(ph_ecog))))
veteran <- read_data("veteran")
veteran$celltype <- factor(
  ifelse(veteran$smallcell == 1, "small_cell",
         ifelse(veteran$adeno == 1, "adeno", ifelse(veteran$large == 1, "large", "squamous"))),
  levels = c("squamous", "small_cell", "adeno", "large"))
parametric("parametric_veteran", Surv(time, event) ~ karno + celltype, veteran,
           c("karno", paste0("celltype.", levels(veteran$celltype)[-1])), 3:5, "celltype", "loglogistic",
           data.frame(id = paste0(".celltype.", levels(veteran$celltype)), karno = mean(veteran$karno),
                      celltype = levels(veteran$celltype)))
ovarian <- read_data("ovarian")
parametric("parametric_alone", Surv(time, event) ~ 1, ovarian, character(0), first = "exponential",
           medians = data.frame(id = ""))

# Plain comparisons: lung by sex (ages tied), ovarian by arm (no ties), veteran by cell type.
numbers <- function(stage, name, values, groups, levels) {
  x <- lapply(levels, function(level) values[groups == level & !is.na(values)])
  if (length(levels) > 2) {
    k <- kruskal.test(x)
    add(stage, paste0("p.", name), k$p.value)
    add(stage, paste0("statistic.", name, ".kruskal_wallis"), k$statistic)
    add(stage, paste0("p.", name, ".welch"), oneway.test(values ~ groups)$p.value)
  } else {
    tied <- any(duplicated(unlist(x)))
    for (way in c("exact", "corrected", "uncorrected")) {
      if (way == "exact" && tied) next
      test <- suppressWarnings(wilcox.test(x[[1]], x[[2]], exact = way == "exact", correct = way == "corrected"))
      add(stage, paste0("p.", name, ".wilcoxon_", way), test$p.value)
      add(stage, paste0("statistic.", name, ".wilcoxon_", way), test$statistic)
      if (way == if (tied) "corrected" else "exact") add(stage, paste0("p.", name), test$p.value)
    }
    add(stage, paste0("p.", name, ".welch"), t.test(x[[2]], x[[1]])$p.value)
  }
  for (level in levels[-1]) {
    one <- x[[match(level, levels)]]
    test <- t.test(one, x[[1]])
    add(stage, paste("mean_difference", name, level, sep = "."), -diff(test$estimate), test$conf.int, test$stderr)
    differences <- sort(outer(one, x[[1]], "-"))
    m <- length(one)
    n <- length(x[[1]])
    exact <- !any(duplicated(c(one, x[[1]]))) && m < 50 && n < 50
    place <- if (exact) qwilcox(.025, m, n) else floor(m * n / 2 - qnorm(.975) * sqrt(m * n * (m + n + 1) / 12))
    limits <- c(differences[place], rev(differences)[place])
    if (exact) {
      found <- wilcox.test(one, x[[1]], conf.int = TRUE)
      stopifnot(all.equal(limits, as.numeric(found$conf.int)), all.equal(median(differences), as.numeric(found$estimate)))
    }
    findings[[stage]][[paste("hodges_lehmann", name, level, sep = ".")]] <<- c(median(differences), limits, NA)
  }
}
counts <- function(stage, name, values, groups, levels, two = FALSE) {
  cells <- table(factor(groups, levels), values)
  plain <- suppressWarnings(chisq.test(cells, correct = FALSE))
  add(stage, paste0("p.", name, ".pearson"), plain$p.value)
  add(stage, paste0("statistic.", name, ".pearson"), plain$statistic)
  exact <- fisher.test(cells, workspace = 2e7)
  add(stage, paste0("p.", name, ".fisher"), exact$p.value)
  add(stage, paste0("p.", name), if (any(plain$expected < 5)) exact$p.value else plain$p.value)
  if (!two) return(plain$p.value)
  add(stage, paste0("p.", name, ".yates"), suppressWarnings(chisq.test(cells))$p.value)
  probabilities <- dhyper(0:sum(cells[, 2]), sum(cells[2, ]), sum(cells[1, ]), sum(cells[, 2]))
  observed <- dhyper(cells[2, 2], sum(cells[2, ]), sum(cells[1, ]), sum(cells[, 2]))
  near <- abs(probabilities / observed - 1) < 1e-7
  add(stage, paste0("p.", name, ".mid_p"), sum(probabilities[probabilities < observed & !near]) + sum(probabilities[near]) / 2)
  id <- function(what) paste(what, name, levels[2], sep = ".")
  a <- cells[2, 2]; b <- cells[2, 1]; c <- cells[1, 2]; d <- cells[1, 1]
  error <- sqrt(1 / a + 1 / b + 1 / c + 1 / d)
  add(stage, id("odds_ratio"), a * d / (b * c) * exp(base::c(0, -1, 1) * qnorm(.975) * error), error)
  add("conditional", paste0(id("odds_ratio"), ".conditional"), exact$estimate, exact$conf.int)
  risk <- sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
  add(stage, id("relative_risk"), (a / (a + b)) / (c / (c + d)) * exp(base::c(0, -1, 1) * qnorm(.975) * risk), risk)
  wilson <- function(x, n) prop.test(x, n, correct = FALSE)$conf.int
  p <- base::c(a / (a + b), c / (c + d))
  w <- rbind(wilson(a, a + b), wilson(c, c + d))
  findings[[stage]][[id("risk_difference")]] <<- base::c(p[1] - p[2],
      p[1] - p[2] - sqrt((p[1] - w[1, 1])^2 + (w[2, 2] - p[2])^2),
      p[1] - p[2] + sqrt((w[1, 2] - p[1])^2 + (p[2] - w[2, 1])^2), NA)
  plain$p.value
}
whole <- read_data("lung")
numbers("difference_lung", "age", whole$age, whole$sex, 1:2)
numbers("difference_lung", "os_days", whole$time, whole$sex, 1:2)
counts("difference_lung", "ph_ecog", whole$ph_ecog, whole$sex, 1:2)
counts("difference_lung", "os_event", whole$event, whole$sex, 1:2, two = TRUE)
chosen <- unlist(findings[["difference_lung"]][paste0("p.", c("age", "os_days", "ph_ecog", "os_event"))])
for (i in 1:4) {
  name <- c("age", "os_days", "ph_ecog", "os_event")[i]
  add("difference_lung", paste0("adjusted_p.", name, ".holm"), p.adjust(chosen, "holm")[i])
  add("difference_lung", paste0("adjusted_p.", name, ".benjamini_hochberg"), p.adjust(chosen, "BH")[i])
}
numbers("difference_ovarian", "age", ovarian$age, ovarian$rx, 1:2)
counts("difference_ovarian", "ecog_ps", ovarian$ecog_ps, ovarian$rx, 1:2, two = TRUE)
numbers("difference_veteran", "karno", veteran$karno, veteran$celltype, levels(veteran$celltype))
counts("difference_veteran", "prior", veteran$prior, veteran$celltype, levels(veteran$celltype))

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 survival = as.character(packageVersion("survival")),
                 cmprsk = as.character(packageVersion("cmprsk")))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "analyze_risks", "values.json"))
