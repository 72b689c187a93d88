"""Cleans the same files with polars alone: the limit to measure against.

    python3 bare_polars.py FOLDER     (needs the wheel `polars`)
"""

import sys
import time

import polars as pl

folder = sys.argv[1]
started = time.monotonic()


def day(column: str) -> pl.Expr:
    text = pl.col(column)
    iso = text.str.to_date("%Y-%m-%d", strict=False)
    return iso.fill_null(text.str.to_date("%d/%m/%Y", strict=False)).alias(column)


labs = (
    pl.scan_csv(f"{folder}/labs.csv")
    .with_columns(
        day("lab_date"),
        pl.when(pl.col("albumin_unit") == "g/dL").then(pl.col("albumin") * 10).otherwise(pl.col("albumin")),
    )
    .group_by("record_id")
    .agg(pl.len().alias("samples"), pl.col("albumin").min().alias("lowest_albumin"))
)
sexes = {"F": "female", "2": "female", "female": "female", "M": "male", "1": "male", "male": "male"}
dates = ("birth_date", "start_date", "death_date", "last_contact")
patients = (
    pl.scan_csv(f"{folder}/patients.csv", schema_overrides={"sex": pl.String})
    .with_columns(*(day(column) for column in dates), pl.col("sex").replace_strict(sexes, default=None))
    .join(labs, on="record_id", how="left")
    .filter(pl.col("consent") != "withdrawn")
    .with_columns(
        ((pl.col("start_date") - pl.col("birth_date")).dt.total_days() / 365.25).alias("age"),
        pl.col("death_date").is_not_null().alias("os_event"),
        (pl.col("death_date").fill_null(pl.col("last_contact")) - pl.col("start_date")).dt.total_days().alias("os_days"),
    )
    .collect()
)
print(f"{'clean':<10} {time.monotonic() - started:7.2f} s  {patients.height} patients")
