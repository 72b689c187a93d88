# Makes every reference file again. Run from the repository's root:
#   Rscript tests/reference/make_all.R
root <- file.path("tests", "reference")
scripts <- c(
  file.path(root, "data", "make.R"),
  setdiff(Sys.glob(file.path(root, "*", "make.R")), file.path(root, "data", "make.R"))
)
for (script in scripts) {
  cat(script, "\n")
  source(script, local = new.env())
}
