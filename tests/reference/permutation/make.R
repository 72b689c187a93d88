# Permutation log-rank tests by going through all arrangements in plain R.
library(survival)
source(file.path("tests", "reference", "json.R"), local = TRUE)

scores <- function(frame, gehan) {
  times <- sort(unique(frame$time[frame$event == 1]))
  n <- sapply(times, function(t) sum(frame$time >= t))
  d <- sapply(times, function(t) sum(frame$time == t & frame$event == 1))
  w <- if (gehan) n else rep(1, length(n))
  hazard <- sapply(frame$time, function(t) sum((w * d / n)[times <= t]))
  own <- sapply(frame$time, function(t) sum(w[times == t]))
  ifelse(frame$event == 1, own, 0) - hazard
}

arrangements <- function(labels) {
  if (length(labels) == 1) return(matrix(labels))
  rows <- lapply(unique(labels), function(label) {
    rest <- arrangements(labels[-match(label, labels)])
    cbind(label, rest)
  })
  unname(do.call(rbind, rows))
}

case <- function(name, rows, weight = "log_rank", stratum = NULL) {
  frame <- read_data(name)[rows, ]
  frame$stratum <- if (is.null(stratum)) 0 else frame[[stratum]]
  parts <- split(frame, frame$stratum)
  a <- lapply(parts, scores, gehan = weight == "gehan")
  k <- max(frame$group) + 1
  covariance <- Reduce(`+`, Map(function(part, score) {
    size <- tabulate(part$group + 1, k)
    (diag(size, k) - outer(size, size) / nrow(part)) * sum((score - mean(score))^2) / (nrow(part) - 1)
  }, parts, a))[-1, -1, drop = FALSE]
  inverse <- solve(covariance)
  all <- lapply(parts, function(part) arrangements(part$group))
  choice <- expand.grid(lapply(all, function(x) seq_len(nrow(x))))
  sums <- function(labels, score) vapply(seq_len(k - 1), function(j) sum(score[labels == j]), 0)
  form <- function(total) sum(total * (inverse %*% total))
  observed <- form(Reduce(`+`, Map(function(part, score) sums(part$group, score), parts, a)))
  of_stratum <- Map(function(labels, score) apply(labels, 1, sums, score = score), all, a)
  of_stratum <- lapply(of_stratum, function(x) matrix(x, nrow = k - 1))
  statistics <- apply(choice, 1, function(index) {
    form(Reduce(`+`, Map(function(x, i) x[, i], of_stratum, index)))
  })
  extreme <- sum(statistics >= observed - 1e-9 * (1 + observed))
  list(data = name, rows = length(rows), weight = weight, stratum = stratum,
       call = paste("all arrangements of", name, weight, stratum), statistic = observed,
       arrangements = nrow(choice), extreme = extreme, p_value = extreme / nrow(choice))
}

write_cases("permutation", "survival", list(
  case("lung", 1:14), case("lung", 1:14, "gehan"),
  case("ovarian", 1:20), case("heavy_ties", 1:9), case("heavy_ties", 1:9, "gehan"),
  case("heavy_ties", 1:12, stratum = "stratum"), case("zero_time", 1:5), case("all_events", 1:5)))
