#!/usr/bin/env bash
# Times a large study: restudy, the same in R, and bare polars cleaning the same
# files, one after the other, each in a process of its own; ratios at the end.
#
#   tests/benchmark/large/run.sh [PATIENTS] [PROGRAM]
#
# needs GNU time; R with data.table and survival, and polars of the Python that $PYTHON
# names (python3 if left out), where they are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
patients=${1:-1000000}
python=${PYTHON:-python3}
program=$(realpath "${2:-$here/../../../target/release/restudy}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" "$here/generate.py" "$folder" "$patients"
cp "$here/pipeline.yaml" "$folder"
raw=$(du -cb "$folder"/*.csv | tail -1 | cut -f1)
declare -A seconds processor megabytes

timed() { # name, command ...
  local name=$1
  shift
  if /usr/bin/time -f '%e %U %S %M' -o "$folder/time" "$@" > "$folder/$name.txt" 2>&1; then
    read -r took user system kilobytes < "$folder/time"
    seconds[$name]=$took megabytes[$name]=$((kilobytes / 1024))
    processor[$name]=$(awk -v a="$user" -v b="$system" 'BEGIN { print a + b }')
    printf '%-18s %8s s, %8s s of the processor, %6s MB\n' \
      "$name" "$took" "${processor[$name]}" "${megabytes[$name]}"
  else
    printf '%-22s failed:\n' "$name"
    tail -5 "$folder/$name.txt"
  fi
}

ratio() { # words, one name, another
  if [[ -n ${seconds[$2]:-} && -n ${seconds[$3]:-} ]]; then
    awk -v a="${seconds[$2]}" -v b="${seconds[$3]}" -v c="${processor[$2]}" -v d="${processor[$3]}" \
      -v e="${megabytes[$2]}" -v f="${megabytes[$3]}" -v w="$1" \
      'BEGIN { printf "%-40s %5.2f (processor %.2f, memory %.2f)\n", w, a / b, c / d, e / f }'
  fi
}

printf '%s patients, %s MB of CSV\n' "$patients" "$((raw / 1000000))"
sed '/^analyze:/,$d' "$here/pipeline.yaml" > "$folder/cleaning.yaml"
timed restudy_cleaning "$program" run "$folder/cleaning.yaml"
rm -rf "$folder/.restudy" "$folder/cleaning.lock"
timed restudy "$program" run "$folder/pipeline.yaml"
timed restudy_again "$program" run "$folder/pipeline.yaml"
store=$(du -sb "$folder/.restudy" | cut -f1)
if command -v Rscript > /dev/null; then timed r Rscript "$here/study.R" "$folder"; fi
if "$python" -c 'import polars' 2> /dev/null; then
  timed bare_polars "$python" "$here/bare_polars.py" "$folder"
fi
# who is faster at another answer is not faster: the same model in both
own=$(cd "$folder" && "$program" findings model.hazard_ratio.arm.new --json | grep -o '"value": [0-9.]*' | cut -d' ' -f2)
awk -v a="$own" -v b="$(sed -n 's/^hazard ratio of the arm //p' "$folder/r.txt" 2> /dev/null)" 'BEGIN {
  printf "%-40s %.8f%s\n", "hazard ratio of the arm", a, (b == "" ? "" : sprintf(", in R %.8f", b))
  exit b != "" && (a - b > 1e-7 || b - a > 1e-7) }'
ratio 'the whole against R' restudy r
ratio 'ingest and cleaning against bare polars' restudy_cleaning bare_polars
awk -v a="$store" -v b="$raw" 'BEGIN { printf "%-40s %6.2f\n", "the store against the raw files", a / b }'
