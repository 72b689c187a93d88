# What is made of a fitted Cox model: Wald tests of several coefficients and of
# sums of them, variance inflation, fits without each row, predicted quantiles.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

# `set` are columns tested together, `combinations` rows of weights.
case <- function(name, columns, set, combinations, covariates, cluster = NULL, weight = NULL,
                 stratum = NULL, ties = "efron", interval = FALSE) {
  frame <- read_data(name)
  response <- if (interval) "Surv(start, stop, event)" else "Surv(time, event)"
  terms <- c(columns, if (!is.null(stratum)) sprintf("strata(%s)", stratum))
  options <- c(sprintf("ties = \"%s\"", ties),
               if (!is.null(weight)) sprintf("weights = %s", weight),
               if (!is.null(cluster)) sprintf("cluster = %s", cluster))
  call <- sprintf("coxph(%s ~ %s, data = %s, %s)", response, paste(terms, collapse = " + "), name,
                  paste(options, collapse = ", "))
  run <- function(data) {
    eval(parse(text = sub(paste0("data = ", name), "data = data", call, fixed = TRUE)))
  }
  fit <- run(frame)
  b <- coef(fit)
  V <- vcov(fit)
  wald <- drop(b[set] %*% solve(V[set, set]) %*% b[set])
  C <- matrix(unlist(combinations), nrow = length(combinations), byrow = TRUE)
  sums <- drop(C %*% b)
  errors <- sqrt(diag(C %*% V %*% t(C)))
  joint <- drop(sums %*% solve(C %*% V %*% t(C)) %*% sums)
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  R <- cov2cor(naive)
  rest <- setdiff(seq_along(b), set)
  inflation <- det(R[set, set, drop = FALSE]) * det(R[rest, rest, drop = FALSE]) / det(R)
  without <- t(vapply(seq_len(nrow(frame)), function(i) unname(coef(run(frame[-i, ]))), 0 * b))
  if (length(b) == 1) without <- t(without)
  quantiles <- NULL
  if (is.null(stratum)) {
    curve <- survfit(fit, newdata = as.data.frame(as.list(setNames(covariates, columns))),
                     conf.type = "log-log")
    found <- quantile(curve, c(0.25, 0.5, 0.75))
    quantiles <- rbind(c(found$quantile), c(found$lower), c(found$upper))
  }
  list(data = name, call = gsub("\"", "'", call), columns = I(columns), set = I(set - 1),
       combinations = lapply(combinations, I), cluster = cluster, weight = weight,
       stratum = stratum, ties = ties, interval = interval, covariates = I(covariates),
       wald = wald, sums = I(sums), errors = I(errors), joint = joint, inflation = inflation,
       single_inflation = I(unname(diag(solve(R)))), without = without,
       quantiles = if (!is.null(quantiles)) lapply(1:3, function(i) I(quantiles[i, ])))
}

write_cases("cox_inference", "survival", list(
  case("lung_complete", c("age", "sex", "ph_ecog"), c(1, 3), list(c(10, 0, 1), c(0, 1, -0.5)),
       c(60, 2, 1)),
  case("veteran", c("trt", "karno", "age", "smallcell", "adeno", "large"), 4:6,
       list(c(1, -20, 0, 0, 0, 0), c(0, 0, 0, 1, -1, 0), c(0, 0, 5, 0, 1, -1)),
       c(1, 60, 50, 1, 0, 0)),
  case("veteran", c("trt", "karno", "age"), 2:3, list(c(1, 10, -5)), c(2, 40, 70),
       cluster = "diagtime", ties = "breslow"),
  case("lung_complete", c("age", "ph_ecog"), 1:2, list(c(5, 1)), c(50, 0),
       weight = "weight", cluster = "cluster", stratum = "treated"),
  case("heavy_ties", c("x", "z"), 1:2, list(c(1, 1), c(1, -1)), c(3, -1)),
  case("late_entry", c("x", "z"), 1:2, list(c(1, 1)), c(5, 1), interval = TRUE)))
