# Clones of two strategies, weighted against artificial censoring, by hand.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

strict <- glm.control(epsilon = 1e-14, maxit = 100)

clone <- function(frame, grace, strategy) {
  started <- !is.na(frame$switch) & frame$switch <= grace & frame$switch < frame$time
  deviates <- if (strategy == 0) started else !started & frame$time > grace
  frame$end <- ifelse(deviates, if (strategy == 0) frame$switch else grace, frame$time)
  frame$status <- ifelse(deviates, 0, frame$event)
  frame$deviates <- as.integer(deviates)
  frame
}

# Probability of each clone (columns) after each time (rows) at which it falls.
by_cox <- function(clones, covariates) {
  fit <- coxph(reformulate(covariates, "Surv(end, deviates)"), clones)
  hazard <- basehaz(fit, centered = FALSE)
  hazard <- hazard[diff(c(0, hazard$hazard)) > 0, ]
  ratio <- exp(drop(as.matrix(clones[, covariates]) %*% coef(fit)))
  list(times = hazard$time, probability = exp(-outer(hazard$hazard, ratio)))
}

by_logistic <- function(clones, covariates, grace, interval, strategy) {
  ends <- if (strategy == 1) grace else unique(c(seq_len(ceiling(grace / interval) - 1) * interval, grace))
  rows <- do.call(rbind, lapply(seq_along(ends), function(k) {
    begin <- if (k == 1) -1 else ends[k - 1]
    kept <- if (strategy == 1) clones$deviates == 1 | clones$end > grace else clones$end > begin
    part <- clones[kept, ]
    part$y <- as.integer(part$deviates == 1 & part$end <= ends[k])
    part$k <- rep(k, nrow(part))
    part
  }))
  used <- sort(unique(rows$k[rows$y == 1]))
  rows <- rows[rows$k %in% used, ]
  rows$k <- factor(rows$k, used)
  left <- if (length(used) > 1) "0 + k" else "1"
  fit <- glm(reformulate(c(left, covariates), "y"), binomial, rows, control = strict)
  stay <- vapply(used, function(k) {
    1 - predict(fit, transform(clones, k = factor(k, used)), type = "response")
  }, numeric(nrow(clones)))
  list(times = ends[used], probability = t(apply(matrix(stay, ncol = length(used)), 1, cumprod)) |>
         matrix(nrow = nrow(clones)) |> t())
}

weigh <- function(clones, model, largest) {
  rows <- lapply(seq_len(nrow(clones)), function(i) {
    cuts <- which(model$times < clones$end[i])
    edges <- c(0, model$times[cuts], clones$end[i])
    weight <- c(1, 1 / model$probability[cuts, i])
    keep <- diff(edges) > 0
    if (!any(keep)) return(NULL)
    m <- sum(keep)
    data.frame(start = edges[-length(edges)][keep], stop = edges[-1][keep],
               status = c(rep(0, m - 1), clones$status[i]), weight = pmin(weight[keep], largest))
  })
  do.call(rbind, rows)
}

area <- function(curve, tau) {
  times <- c(0, curve$time[curve$time < tau], tau)
  survival <- c(1, curve$surv[curve$time < tau])
  sum(diff(times) * survival)
}

estimate <- function(frame, grace, covariates, model, interval, largest, horizons) {
  arms <- lapply(0:1, function(strategy) {
    clones <- clone(frame, grace, strategy)
    found <- switch(model, unweighted = list(times = numeric(0), probability = matrix(0, 0, nrow(frame))),
                    cox = by_cox(clones, covariates),
                    logistic = by_logistic(clones, covariates, grace, interval, strategy))
    list(clones = clones, rows = cbind(weigh(clones, found, largest), strategy = strategy))
  })
  curves <- lapply(arms, function(arm) survfit(Surv(start, stop, status) ~ 1, arm$rows, weights = weight))
  all <- rbind(arms[[1]]$rows, arms[[2]]$rows)
  ratio <- function(rows) unname(coef(coxph(Surv(start, stop, status) ~ strategy, rows, weights = weight)))
  late <- lapply(arms, function(arm) with(arm$rows, weight[start <= grace & stop > grace]))
  list(
    n_artificially_censored = I(sapply(arms, function(arm) sum(arm$clones$deviates))),
    n_events = I(sapply(arms, function(arm) sum(arm$clones$status))),
    largest_weight = I(sapply(arms, function(arm) max(1, arm$rows$weight))),
    mean_weight = I(sapply(late, mean)), n_after_grace = I(sapply(late, length)),
    effective = I(sapply(late, function(w) sum(w)^2 / sum(w^2))),
    log_hazard_ratio = ratio(all),
    horizons = lapply(horizons, function(tau) list(
      time = tau,
      survival = I(sapply(curves, function(curve) {
        if (max(curve$time) < tau && min(curve$surv) > 0) NA else c(1, curve$surv)[1 + sum(curve$time <= tau)]
      })),
      restricted_mean = I(sapply(curves, area, tau)),
      log_hazard_ratio = ratio(transform(
        all[all$start < tau, ], status = status * (stop <= tau), stop = pmin(stop, tau))))))
}

# A sample of positions that needs no random numbers.
sample_of <- function(n, k) (seq_len(n)^2 * k + 7 * seq_len(n)) %% n

case <- function(name, grace, covariates, model, horizons, interval = NULL, largest = Inf, samples = 0) {
  frame <- read_data(name)
  run <- function(frame) estimate(frame, grace, covariates, model, interval, largest, horizons)
  c(list(data = name, grace = grace, covariates = I(covariates), model = model, interval = interval,
         largest = largest, call = paste("clones by hand,", model, "weights, grace", grace, "of", name)),
    run(frame),
    list(samples = lapply(seq_len(samples), function(k) {
      index <- sample_of(nrow(frame), k)
      c(list(index = I(index)), run(frame[index + 1, ])[c("log_hazard_ratio", "horizons")])
    })))
}

jasa <- c("age", "surgery", "year")
mgus2 <- c("age", "male", "hgb")
write_cases("clone_censor_weight", "survival", list(
  case("jasa_switch", 30, jasa, "unweighted", c(180, 365)),
  case("jasa_switch", 30, jasa, "cox", c(20, 180, 365, 3000)),
  case("jasa_switch", 90, c("age", "year"), "cox", c(180, 365), samples = 3),
  case("jasa_switch", 30, "age", "logistic", c(180, 365), interval = 10, samples = 2),
  case("jasa_switch", 90, jasa, "logistic", c(180, 365), interval = 30),
  case("jasa_switch", 60, jasa, "cox", c(180, 365), largest = 2),
  case("mgus2_switch", 60, mgus2, "cox", c(120, 240)),
  case("mgus2_switch", 60, mgus2, "logistic", c(120, 240), interval = 12)))
