# Writes lists as JSON with all 17 digits; NA, NaN and infinities become null.
json <- function(x, indent = "") {
  inner <- paste0(indent, " ")
  if (is.null(x)) return("null")
  if (is.list(x)) {
    named <- !is.null(names(x))
    parts <- vapply(seq_along(x), function(i) {
      key <- if (named) paste0("\"", names(x)[i], "\": ") else ""
      paste0(inner, key, json(x[[i]], inner))
    }, "")
    ends <- if (named) c("{", "}") else c("[", "]")
    return(paste0(ends[1], "\n", paste(parts, collapse = ",\n"), "\n", indent, ends[2]))
  }
  if (is.matrix(x)) {
    rows <- vapply(seq_len(nrow(x)), function(i) json(I(unname(x[i, ]))), "")
    return(paste0("[", paste(rows, collapse = ", "), "]"))
  }
  if (length(x) == 0) return("[]")
  cells <- if (is.character(x)) paste0("\"", x, "\"")
    else if (is.logical(x)) ifelse(is.na(x), "null", tolower(as.character(x)))
    else ifelse(is.finite(x), sprintf("%.17g", x), "null")
  if (length(x) == 1 && !inherits(x, "AsIs")) cells else paste0("[", paste(cells, collapse = ", "), "]")
}

# Runs each call (text, so that it can be kept) and writes what it gives.
write_cases <- function(folder, package, cases) {
  versions <- list(R = paste(R.version$major, R.version$minor, sep = "."))
  versions[[package]] <- as.character(packageVersion(package))
  writeLines(json(list(versions = versions, cases = cases)),
             file.path("tests", "reference", folder, "values.json"))
}

read_data <- function(name) read.csv(file.path("tests", "reference", "data", paste0(name, ".csv")))
