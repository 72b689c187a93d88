#!/usr/bin/env bash
# Times the estimators of crates/stats beside R's survival and, where PYTHON names a
# Python that has it, lifelines: in turn, on the same subjects, and prints the median
# seconds and processor seconds of each over the rounds. Needs R with survival.
#
#   tests/benchmark/estimators.sh [ROUNDS]        ROUNDS of each, 3 unless given
#
# BENCH names a `bench_survival` that is built already, with the feature `benchmark`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-3}

if [ -z "${BENCH:-}" ]; then
  cargo build --release -p restudy-stats --example bench_survival --features benchmark
  target=${CARGO_TARGET_DIR:-target}
  case $target in /*) ;; *) target=$(pwd)/$target ;; esac
  BENCH=$target/release/examples/bench_survival
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in 10000 100000 1000000; do "$BENCH" write $n "$work/$n"; done

for ((round = 1; round <= rounds; round++)); do
  for n in 10000 100000 1000000; do
    "$BENCH" time $n 3 | sed 's/^/here,/'
    Rscript tests/benchmark/survival.R $n "$work/$n" 1 | sed 's/^/R,/'
  done
  "$BENCH" bootstrap 10000 | sed 's/^/here,/'
  Rscript tests/benchmark/survival.R bootstrap 1000 | sed 's/^/R,/'
  if [ -n "${PYTHON:-}" ]; then
    "$PYTHON" tests/benchmark/with_lifelines.py 100000 "$work/100000" 1 | sed 's/^/lifelines,/'
  fi
done > "$work/times"

echo "program,estimator,subjects,seconds,processor seconds"
cut -d, -f1-3 "$work/times" | sort -u | while read -r what; do
  grep "^$what," "$work/times" > "$work/one"
  median() { cut -d, -f"$1" "$work/one" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
  echo "$what,$(median 4),$(median 5)"
done
