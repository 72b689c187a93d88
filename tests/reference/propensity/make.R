# Weights, balance and matched sets from the probability of treatment. Weights
# and balance are written from their definitions (cov.wt, weighted.mean,
# quantile); the sets are MatchIt's.
suppressPackageStartupMessages(library(MatchIt))
source(file.path("tests", "reference", "json.R"), local = TRUE)

frame_of <- function(name, treatment) {
  frame <- read_data(name)
  frame$treated <- as.numeric(frame[[treatment[1]]] == as.numeric(treatment[2]))
  frame <- frame[complete.cases(frame), , drop = FALSE]
  rownames(frame) <- NULL
  frame
}

weights_of <- function(e, t) {
  share <- mean(t)
  list(inverse_probability = ifelse(t == 1, 1 / e, 1 / (1 - e)),
       stabilized = ifelse(t == 1, share / e, (1 - share) / (1 - e)),
       overlap = ifelse(t == 1, 1 - e, e), treated = ifelse(t == 1, 1, e / (1 - e)))
}

balance <- function(x, t, w, denominator, binary) {
  means <- c(weighted.mean(x[t == 1], w[t == 1]), weighted.mean(x[t == 0], w[t == 0]))
  spread <- function(group) if (binary) mean(x[t == group]) * (1 - mean(x[t == group])) else var(x[t == group])
  weighted <- function(group) drop(cov.wt(matrix(x[t == group]), w[t == group] / sum(w[t == group]))$cov)
  by <- if (denominator == "pooled") (spread(1) + spread(0)) / 2 else spread(1)
  c(means, (means[1] - means[2]) / sqrt(by), if (!binary) weighted(1) / weighted(0))
}

weighting <- function(name, treatment, columns, binary) {
  frame <- frame_of(name, treatment)
  t <- frame$treated
  e <- fitted(glm(reformulate(columns, "treated"), binomial, frame, control = glm.control(epsilon = 1e-11)))
  kinds <- lapply(weights_of(e, t), function(w) {
    bounds <- unname(quantile(w, c(0.01, 0.99)))
    list(weights = I(unname(w[1:10])), bounds = I(bounds),
         truncated = sum(pmin(pmax(w, bounds[1]), bounds[2])),
         effective = I(unname(c(tapply(w, t, function(v) sum(v)^2 / sum(v^2))))),
         balance = lapply(setNames(columns, columns), function(column) {
           x <- frame[[column]]
           is_binary <- column %in% binary
           if (is_binary) x <- as.numeric(x == max(x))
           lapply(c(pooled = "pooled", treated = "treated"), function(d) I(balance(x, t, w, d, is_binary)))
         }))
  })
  u <- wilcox.test(e[t == 1], e[t == 0], exact = FALSE)$statistic
  list(kind = "weights", data = name, treatment = I(treatment), columns = I(columns), binary = I(binary),
       call = sprintf("glm(treated ~ %s, binomial, %s)", paste(columns, collapse = " + "), name),
       c_statistic = unname(u) / sum(t == 1) / sum(t == 0), score_range = I(range(e)), kinds = kinds)
}

# MatchIt 4.5.1 takes distances between scores as whole numbers (its caliper of
# 0.34 lets pairs 0.99 apart through), so it gets the logits times 2^26, which
# changes neither their order nor a standardised caliper.
matching <- function(name, treatment, columns, ratio = 1, caliper = NULL, exact = NULL) {
  frame <- frame_of(name, treatment)
  logit <- unname(predict(glm(reformulate(columns, "treated"), binomial, frame)))
  call <- sprintf("matchit(treated ~ %s, %s, distance = 2^26 * logit, ratio = %d%s%s)",
    paste(columns, collapse = " + "), name, ratio, if (is.null(caliper)) "" else sprintf(", caliper = %g", caliper),
    if (is.null(exact)) "" else sprintf(", exact = ~ %s", exact))
  found <- suppressWarnings(eval(parse(text = sub(paste0(", ", name, ","), ", frame,", call, fixed = TRUE))))
  matrix <- found$match.matrix
  sets <- lapply(seq_len(nrow(matrix)), function(i) {
    controls <- as.integer(na.omit(matrix[i, ]))
    if (length(controls)) I(c(as.integer(rownames(matrix)[i]), controls) - 1L)
  })
  list(kind = "matching", data = name, treatment = I(treatment), call = call, ratio = ratio,
       # Which of many equally near controls is taken is each program's own choice.
       tied = length(unique(logit)) < 0.9 * length(logit), caliper = caliper, exact = exact, width = if (!is.null(caliper)) unname(found$caliper) / 2^26,
       logits = I(logit), sets = Filter(Negate(is.null), sets), weights = I(unname(found$weights)))
}

pbc <- c("age", "edema", "log_bili", "log_protime", "log_albumin")
cases <- list(
  weighting("lung_complete", c("treated", 1), c("age", "ph_ecog"), character()),
  weighting("veteran", c("trt", 2), c("karno", "diagtime", "age", "prior"), "prior"),
  weighting("pbc", c("event", 1), pbc, character()),
  weighting("mgus2", c("group", 1), c("age", "mspike"), character()),
  matching("veteran", c("trt", 2), c("karno", "diagtime", "age", "prior")),
  matching("veteran", c("trt", 2), c("karno", "diagtime", "age", "prior"), caliper = 0.2),
  matching("veteran", c("trt", 2), c("karno", "diagtime", "age"), caliper = 0.1, exact = "prior"),
  matching("pbc", c("event", 1), pbc),
  matching("pbc", c("event", 1), pbc, caliper = 0.2),
  matching("pbc", c("event", 1), pbc, ratio = 3, caliper = 0.25),
  matching("pbc", c("event", 0), pbc),
  matching("lung_complete", c("treated", 1), c("age", "ph_ecog"), caliper = 0.2),
  matching("mgus2", c("group", 0), c("age", "mspike"), caliper = 0.01))
write_cases("propensity", "MatchIt", cases)
