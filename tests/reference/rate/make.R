# Reference values for the `rate` module: Rscript tests/reference/rate/make.R
source(file.path("tests", "reference", "cases.R"))

for (pair in list(c(0, 12.5), c(1, 3), c(4, 18.25), c(48, 1210.7), c(1500, 99.5)))
  for (level in c(0.9, 0.95, 0.99))
    case("poisson", list(events = pair[1], time = pair[2], level = level), {
      it <- poisson.test(events, time, conf.level = level)
      list(estimate = unname(it$estimate), lower = it$conf.int[1], upper = it$conf.int[2])
    })
# Deaths and person-time of published studies.
library(survival)
for (study in list(list(lung$status == 2, lung$time), list(veteran$status == 1, veteran$time),
                   list(ovarian$fustat == 1, ovarian$futime)))
  case("poisson", list(events = sum(study[[1]]), time = sum(study[[2]]), level = 0.95), {
    it <- poisson.test(events, time, conf.level = level)
    list(estimate = unname(it$estimate), lower = it$conf.int[1], upper = it$conf.int[2])
  })
write_cases()
