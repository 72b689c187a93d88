# Reference values for the `standardized_difference` module: Rscript tests/reference/standardized_difference/make.R
source(file.path("tests", "reference", "cases.R"))

set.seed(20260103)
by <- function(denominator, treated, control)
  if (denominator == "pooled") (treated + control) / 2 else treated
covariance <- function(p) diag(p) - tcrossprod(p)
for (denominator in c("pooled", "treated")) {
  for (n in c(5, 37)) {
    arguments <- list(treated = signif(rnorm(n, 1), 12), control = signif(rnorm(2 * n, 0, 2), 12),
      treated_weights = signif(runif(n), 12), control_weights = signif(runif(2 * n), 12),
      denominator = denominator)
    case("of_means", arguments,
      (mean(treated) - mean(control)) / sqrt(by(denominator, var(treated), var(control))))
    case("of_weighted_means", arguments,
      (weighted.mean(treated, treated_weights) - weighted.mean(control, control_weights)) /
        sqrt(by(denominator, var(treated), var(control))))
  }
  for (pair in list(c(25 / 37, 30 / 76), c(0.1, 0.9), c(0.5, 0.5), c(0.02, 0.01)))
    case("of_proportions", list(treated = pair[1], control = pair[2], denominator = denominator),
      (treated - control) / sqrt(by(denominator, treated * (1 - treated), control * (1 - control))))
  for (pair in list(list(c(25, 10, 2), c(30, 17, 29)), list(c(5, 1, 9, 4), c(8, 8, 2, 3)), list(c(3, 4), c(9, 1))))
    case("of_categories", list(treated = pair[[1]] / sum(pair[[1]]), control = pair[[2]] / sum(pair[[2]]),
      denominator = denominator), {
        d <- (treated - control)[-1]
        s <- by(denominator, covariance(treated), covariance(control))[-1, -1, drop = FALSE]
        sqrt(drop(t(d) %*% solve(s) %*% d))
      })
}
# Published studies.
library(survival)
two <- function(value, treated) list(treated = value[treated & !is.na(value)], control = value[!treated & !is.na(value)])
for (denominator in c("pooled", "treated")) {
  for (pair in list(two(lung$age, lung$sex == 2), two(veteran$karno, veteran$trt == 2),
                    two(ovarian$age, ovarian$rx == 2), two(gbsg$size, gbsg$hormon == 1))) {
    weights <- lapply(pair, function(x) 0.2 + (seq_along(x) * 13) %% 29 / 7)
    names(weights) <- c("treated_weights", "control_weights")
    arguments <- c(pair, weights, denominator = denominator)
    case("of_means", arguments,
      (mean(treated) - mean(control)) / sqrt(by(denominator, var(treated), var(control))))
    case("of_weighted_means", arguments,
      (weighted.mean(treated, treated_weights) - weighted.mean(control, control_weights)) /
        sqrt(by(denominator, var(treated), var(control))))
  }
  for (shares in list(with(veteran, prop.table(table(trt, celltype), 1)),
                      with(gbsg, prop.table(table(hormon, grade), 1)))) {
    pair <- list(treated = unname(shares[2, ]), control = unname(shares[1, ]), denominator = denominator)
    case("of_categories", pair, {
      d <- (treated - control)[-1]
      s <- by(denominator, covariance(treated), covariance(control))[-1, -1, drop = FALSE]
      sqrt(drop(t(d) %*% solve(s) %*% d))
    })
    case("of_proportions", list(treated = pair$treated[1], control = pair$control[1], denominator = denominator),
      (treated - control) / sqrt(by(denominator, treated * (1 - treated), control * (1 - control))))
  }
}
write_cases()
