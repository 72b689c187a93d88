# Multinomial and binary logistic regression: nnet::multinom polished by
# Newton's method on the published likelihood, and glm.
suppressMessages(library(nnet))
source(file.path("tests", "reference", "json.R"), local = TRUE)

# Newton's method from multinom's estimate: it stops at 1e-8 of the deviance.
polish <- function(y, X, beta, w) {
  k <- nrow(beta)
  repeat {
    eta <- cbind(0, X %*% t(beta))
    P <- exp(eta - log(rowSums(exp(eta))))
    score <- as.vector(sapply(1:k, function(l) t(X) %*% (w * ((y == l) - P[, l + 1]))))
    info <- matrix(0, k * ncol(X), k * ncol(X))
    for (a in 1:k) for (b in 1:k) {
      block <- t(X) %*% (w * P[, a + 1] * ((a == b) - P[, b + 1]) * X)
      info[(a - 1) * ncol(X) + seq_len(ncol(X)), (b - 1) * ncol(X) + seq_len(ncol(X))] <- block
    }
    step <- solve(info, score)
    beta <- beta + matrix(step, k, byrow = TRUE)
    if (max(abs(step)) < 1e-11) break
  }
  eta <- cbind(0, X %*% t(beta))
  list(beta = beta, covariance = solve(info), loglik = sum(w * (eta[cbind(seq_along(y), y + 1)] - log(rowSums(exp(eta))))))
}

case <- function(name, outcome, terms, weight = NULL) {
  frame <- read_data(name)
  frame <- frame[complete.cases(frame[, c(outcome, terms)]), ]
  y <- frame[[outcome]]
  y <- match(y, sort(unique(y))) - 1
  X <- cbind(1, as.matrix(frame[, terms]))
  w <- if (is.null(weight)) rep(1, nrow(frame)) else frame[[weight]]
  start <- multinom(y ~ X - 1, weights = w, trace = FALSE, maxit = 500, reltol = 1e-12)
  found <- polish(y, X, matrix(coef(start), max(y)), w)
  stopifnot(max(abs(found$beta - coef(start))) < 1e-2 * max(1, abs(found$beta)))
  if (max(y) == 1) {
    fit <- suppressWarnings(glm(y ~ X - 1, binomial, weights = w, control = list(epsilon = 1e-14, maxit = 50)))
    stopifnot(max(abs(coef(fit) / found$beta - 1)) < 1e-9)
    found <- list(beta = rbind(coef(fit)), covariance = vcov(fit), loglik = found$loglik)
  }
  list(data = name, outcome = outcome, terms = I(terms), weight = weight,
       call = sprintf("%s(%s ~ %s, data = %s)", if (max(y) == 1) "glm" else "multinom", outcome,
                      paste(terms, collapse = " + "), name),
       n = nrow(frame), coefficients = unname(found$beta),
       errors = I(unname(sqrt(diag(found$covariance)))),
       covariance = unname(found$covariance), log_likelihood = found$loglik)
}

write_cases("multinomial", "nnet", list(
  case("lung_incomplete", "sex", c("age", "ph_karno", "wt_loss")),
  case("lung_incomplete", "ph_ecog", c("age", "sex", "time")),
  case("pbc_incomplete", "stage", c("age", "log_bili", "albumin")),
  case("pbc_incomplete", "female", c("age", "chol", "copper")),
  case("lung_complete", "group", c("age", "ph_ecog"), "weight"),
  case("heavy_ties", "group", c("x", "z"))))
