"""Makes patients.csv and labs.csv for the benchmark of a large study.

    python3 generate.py FOLDER [PATIENTS]

Five laboratory rows a patient, dates in two formats, codes for sex, albumin in
two units, some patients without consent. The same numbers every time.
"""

import datetime
import random
import sys


def main(folder: str, patients: int) -> None:
    draw = random.Random(20260101)
    days = [datetime.date(1930, 1, 1) + datetime.timedelta(day) for day in range(36_000)]
    iso = [day.isoformat() for day in days]
    slashed = [day.strftime("%d/%m/%Y") for day in days]
    origin = (datetime.date(2015, 1, 1) - days[0]).days

    def written(day: int) -> str:
        return (iso if draw.random() < 0.7 else slashed)[day]

    with open(f"{folder}/patients.csv", "w") as people, open(f"{folder}/labs.csv", "w") as labs:
        people.write(
            "record_id,sex,birth_date,start_date,arm,stage,consent,death_date,last_contact\n"
        )
        labs.write("record_id,lab_date,albumin,albumin_unit\n")
        for number in range(1, patients + 1):
            name = f"P{number:07d}"
            start = origin + draw.randrange(1800)
            age = draw.randrange(35 * 365, 84 * 365)
            arm, stage = draw.choice(("new", "old")), draw.choice(("I", "II", "III", "IV"))
            sex = draw.choice(("F", "M", "1", "2", "female", "male"))
            albumin = draw.gauss(39, 5)
            rate = 0.0006 * (0.8 if arm == "new" else 1) * (1 + 0.3 * "IV".count(stage[-1]))
            time = int(draw.expovariate(rate * (1.5 if albumin < 35 else 1))) + 1
            follow = draw.randrange(200, 2500)
            died = time <= follow
            last = start + min(time, follow)
            people.write(
                f"{name},{sex},{written(start - age)},{written(start)},{arm},{stage},"
                f"{'withdrawn' if draw.random() < 0.02 else 'given'},"
                f"{written(last) if died else ''},{written(last)}\n"
            )
            for _ in range(5):
                value = max(12.0, albumin + draw.gauss(0, 2))
                tenths = draw.random() < 0.3
                labs.write(
                    f"{name},{written(start - draw.randrange(60))},"
                    f"{value / 10:.2f},g/dL\n" if tenths else
                    f"{name},{written(start - draw.randrange(60))},{value:.1f},g/L\n"
                )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
