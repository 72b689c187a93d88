# Writes the inputs of the reference values: see ../README.md.
library(survival)

put <- function(name, frame) {
  cells <- vapply(frame, function(x) ifelse(is.na(x), "", sprintf("%.17g", x)), character(nrow(frame)))
  cells <- matrix(cells, nrow = nrow(frame))
  lines <- c(paste(names(frame), collapse = ","), apply(cells, 1, paste, collapse = ","))
  writeLines(lines, file.path("tests", "reference", "data", paste0(name, ".csv")))
}

with(lung, put("lung", data.frame(
  time, event = status - 1, group = sex - 1, age, sex, ph_ecog = ph.ecog)))
# The subjects without missing covariates, with made-up
# weights and clusters.
complete <- lung[complete.cases(lung[, c("age", "sex", "ph.ecog")]), ]
with(complete, put("lung_complete", data.frame(
  time, event = status - 1, group = sex - 1, age, sex, ph_ecog = ph.ecog, treated = sex - 1,
  cluster = seq_along(time) %/% 3, weight = 0.5 + (seq_along(time) * 7) %% 16 / 10)))
with(veteran, put("veteran", data.frame(
  time, event = status, group = as.integer(celltype) - 1, trt, karno, diagtime, age, prior,
  smallcell = +(celltype == "smallcell"), adeno = +(celltype == "adeno"),
  large = +(celltype == "large"))))
with(ovarian, put("ovarian", data.frame(
  time = futime, event = fustat, group = rx - 1, age, resid_ds = resid.ds, rx, ecog_ps = ecog.ps)))

# With all their gaps; the trial's patients of pbc with made-up gaps in two categories.
with(lung, put("lung_incomplete", data.frame(
  time, event = status - 1, age, sex, ph_ecog = pmin(ph.ecog, 2), ph_karno = ph.karno,
  meal_cal = meal.cal, wt_loss = wt.loss)))
with(pbc[1:312, ], put("pbc_incomplete", data.frame(
  time, event = +(status == 2), age, female = +(sex == "f"), stage, log_bili = log(bili), albumin,
  chol, trig, copper, platelet, stage_gaps = ifelse(seq_along(time) %% 5 == 0, NA, stage),
  hepato_gaps = ifelse(seq_along(time) %% 4 == 1, NA, hepato))))

with(colon[colon$etype == 2, ][1:250, ], put("colon_incomplete", data.frame(
  time, event = status, age, lev_5fu = +(rx == "Lev+5FU"), nodes, differ,
  adhere_gaps = ifelse(seq_along(time) %% 4 == 2, NA, adhere))))

# Studies whose published results the estimators have to give again.
with(gbsg, put("gbsg", data.frame(time = rfstime, event = status, hormon)))
with(pbc[!is.na(pbc$protime), ], put("pbc", data.frame(
  time, event = +(status == 2), age, edema, log_bili = log(bili), log_protime = log(protime),
  log_albumin = log(albumin))))
for (type in 1:2) {
  with(colon[colon$etype == type, ], put(c("colon_recurrence", "colon_death")[type], data.frame(
    time, event = status, lev = +(rx == "Lev"), lev_5fu = +(rx == "Lev+5FU"))))
}
with(jasa, put("jasa", data.frame(time = futime, event = fustat, transplant)))

with(jasa1, put("jasa1", data.frame(
  start, stop, event, subject = id, transplant = as.integer(transplant), age, surgery, year)))
with(cgd, put("cgd", data.frame(
  start = tstart, stop = tstop, event = status, subject = id, treated = +(treat == "rIFN-g"), age,
  steroids, stratum = +(inherit == "X-linked"), weight = 0.5 + (seq_along(id) * 7) %% 16 / 10)))

index <- 0:39
put("heavy_ties", data.frame(
  time = index %% 4 + 1, event = +(index %% 5 != 0), group = index %% 3, stratum = index %% 2,
  x = (index * 7) %% 11, z = (index * 13) %% 5 - 2, weight = 1 + index %% 3, cluster = index %/% 4))
put("late_entry", data.frame(
  start = c(index %% 3, 3), stop = c(index %% 3 + index %% 4 + 1, 9), event = c(+(index %% 5 != 0), 1),
  subject = 0:40, stratum = c(index %% 2, 1), x = c((index * 7) %% 11, 4), z = c((index * 13) %% 5 - 2, 0),
  weight = c(1 + index %% 3, 2)))
