# Collects reference cases and writes them as JSON, in base R alone.
#
# `case("name", list(x = 3, df = 2), pchisq(x, df))` evaluates the last
# argument with the named values and keeps name, values, call and result.

cases <- list()

case <- function(name, arguments, call) {
  call <- substitute(call)
  value <- eval(call, arguments, globalenv())
  text <- paste(trimws(deparse(call, width.cutoff = 500L)), collapse = " ")
  cases[[length(cases) + 1]] <<- list(
    name = name, call = text, arguments = arguments, value = value)
}

to_json <- function(x) {
  if (is.list(x)) {
    parts <- vapply(x, to_json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    keys <- paste0("\"", names(x), "\": ")
    return(paste0("{", paste0(keys, parts, collapse = ", "), "}"))
  }
  if (is.character(x)) return(encodeString(x, quote = "\""))
  stopifnot(is.numeric(x), length(x) > 0, all(is.finite(x)))
  if (is.matrix(x)) return(to_json(lapply(seq_len(nrow(x)), function(i) as.list(x[i, ]))))
  numbers <- sprintf("%.17g", x)
  if (length(x) == 1) numbers else paste0("[", paste(numbers, collapse = ", "), "]")
}

write_cases <- function() {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  lines <- vapply(cases, to_json, "")
  out <- file.path(dirname(script), "values.json")
  header <- c("{", paste0("\"software\": \"", R.version.string, "\","), "\"cases\": [")
  writeLines(c(header, paste(lines, collapse = ",\n"), "]", "}"), out)
}
