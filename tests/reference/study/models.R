# Cox models and their tests, as findings by id. See analyses.R.

# `univariable` are the terms that are fitted alone too.
cox_model <- function(study, stage, endpoint, terms, univariable = NULL) {
  fit <- fit_cox(study, endpoint, terms)
  at <- function(...) id(stage, ...)
  iterated <- function(...) add(..., rule = "iterated")
  size(at, fit)
  iterated(at("events_per_coefficient"), fit$nevent / length(coef(fit)))
  coefficients_of(study, fit, terms, at)
  tests <- list(
    likelihood_ratio = 2 * diff(fit$loglik), wald = fit$wald.test, score = fit$score)
  for (test in names(tests)) chi_square(function(what) at(test, what), tests[[test]], length(coef(fit)))
  iterated(at("log_likelihood"), fit$loglik[2])
  iterated(at("log_likelihood_null"), fit$loglik[1])
  agreement <- concordance(fit)
  iterated(at("concordance"), agreement$concordance, standard_error = sqrt(agreement$var))
  for (term in univariable) univariable_model(study, stage, endpoint, term)
}

univariable_model <- function(study, stage, endpoint, term) {
  fit <- fit_cox(study, endpoint, term)
  at <- function(...) id(stage, "univariable", ...)
  size(function(what) at(what, term), fit)
  coefficients_of(study, fit, term, at)
  chi_square(function(what) at("likelihood_ratio", what, term), 2 * diff(fit$loglik), length(coef(fit)))
}

fit_cox <- function(study, endpoint, terms) {
  data <- study$data
  data$outcome <- outcome(data, endpoint)
  # A level that nobody has would be a column of zeros.
  data[terms] <- lapply(data[terms], function(x) if (is.factor(x)) droplevels(x) else x)
  watched_cox(terms, data)
}

# A model of `outcome`; `may_be_infinite` holds the places of the coefficients that R
# warns of, which have no estimate then.
watched_cox <- function(terms, data) {
  may_be_infinite <- integer()
  fit <- withCallingHandlers(
    coxph(reformulate(terms, "outcome"), data, ties = "efron", x = TRUE, model = TRUE),
    warning = function(told) {
      text <- conditionMessage(told)
      if (!grepl("may be infinite", text)) return()
      places <- sub(".*before variable *([0-9, ]*) *;.*", "\\1", text)
      may_be_infinite <<- as.integer(strsplit(places, ",")[[1]])
      invokeRestart("muffleWarning")
    })
  fit$may_be_infinite <- may_be_infinite
  fit
}

size <- function(at, fit) {
  add(at("n"), fit$n)
  add(at("events"), fit$nevent)
  add(at("missing"), length(fit$na.action))
}

chi_square <- function(at, value, df) {
  add(at("chi_square"), value, rule = "iterated")
  add(at("degrees_of_freedom"), df)
  add(at("p"), pchisq(value, df, lower.tail = FALSE), rule = "iterated")
}

# The rows of each term, and Wald tests of the larger categories; `at` takes what a
# number is first and what it is of last.
coefficients_of <- function(study, fit, terms, at) {
  z <- qnorm((1 + study$level) / 2)
  event <- fit$model$outcome[, "status"]
  for (term in terms) {
    x <- fit$model[[term]]
    place <- fit$assign[[term]]
    levels <- if (is.factor(x)) levels(study$data[[term]]) else NA
    for (level in levels) {
      own <- if (is.factor(x)) x == level else rep(TRUE, length(x))
      name <- if (is.factor(x)) id(term, slug(level)) else term
      tell <- function(what, ..., rule = "iterated") {
        add(at(what, name), ..., n = sum(own), events = sum(event[own]), rule = rule)
      }
      if (identical(level, levels(x)[1])) tell("hazard_ratio", 1, NA, NA, rule = "exact")
      else one_coefficient(tell, fit, if (is.factor(x)) place[match(level, levels(x)) - 1] else place, z)
    }
    if (length(place) > 1) term_test(function(what) at("term", what, term), fit, place)
  }
}

# `place` is NA for a level that nobody has.
one_coefficient <- function(tell, fit, place, z) {
  estimate <- unname(coef(fit)[place])
  error <- sqrt(diag(vcov(fit))[place])
  if (place %in% c(NA, fit$may_be_infinite)) estimate <- error <- NA
  tell("hazard_ratio", exp(estimate), exp(estimate - z * error), exp(estimate + z * error), error)
  tell("coefficient", estimate, standard_error = error)
  tell("p", pchisq((estimate / error)^2, 1, lower.tail = FALSE))
}

term_test <- function(at, fit, place) {
  wald <- drop(coef(fit)[place] %*% solve(vcov(fit)[place, place], coef(fit)[place]))
  if (any(place %in% fit$may_be_infinite)) {
    for (what in c("chi_square", "degrees_of_freedom", "p")) add(at(what), NA)
  } else {
    chi_square(at, wald, length(place))
  }
}

proportional_hazards <- function(study, stage, endpoint, terms, cut_months = NULL) {
  fit <- fit_cox(study, endpoint, terms)
  at <- function(...) id(stage, ...)
  size(at, fit)
  table <- cox.zph(fit, transform = "km")$table
  for (name in rownames(table)) {
    term <- tolower(name)
    row <- table[name, ]
    add(at("chi_square", term), row[["chisq"]], rule = "iterated")
    add(at("degrees_of_freedom", term), row[["df"]])
    add(at("p", term), row[["p"]], rule = "iterated")
  }
  if (!is.null(cut_months)) piecewise(study, at, fit, terms, cut_months * study$month)
}

# All coefficients apart before and after the cut: the likelihood falls apart into two
# models, one of each period, so each is fitted by itself.
piecewise <- function(study, at, whole, terms, cut) {
  data <- whole$model
  time <- data$outcome[, "time"]
  event <- data$outcome[, "status"]
  log_likelihood <- 0
  for (period in c("before", "after")) {
    # Nobody is in the second period who left before it began.
    own <- if (period == "before") data else data[time > cut, ]
    own$outcome <- if (period == "before") Surv(pmin(time, cut), event * (time <= cut))
      else Surv(time, event)[time > cut]
    fit <- watched_cox(terms, own)
    log_likelihood <- log_likelihood + fit$loglik[2]
    add(at("piecewise.n", period), fit$n)
    add(at("piecewise.events", period), fit$nevent)
    coefficients_of(study, fit, terms, function(...) {
      parts <- c(...)
      parts <- append(parts, period, length(parts) - 1)
      id(at("piecewise"), parts)
    })
  }
  chi_square(function(what) at("piecewise.likelihood_ratio", what),
             2 * (log_likelihood - whole$loglik[2]), length(coef(whole)))
}
