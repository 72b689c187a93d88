# Writes the findings of `propensity_score`, and of `log_rank` with its weights,
# by id. A finding is a vector of value, lower, upper and standard error.
suppressPackageStartupMessages({ library(survival); library(brglm2); library(MatchIt) })
source(file.path("tests", "reference", "json.R"), local = TRUE)

findings <- list()
add <- function(stage, id, ...) findings[[stage]][[id]] <<- as.numeric(c(...))
effective <- function(w) sum(w)^2 / sum(w^2)

ratios <- function(stage, fit, names) {
  table <- summary(fit)$coefficients
  limits <- exp(confint.default(fit))
  for (i in seq_along(names)) {
    add(stage, paste0("odds_ratio.", names[i]), exp(coef(fit)[i + 1]), limits[i + 1, ], table[i + 1, 2])
    add(stage, paste0("coefficient.", names[i]), table[i + 1, 1], table[i + 1, 2])
    add(stage, paste0("p.", names[i]), table[i + 1, 4])
  }
}
smd <- function(x, t, w, pooled, binary) {
  v <- function(g) if (binary) mean(x[t == g]) * (1 - mean(x[t == g])) else var(x[t == g])
  (weighted.mean(x[t == 1], w[t == 1]) - weighted.mean(x[t == 0], w[t == 0])) /
    sqrt(if (pooled) (v(1) + v(0)) / 2 else v(1))
}
balance <- function(stage, frame, t, w, pooled, columns, levels = list()) {
  for (when in c("before", "after")) {
    weights <- if (when == "before") rep(1, length(t)) else w
    id <- function(...) paste("smd", when, ..., sep = ".")
    for (column in columns) add(stage, id(column), smd(frame[[column]], t, weights, pooled, FALSE))
    for (column in names(levels)) for (level in levels[[column]])
      add(stage, id(column, level), smd(as.numeric(frame[[column]] == level), t, weights, pooled, TRUE))
  }
}
log_rank <- function(stage, frame, w, cluster = seq_len(nrow(frame)), group) {
  kept <- w > 0
  frame$g <- frame[[group]]
  fit <- coxph(Surv(time, event) ~ g, frame[kept, ], weights = w[kept], cluster = cluster[kept],
               ties = "breslow", robust = TRUE)
  add(stage, "chi_square", fit$rscore)
  add(stage, "p", pchisq(fit$rscore, 1, lower.tail = FALSE))
}
exact <- glm.control(epsilon = 1e-15, maxit = 100)

# Overlap weights: lung, sex by age and ECOG.
lung <- read_data("lung")
lung <- lung[!is.na(lung$ph_ecog), ]
t <- as.numeric(lung$sex == 2)
fit <- glm(t ~ age + ph_ecog, binomial, lung, control = exact)
e <- fitted(fit)
w <- ifelse(t == 1, 1 - e, e)
ratios("overlap", fit, c("age", "ph_ecog"))
add("overlap", "likelihood_ratio.chi_square", fit$null.deviance - fit$deviance)
add("overlap", "c_statistic", wilcox.test(e[t == 1], e[t == 0], exact = FALSE)$statistic / sum(t) / sum(1 - t))
# The means that overlap weights equalise are equal but for rounding, so only those before.
balance("overlap", lung, t, rep(1, length(t)), TRUE, c("age", "ph_ecog"))
findings$overlap[grep("after", names(findings$overlap))] <- NULL
for (g in 0:1) {
  add("overlap", paste0("effective_sample_size.", g + 1), effective(w[t == g]))
  add("overlap", paste0("propensity.minimum.", g + 1), min(e[t == g]))
  add("overlap", paste0("propensity.median.", g + 1), median(e[t == g]))
  add("overlap", paste0("propensity.maximum.", g + 1), max(e[t == g]))
  add("overlap", paste0("propensity.mean.", g + 1), mean(e[t == g]))
}
log_rank("overlap_log_rank", lung, w, group = "sex")

# Truncated weights of all: veteran, treatment by terms with a category.
veteran <- read_data("veteran")
t <- as.numeric(veteran$trt == 2)
fit <- glm(t ~ karno + age + factor(group), binomial, veteran, control = exact)
e <- fitted(fit)
w <- ifelse(t == 1, mean(t) / e, (1 - mean(t)) / (1 - e))
w <- pmin(pmax(w, quantile(w, 0.05)), quantile(w, 0.95))
ratios("stabilized", fit, c("karno", "age", "group.1", "group.2", "group.3"))
balance("stabilized", veteran, t, w, TRUE, c("karno", "age"), list(group = 0:3))
for (column in c("karno", "age")) {
  v <- function(g) drop(cov.wt(matrix(veteran[[column]][t == g]), w[t == g] / sum(w[t == g]))$cov)
  add("stabilized", paste0("variance_ratio.after.", column), v(1) / v(0))
}
for (g in 0:1) {
  add("stabilized", paste0("effective_sample_size.", g + 1), effective(w[t == g]))
  add("stabilized", paste0("largest_weight.", g + 1), max(w[t == g]))
}
log_rank("stabilized_log_rank", veteran, w, group = "trt")

# Firth's penalty, and the odds of treatment as weights.
fit <- glm(t ~ karno + age + factor(group), binomial, veteran, method = "brglmFit", type = "AS_mean",
           epsilon = 1e-14, maxit = 10000)
for (i in 2:3) add("firth", paste0("coefficient.", c("karno", "age")[i - 1]), coef(fit)[i], sqrt(vcov(fit)[i, i]))
e <- fitted(fit)
w <- ifelse(t == 1, 1, e / (1 - e))
balance("firth", veteran, t, w, FALSE, c("karno", "age"), list(group = 0:3))

# Matching; see ../propensity for the scale of the logit.
logit <- predict(glm(t ~ karno + diagtime + age, binomial, veteran, control = exact))
veteran$t <- t
found <- matchit(t ~ karno + diagtime + age, veteran, distance = 2^26 * unname(logit), caliper = 0.2)
w <- unname(found$weights)
add("matching", "caliper", 0.2 * sd(logit))
for (g in 0:1) {
  add("matching", paste0("matched.", g + 1), sum(w[t == g] > 0))
  add("matching", paste0("unmatched.", g + 1), sum(w[t == g] == 0))
}
balance("matching", veteran, t, w, FALSE, c("karno", "diagtime", "age"))
log_rank("matching_log_rank", veteran, w, as.integer(found$subclass), group = "trt")

versions <- list(R = paste(R.version$major, R.version$minor, sep = "."))
for (package in c("survival", "brglm2", "MatchIt")) versions[[package]] <- as.character(packageVersion(package))
rows <- lapply(findings, function(stage) lapply(stage, I))
writeLines(json(list(versions = versions, findings = rows)),
           file.path("tests", "reference", "propensity_score", "values.json"))
