# Differences of two Kaplan-Meier curves at a time, and of restricted means,
# from survfit's estimates and standard errors.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

wald <- function(estimate, error, level) {
  z <- qnorm(.5 + level / 2)
  c(estimate, error, estimate - z * error, estimate + z * error, 2 * pnorm(-abs(estimate / error)))
}

case <- function(name, group, time, tau, level = .95) {
  frame <- read_data(name)
  fit <- eval(parse(text = sprintf("survfit(Surv(time, event) ~ %s, data = frame)", group)))
  at <- summary(fit, times = time)
  means <- summary(fit, rmean = tau)$table[, c("rmean", "se(rmean)")]
  log_ratio <- wald(log(means[1, 1] / means[2, 1]), sqrt(sum((means[, 2] / means[, 1])^2)), level)
  list(data = name, group = group, time = time, tau = tau, level = level,
       call = sprintf("survfit(Surv(time, event) ~ %s, data = %s)", group, name),
       survival = I(wald(at$surv[1] - at$surv[2], sqrt(sum(at$std.err^2)), level)),
       difference = I(wald(means[1, 1] - means[2, 1], sqrt(sum(means[, 2]^2)), level)),
       ratio = I(c(exp(log_ratio[1]), log_ratio[2], exp(log_ratio[3:4]), log_ratio[5])))
}

# The same for curves by weights, clusters, late entry and other estimators.
# What a cluster adds is R's residual; without clusters the variances of -log S
# at each time are summed with the square of the area that is left.
estimators <- list(kaplan_meier = c(1, 1), nelson_aalen = c(2, 1), fleming_harrington = c(2, 2))

read_off <- function(frame, estimator, interval, robust, time, tau) {
  own <<- frame
  formula <- if (interval) Surv(start, stop, event) ~ 1 else Surv(time, event) ~ 1
  types <- estimators[[estimator]]
  # R's residuals look the call's arguments up again.
  refit <- function() eval(bquote(
    survfit(.(formula), own, weights = weight, stype = .(types[1]), ctype = .(types[2]))))
  fit <- refit()
  inside <- fit$time < tau
  pieces_of <- function(fit) c(1, fit$surv[inside]) * diff(c(0, fit$time[inside], tau))
  value_of <- function(fit) c(survival = fit$surv[max(which(fit$time <= time))], mean = sum(pieces_of(fit)))
  value <- value_of(fit); pieces <- pieces_of(fit)
  if (robust && types[2] == 2) {
    # R has no residuals there: derivatives by each weight, thrice refined.
    slope <- function(row, h) {
      side <- function(h) { own <<- frame; own$weight[row] <<- own$weight[row] + h; value_of(refit()) }
      (side(h) - side(-h)) / (2 * h)
    }
    derivative <- function(row) {
      d <- lapply(c(.02, .01, .005), slope, row = row)
      e <- list((4 * d[[2]] - d[[1]]) / 3, (4 * d[[3]] - d[[2]]) / 3)
      (16 * e[[2]] - e[[1]]) / 15
    }
    added <- t(vapply(seq_len(nrow(frame)), derivative, c(0, 0))) * frame$weight
    own <<- frame
    return(list(value = value, added = rowsum(added, frame$cluster)))
  }
  if (robust) {
    residual <- function(type, at) c(residuals(fit, times = at, type = type, weighted = TRUE))
    added <- cbind(residual("survival", time), residual("rmst", tau))
    return(list(value = value, added = rowsum(added, frame$cluster)))
  }
  n <- fit$n.risk; d <- fit$n.event
  jump <- if (types[1] == 1) ifelse(n > d, d / (n * (n - d)), 0) else diff(c(0, fit$std.chaz^2))
  left <- rev(cumsum(rev(pieces)))[-1]
  list(value = value, variance = c(sum(jump[fit$time <= time]) * value[1]^2, sum(left^2 * jump[inside])))
}

# With clusters in both groups what they add is taken together.
joint <- function(parts, place, scale) {
  if (is.null(parts[[1]]$added)) {
    return(sqrt(sum(scale^2 * vapply(parts, function(part) part$variance[place], 0))))
  }
  all <- unlist(lapply(1:2, function(i) c(1, -1)[i] * scale[i] * parts[[i]]$added[, place]))
  sqrt(sum(rowsum(all, names(all))^2))
}

model <- function(name, estimator, interval = FALSE, weight = FALSE, robust = FALSE, cluster = FALSE,
                  time, tau, level = .95) {
  frame <- read_data(name)
  if (!weight) frame$weight <- 1
  if (!cluster) frame$cluster <- seq_len(nrow(frame))
  parts <- lapply(0:1, function(g) read_off(frame[frame$group == g, ], estimator, interval, robust, time, tau))
  values <- vapply(parts, `[[`, c(0, 0), "value")
  log_ratio <- wald(log(values[2, 1] / values[2, 2]), joint(parts, 2, 1 / values[2, ]), level)
  list(kind = "model", data = name, estimator = estimator, interval = interval, weight = weight, robust = robust,
       cluster = cluster, time = time, tau = tau, level = level,
       call = paste("survfit and its residuals of", name, estimator,
                    if (weight) "weighted", if (cluster) "by cluster" else if (robust) "robust"),
       survival = I(wald(values[1, 1] - values[1, 2], joint(parts, 1, c(1, 1)), level)),
       difference = I(wald(values[2, 1] - values[2, 2], joint(parts, 2, c(1, 1)), level)),
       ratio = I(c(exp(log_ratio[1]), log_ratio[2], exp(log_ratio[3:4]), log_ratio[5])))
}

cases <- list()
for (estimator in names(estimators)) cases <- c(cases, list(
  model("lung_complete", estimator, time = 365, tau = 600),
  model("lung_complete", estimator, weight = TRUE, robust = TRUE, time = 365, tau = 600),
  model("lung_complete", estimator, weight = TRUE, robust = TRUE, cluster = TRUE, time = 100, tau = 365),
  model("lung_late", estimator, interval = TRUE, time = 365, tau = 600),
  model("lung_late", estimator, interval = TRUE, weight = TRUE, robust = TRUE, cluster = TRUE, time = 365, tau = 600),
  model("veteran_weighted", estimator, weight = TRUE, robust = TRUE, time = 90, tau = 180, level = .9),
  model("veteran_weighted", estimator, weight = TRUE, robust = TRUE, cluster = TRUE, time = 90, tau = 365),
  model("veteran_late", estimator, interval = TRUE, time = 90, tau = 180),
  model("veteran_late", estimator, interval = TRUE, weight = TRUE, robust = TRUE, cluster = TRUE, time = 90, tau = 180)))

write_cases("contrast", "survival", c(cases, list(
  case("lung", "group", 365, 600), case("lung", "group", 500, 365, .9),
  case("ovarian", "group", 400, 500), case("gbsg", "hormon", 1000, 1500),
  case("colon_death", "lev_5fu", 1825, 1825),
  case("veteran_weighted", "group", 90, 180), case("heavy_ties", "stratum", 3, 3))))

