# The robust score test of the weighted Cox model of the groups, with Breslow's
# ties, and the weighted events expected under no difference.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

test <- function(name, group, weight, cluster = NULL, stratum = NULL) {
  frame <- read_data(name)
  frame$g <- factor(frame[[group]])
  frame$w <- if (weight == "made") 0.2 + (seq_len(nrow(frame)) * 13) %% 29 / 7 else frame[[weight]]
  frame$id <- if (is.null(cluster)) seq_len(nrow(frame)) else frame[[cluster]]
  frame$s <- if (is.null(stratum)) 0 else frame[[stratum]]
  terms <- c("g", if (!is.null(stratum)) "strata(s)")
  call <- sprintf("coxph(Surv(time, event) ~ %s, %s, weights = %s, cluster = %s, ties = 'breslow', robust = TRUE)$rscore",
                  paste(terms, collapse = " + "), name, weight, if (is.null(cluster)) "id" else cluster)
  fit <- suppressWarnings(coxph(reformulate(terms, "Surv(time, event)"), frame, weights = w,
                                cluster = id, ties = "breslow", robust = TRUE))
  # Near ties are one time, as coxph takes them.
  frame$time <- aeqSurv(Surv(frame$time, frame$event))[, 1]
  expected <- rep(0, nlevels(frame$g))
  for (s in unique(frame$s)) for (t in unique(frame$time[frame$event == 1 & frame$s == s])) {
    risk <- frame$s == s & frame$time >= t
    share <- tapply(frame$w[risk], frame$g[risk], sum, default = 0) / sum(frame$w[risk])
    expected <- expected + share * sum(frame$w[risk & frame$time == t & frame$event == 1])
  }
  list(data = name, group = group, weight = weight, cluster = cluster, stratum = stratum, call = call,
       observed = I(as.numeric(tapply(frame$w * frame$event, frame$g, sum))),
       expected = I(as.numeric(expected)), chi_square = as.numeric(fit$rscore),
       degrees_of_freedom = nlevels(frame$g) - 1)
}
write_cases("weighted_log_rank", "survival", list(
  test("lung_complete", "group", "weight"),
  test("lung_complete", "group", "weight", cluster = "cluster"),
  test("lung_complete", "group", "weight", stratum = "ph_ecog"),
  test("veteran", "group", "made"),
  test("veteran", "trt", "made", stratum = "group"),
  test("pbc", "edema", "made"),
  test("heavy_ties", "group", "weight", cluster = "cluster", stratum = "stratum"),
  test("colon_death", "lev_5fu", "made"),
  test("near_ties", "group", "made"),
  test("zero_time", "group", "made"),
  test("all_events", "group", "made")))
