#!/usr/bin/env bash
# Times a whole run of the study by `restudy run` (release build, nothing kept from
# earlier runs) beside the same study in R (peer.R), in turn, and prints each run, the
# medians and their ratio. Needs R with survival, survminer and rmarkdown, and pandoc.
#
#   tests/benchmark/run.sh [RUNS]        RUNS of each, 5 unless given
#
# RESTUDY names a program that is built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
runs=${1:-5}

if [ -z "${RESTUDY:-}" ]; then
  cargo build --release --bin restudy
  RESTUDY=$(pwd)/${CARGO_TARGET_DIR:-target}/release/restudy
  case ${CARGO_TARGET_DIR:-} in /*) RESTUDY=$CARGO_TARGET_DIR/release/restudy ;; esac
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%R %U %S'

# A copy of the study without outputs, lock and store: every stage has to run. Each run
# has a folder of its own, since ext4 is slow to make files where many were just deleted.
fresh_study() {
  mkdir -p "$1/reports"
  cp -r pipeline.yaml data "$1/"
  cp -r reports/text "$1/reports/"
}

# Elapsed, user and system seconds of a command, onto the end of a file.
timed() {
  local into=$1
  shift
  { time "$@" > "$work/log" 2>&1; } 2>> "$into" || { cat "$work/log" >&2; exit 1; }
}

median() { # of a column of a file
  awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 }
    END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

cpu() { awk '{ print $2 + $3 }' "$1" > "$1.cpu"; median "$1.cpu" 1; }

echo "processors $(nproc); $("$RESTUDY" --version); $(Rscript --version 2>&1)"
for ((i = 1; i <= runs; i++)); do
  fresh_study "$work/study$i"
  (cd "$work/study$i" && timed "$work/restudy" "$RESTUDY" run --quiet)
  timed "$work/r" Rscript tests/benchmark/peer.R "$work/peer$i"
  echo "run $i: restudy $(tail -n 1 "$work/restudy") s, R $(tail -n 1 "$work/r") s (elapsed, user, system)"
done
awk -v a="$(median "$work/restudy" 1)" -v b="$(median "$work/r" 1)" \
  -v c="$(cpu "$work/restudy")" -v d="$(cpu "$work/r")" 'BEGIN {
  printf "median elapsed: restudy %.3f s, R %.3f s, ratio %.1f\n", a, b, b / a
  printf "median processor time: restudy %.3f s, R %.3f s, ratio %.1f\n", c, d, d / c }'
