"""Times lifelines on the subjects that `bench_survival write` made:

    python tests/benchmark/with_lifelines.py <subjects> <file> [<repetitions>]

Each line is the estimator, the number of subjects, the median seconds and the
median seconds of processor time.
"""

import statistics
import sys
import time

import numpy
import pandas
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import concordance_index


def report(name, n, repetitions, work):
    seconds, processor = [], []
    for _ in range(repetitions):
        start, used = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    medians = statistics.median(seconds), statistics.median(processor)
    print(f"{name},{n},{medians[0]:.6f},{medians[1]:.6f}", flush=True)


def main():
    n, path = int(sys.argv[1]), sys.argv[2]
    repetitions = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    columns = numpy.fromfile(path, dtype="<f8").reshape(13, n)
    times, events, groups = columns[0], columns[1], columns[2] == 1
    frame = pandas.DataFrame(columns[3:].T, columns=[f"x{j}" for j in range(1, 11)])
    frame["time"], frame["event"] = times, events

    def kaplan_meier():
        for members in (groups, ~groups):
            KaplanMeierFitter().fit(times[members], events[members])

    report("kaplan_meier", n, repetitions, kaplan_meier)
    report("log_rank", n, repetitions, lambda: logrank_test(
        times[groups], times[~groups], events[groups], events[~groups]))
    report("concordance", n, repetitions, lambda: concordance_index(times, -columns[3], events))
    report("cox", n, repetitions, lambda: CoxPHFitter().fit(frame, "time", "event"))


if __name__ == "__main__":
    main()
