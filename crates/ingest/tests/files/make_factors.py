"""Writes factors.parquet: what R's and Python's Arrow write of factors, small
integers, moments with a time zone, decimals and nested columns.

Made with Python 3 and pyarrow (its version stands in the file): python3 make_factors.py
"""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

moment = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
table = pa.table(
    {
        "sex": pa.array(["F", "M", None]).dictionary_encode(),
        "ecog": pa.array([0, 1, None], pa.int8()),
        "cycles": pa.array([4, 300, None], pa.int16()),
        "lines": pa.array([1, 200, None], pa.uint8()),
        "seen": pa.array([moment, moment, None], pa.timestamp("ns", tz="Asia/Shanghai")),
        "born": pa.array([datetime.date(1950, 2, 28), None, None], pa.date32()),
        "albumin": pa.array([decimal.Decimal("36.50"), None, None], pa.decimal128(6, 2)),
        "scans": pa.array([{"day": 1}, None, None], pa.struct([("day", pa.int32())])),
        "note": pa.array(["a", None, ""], pa.large_string()),
        "none": pa.array([None, None, None], pa.null()),
    }
)
pq.write_table(table, pathlib.Path(__file__).with_name("factors.parquet"))