put("all_censored", data.frame(time = c(3, 1, 2), event = 0, group = c(0, 1, 1)))
put("all_events", data.frame(time = c(5, 3, 3, 8, 1), event = 1, group = c(0, 1, 0, 1, 1),
                             x = c(1, 4, 2, 2, 3)))
put("one_event", data.frame(time = 4, event = 1))
put("one_censored", data.frame(time = 4, event = 0))
put("zero_time", data.frame(time = c(0, 0, 1, 2, 2), event = c(1, 0, 1, 0, 1),
                            group = c(0, 1, 0, 1, 1), x = c(3, 1, 2, 0, 5)))
put("half_then_lower", data.frame(time = 1:4, event = 1))
put("half_to_the_end", data.frame(time = 1:4, event = c(1, 1, 0, 0)))
put("near_ties", data.frame(
  time = c(1, 1 + 1e-9, 2, 2 + 2e-8, 3, 0.1 + 0.2, 0.3, 4), event = c(1, 1, 1, 0, 1, 1, 1, 0),
  group = c(0, 1, 0, 1, 0, 1, 0, 1), x = c(2, 1, 4, 3, 6, 5, 1, 2)))
put("group_without_expectation", data.frame(
  time = c(1, 2, 3, 4, 5, 6, 7), event = c(0, 1, 1, 1, 0, 1, 1), group = c(2, 0, 1, 0, 1, 0, 1)))
