# The hazard ratio as a function of an assumed start of exposure, and the first
# event time at which it has tipped, by trying all of them.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

fit_at <- function(frame, start, covariates) {
  rows <- do.call(rbind, lapply(seq_len(nrow(frame)), function(i) {
    one <- frame[i, ]
    s <- start[i]
    if (is.na(s) || s >= one$time) cbind(one, from = 0, to = one$time, status = one$event, state = 0)
    else if (s == 0) cbind(one, from = 0, to = one$time, status = one$event, state = 1)
    else cbind(rbind(one, one), from = c(0, s), to = c(s, one$time), status = c(0, one$event), state = 0:1)
  }))
  list(fit = coxph(reformulate(c("state", covariates), "Surv(from, to, status)"), rows), rows = rows)
}

case <- function(name, exposed, covariates, shape, values, tip = TRUE) {
  frame <- read_data(name)
  is_exposed <- if (exposed == "switch") !is.na(frame$switch) & frame$switch < frame$time else frame[[exposed]] == 1
  starts <- function(value) ifelse(is_exposed, if (shape == "same") value else value * frame$time, NA)
  points <- lapply(values, function(value) {
    start <- starts(value)
    found <- fit_at(frame, start, covariates)
    begun <- start[!is.na(start) & start < frame$time]
    list(value = value, coefficient = unname(coef(found$fit))[1], standard_error = sqrt(found$fit$var[1, 1]),
         n_exposed = length(begun), n_contradicted = sum(is_exposed) - length(begun),
         median_start = median(begun), n_exposed_events = sum(found$rows$status[found$rows$state == 1]))
  })
  tipping <- list()
  if (tip) {
    last <- max(frame$time[is_exposed])
    steps <- sort(unique(c(0, frame$time[frame$event == 1 & frame$time < last])))
    tried <- t(vapply(steps, function(value) {
      fit <- fit_at(frame, starts(value), covariates)$fit
      c(coef(fit)[1], sqrt(fit$var[1, 1]))
    }, numeric(2)))
    side <- sign(tried[1, 1])
    z <- side * tried[, 1] / tried[, 2]
    tipping <- list(estimate = steps[which(z <= 0)[1]], limits = steps[which(z <= qnorm(.975))[1]])
  }
  list(data = name, exposed = exposed, covariates = I(as.character(covariates)), shape = shape, points = points, tipping = tipping,
       call = paste("coxph with exposure from an assumed start,", shape, name))
}

write_cases("timing_tipping_point", "survival", list(
  case("jasa_switch", "switch", NULL, "same", c(0, 5, 20, 50, 100)),
  case("jasa_switch", "switch", c("age", "surgery"), "same", c(0, 30)),
  case("jasa_switch", "switch", NULL, "share", c(0, .1, .5), tip = FALSE),
  case("veteran", "adeno", "karno", "same", c(0, 10, 40)),
  case("veteran", "adeno", "karno", "share", c(0, .25, .6), tip = FALSE),
  case("heavy_ties", "group", NULL, "same", c(0, 1))))
