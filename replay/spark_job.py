"""A view's rows by Spark: Parquet in, Parquet out. One file, which needs nothing of ours beside it.

`spark-submit` here, EMR Serverless and Glue run it alike; `replay/spark.py` writes what is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    # A sum that is too large is an error, and the size of NULL is NULL. Spark 3 said otherwise.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    # Rows are read some ids at a time: most groups are passed over then.
    "parquet.block.size": "16777216",
}
# Names that begin with two underscores are no event's.
COUNTS = """CAST(`sequence` AS BIGINT) < `__upto`
    OR (CAST(`sequence` AS BIGINT) = `__upto` AND `index` <= `__last`)"""


def main(given: Sequence[str]) -> None:
    """Says in one line of JSON how many rows and ends there are, and after how many seconds."""
    asked = _asked(given)
    spark = session()
    try:
        for one in ("view", "ends", "finished"):
            setattr(asked, one, _read(spark, getattr(asked, one)))
        asked.events = _read(spark, asked.events).splitlines()
        sys.stdout.write(json.dumps(write(spark, **vars(asked))) + "\n")
    finally:
        spark.stop()


def _asked(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--view", required=True, help="its statement, or a file *.sql that has it")
    parser.add_argument("--relation", required=True, help="what the statement calls the events")
    parser.add_argument(
        "--events", required=True, help="Parquet files or folders, one a line, or a *.txt of them"
    )
    parser.add_argument("--rows", required=True, help="a new folder")
    parser.add_argument("--ends", default="", help="a statement of how far each aggregate is")
    parser.add_argument("--ended", default="", help="a new folder for what that says")
    parser.add_argument("--finished", default="", help="a statement of rows as people see them")
    parser.add_argument("--shown", default="", help="a new folder for those, of all events")
    parser.add_argument("--lanes", default="", help="Parquet: up to where an aggregate's count")
    parser.add_argument("--partitions", type=int, help="into how many parts aggregates are dealt")
    known, _ = parser.parse_known_args(given)  # Glue gives each job arguments of its own
    return known


def session() -> SparkSession:
    """The one there is, as on Glue, or a new one."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("mainstem").getOrCreate()
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    return spark


def _read(spark: SparkSession, given: str) -> str:
    """A text, or what is in the file of this name, which may lie on S3."""
    if not given.endswith((".sql", ".txt")):
        return given
    (row,) = spark.read.text(given, wholetext=True).collect()
    return str(row.value)


def write(
    spark: SparkSession, view: str, relation: str, events: Sequence[str], rows: str,
    ends: str = "", ended: str = "", finished: str = "", shown: str = "", lanes: str = "",
    partitions: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Raises, and writes over nothing, where a folder is there already."""
    began = time.monotonic()
    if partitions is not None:
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        spark.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")
    # Days are a column of the files, whatever folders are called.
    found = spark.read.option("recursiveFileLookup", "true").parquet(*events)
    found.createOrReplaceTempView(relation)
    seen = _written(spark, finished, shown)
    if lanes:
        found = found.join(spark.read.parquet(lanes), ["tenant", "id"]).where(COUNTS)
        found.createOrReplaceTempView(relation)
    many, ending = _written(spark, view, rows), _written(spark, ends, ended)
    seconds = round(time.monotonic() - began, 3)
    return {"rows": many, "ends": ending, "shown": seen, "seconds": seconds}


def _written(spark: SparkSession, statement: str, folder: str) -> int:
    """How many rows it has; none of no statement."""
    if not statement:
        return 0
    spark.sql(statement).write.parquet(folder, mode="error")
    return int(spark.read.parquet(folder).count())


if __name__ == "__main__":
    main(sys.argv[1:])
