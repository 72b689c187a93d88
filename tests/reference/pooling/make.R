# Rubin's rules: mice::pool.scalar, mice::pool of coxph, and mitml's D1.
suppressMessages({library(survival); library(mice); library(mitml)})
source(file.path("tests", "reference", "json.R"), local = TRUE)

limits <- function(q, t, df, level) q + c(-1, 1) * qt(.5 + level / 2, df) * sqrt(t)

scalar <- function(Q, U, complete, level = .95) {
  # pool.scalar takes n and k; their difference is what it uses.
  p <- pool.scalar(Q, U, n = if (is.null(complete)) Inf else complete + 1, k = 1)
  list(call = "pool.scalar(Q, U, n, k)", estimates = I(Q), variances = I(U), complete = complete,
       level = level,
       pooled = I(c(p$qbar, p$ubar, p$b, p$t, p$r, p$fmi, p$df)),
       limits = I(limits(p$qbar, p$t, p$df, level)),
       p = 2 * pt(abs(p$qbar) / sqrt(p$t), p$df, lower.tail = FALSE))
}

wald <- function(estimates, covariances, complete) {
  Qhat <- t(estimates)
  Uhat <- array(unlist(covariances), c(ncol(estimates), ncol(estimates), nrow(estimates)))
  d <- mitml:::.D1(Qhat, Uhat, complete)
  list(call = "mitml:::.D1(Qhat, Uhat, df.com)", estimates = estimates,
       covariances = lapply(covariances, function(U) U), complete = complete,
       test = I(c(d$F, d$k, d$v, d$r, pf(d$F, d$k, d$v, lower.tail = FALSE))))
}

# Estimates of real fits to bootstrap samples: they differ as those of imputed data do.
set.seed(20)
fits <- function(formula, frame, m) {
  lapply(seq_len(m), function(i) coxph(formula, frame[sample(nrow(frame), replace = TRUE), ]))
}
lung_fits <- fits(Surv(time, event) ~ age + sex, read_data("lung"), 5)
pbc_fits <- fits(Surv(time, event) ~ age + edema + log_bili + log_albumin, read_data("pbc"), 20)
from <- function(found, j) list(sapply(found, function(f) coef(f)[[j]]),
                                sapply(found, function(f) vcov(f)[j, j]))
matrices <- function(found, j) list(unname(t(sapply(found, function(f) coef(f)[j]))),
                                    lapply(found, function(f) unname(vcov(f)[j, j])))
a <- from(lung_fits, 1); b <- from(lung_fits, 2); c3 <- from(pbc_fits, 3)
scalars <- list(
  scalar(a[[1]], a[[2]], NULL), scalar(a[[1]], a[[2]], 163), scalar(b[[1]], b[[2]], 3, .9),
  scalar(c3[[1]], c3[[2]], 180), scalar(c3[[1]][1:2], c3[[2]][1:2], 20, .99))
p <- matrices(pbc_fits, 1:4); l <- matrices(lung_fits, 1:2)
walds <- list(
  wald(p[[1]], p[[2]], NULL), wald(p[[1]], p[[2]], 180), wald(l[[1]], l[[2]], 163),
  wald(l[[1]][1:2, ], l[[2]][1:2], NULL), wald(l[[1]], l[[2]], NULL))
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 mice = as.character(packageVersion("mice")),
                 mitml = as.character(packageVersion("mitml")))
writeLines(json(list(versions = versions, cases = c(scalars, walds))),
           file.path("tests", "reference", "pooling", "values.json"))