put("separated", data.frame(
  time = 1:10, event = c(1, 1, 1, 1, 0, 0, 0, 0, 0, 0), x = c(1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
  z = c(1, 3, 2, 5, 3, 1, 4, 2, 6, 2)))
put("collinear", data.frame(
  time = c(1, 2, 3, 4, 5, 6, 7, 8), event = c(1, 1, 1, 1, 0, 1, 0, 1),
  z = c(1, 3, 2, 5, 3, 1, 4, 2), twice = 2 * c(1, 3, 2, 5, 3, 1, 4, 2) + 1, constant = 3,
  x = c(0, 1, 1, 0, 1, 0, 0, 1)))

# Transplants as changes of group, competing causes, and late entry.
switches <- sapply(split(jasa1, jasa1$id), function(rows) {
  moved <- rows$start[rows$transplant == 1]
  if (length(moved)) moved else NA
})
ends <- sapply(split(jasa1, jasa1$id), function(rows) c(max(rows$stop), rows$event[which.max(rows$stop)]))
first <- jasa1[!duplicated(jasa1$id), ]
put("jasa_switch", data.frame(
  time = ends[1, ], event = ends[2, ], switch = switches, first[, c("age", "surgery", "year")]))
# Progression of a gammopathy before death, in months.
known <- mgus2[complete.cases(mgus2[, c("age", "sex", "hgb")]), ]
with(known, put("mgus2_switch", data.frame(
  time = futime, event = death, switch = ifelse(pstat == 1, ptime, NA), age, male = +(sex == "M"),
  hgb)))
with(mgus2, put("mgus2", data.frame(
  time = ifelse(pstat == 1, ptime, futime), cause = ifelse(pstat == 1, 1, 2 * death),
  group = +(sex == "M"), age, mspike, stratum = +(age > 72))))
with(pbc, put("pbc_causes", data.frame(
  time, cause = status, age, edema, log_bili = log(bili), sex = +(sex == "f"), stage)))
with(veteran, put("veteran_causes", data.frame(
  time, cause = ifelse(status == 0, 0, 1 + (seq_along(time) * 5) %% 3 %/% 2), group = trt - 1,
  karno, age, stratum = prior / 10)))
late <- transform(lung, start = (seq_along(time) * 37) %% 200, index = seq_along(time))
late <- late[late$start < late$time, ]
with(late, put("lung_late", data.frame(
  start, stop = time, event = status - 1, group = sex - 1, weight = 0.5 + (index * 7) %% 16 / 10,
  cluster = index %/% 3)))
# Times at zero, and times that differ by rounding alone.
put("edge_causes", data.frame(
  time = c(0, 0, 0.1 + 0.2, 0.3, 1, 1 + 1e-9, 2, 2 + 2e-8, 2, 3, 3, 4), cause = c(1, 0, 2, 1, 1, 2, 0, 1, 2, 1, 0, 2),
  group = c(0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1), x = c(2, 1, 4, 3, 6, 5, 1, 2, 7, 3, 0, 5)))
put("tied_causes", data.frame(
  time = index %% 5 + 1, cause = (index * 3) %% 4 %% 3, group = index %% 2, x = (index * 7) %% 11,
  stratum = index %/% 20))

# Events known to lie between two visits; an empty right end is censoring.
visits <- function(time, event, step) {
  left <- floor(pmax(time - 1e-9, 0) / step) * step
  data.frame(left = ifelse(event == 1, left, time), right = ifelse(event == 1, left + step, NA))
}
with(ovarian, put("ovarian_visits", visits(futime, fustat, 60 + (seq_along(futime) * 7) %% 30)))
with(lung, put("lung_visits", visits(time, status - 1, 40 + (seq_along(time) * 7) %% 31)))
with(veteran, put("veteran_visits", {
  frame <- visits(time, status, 20 + (seq_along(time) * 11) %% 17)
  exact <- seq_along(time) %% 6 == 0 & status == 1
  frame[exact, ] <- cbind(time, time)[exact, ]
  frame
}))
# The cosmetic deterioration data of Finkelstein and Wolfe, from KMsurv.
data(bcdeter, package = "KMsurv")
for (arm in 1:2) with(bcdeter[bcdeter$treat == arm, ], put(paste0("cosmesis_", arm), data.frame(
  left = lower, right = upper)))

# Two sets of three levels, one of which has no events: the coefficients that
# tell it from the others are infinite.
quiet <- function(time, event, x) {
  level <- ifelse(event == 0 & cumsum(event == 0) %% 2 == 1, 2, seq_along(time) %% 2)
  data.frame(time, event, x, ordinary = +(level == 0), middle = +(level == 1), quiet = +(level == 2))
}
put("lung_quiet", with(lung, quiet(time, status - 1, age)))
put("veteran_quiet", with(veteran, quiet(time, status, karno)))

# Intervals at the edges: ends equal but for rounding, many at one visit, an
# event at time zero, and S exactly a half over a flat step.
put("near_tied_visits", data.frame(
  left = c(0.3, 0, 0.1 + 0.2, 0.6, 1, 1 + 1e-9, 2, 0.3), right = c(0.6, 0.1 + 0.2, 0.3 + 0.3, 0.6 + 1e-9, 2, NA, NA, 1)))
put("tied_visits", data.frame(
  left = c(0, 0, 0, 0, 3, 3, 3, 6, 6, 6, 6, 3), right = c(0, 3, 3, 6, 6, 6, NA, 9, NA, NA, 6, 9)))
put("half_visits", data.frame(left = c(0, 1, 4, 5), right = c(1, 2, 5, 6)))
# Exact times and censoring alone, as of ovarian.
put("exact_visits", with(ovarian, data.frame(left = futime, right = ifelse(fustat == 1, futime, NA))))

# Weights, clusters and late entry of a second study, and entry on the scale of
# age, where ends meet but for rounding.
made <- transform(veteran, index = seq_along(time), start = (seq_along(time) * 11) %% 40)
made <- transform(made, weight = 0.4 + (index * 5) %% 13 / 8, cluster = index %/% 3)
with(made, put("veteran_weighted", data.frame(
  time, event = status, group = trt - 1, weight, cluster, karno, prior = prior / 10)))
with(made[made$start < made$time, ], put("veteran_late", data.frame(
  start, stop = time, event = status, group = trt - 1, weight, cluster)))
with(mgus2, put("mgus2_age", data.frame(
  start = age, stop = age + futime / 12, event = death, group = +(sex == "M"),
  weight = 0.5 + (seq_along(age) * 7) %% 16 / 10, cluster = seq_along(age) %/% 5)))
# Entries at the time of an event, and after everybody at risk has died.
put("late_edges", data.frame(
  start = c(0, 0, 2, 0, 2 + 1e-9, 5, 5, 5.5), stop = c(2, 2, 4, 3, 3, 7, 8, 9),
  event = c(1, 0, 1, 1, 0, 1, 0, 1), group = c(0, 0, 0, 1, 1, 1, 0, 1),
  weight = c(1, 2, 0.5, 1.5, 1, 3, 2, 1), cluster = c(0, 0, 1, 1, 2, 2, 3, 3)))

# Two arms each, for the test of what an abstract implies.
with(aml, put("aml", data.frame(time, event = status, group = +(x == "Maintained"))))
with(myeloid, put("myeloid", data.frame(time = futime, event = death, group = +(trt == "B"))))
with(pbc[1:312, ], put("pbc_trial", data.frame(
  time, event = +(status == 2), group = +(trt == 1))))
