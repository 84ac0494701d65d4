"""Statements timed in one Spark session, by a Python that has pyspark and the job's file alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any


def main(asked: Path) -> None:
    from replay.spark_job import session

    spark = session()
    told = json.loads(asked.read_text(encoding="utf-8"))
    spark.read.parquet(told["events"]).createOrReplaceTempView(told["relation"])
    found = {one["name"]: timed(spark, one, told["runs"]) for one in told["statements"]}
    first = next(iter(found.values()))[0]
    seconds = {name: median(times[1:]) for name, times in found.items()}
    print("\n" + json.dumps({"seconds": seconds, "first": first}), flush=True)
    spark.stop()


def timed(spark: Any, one: dict[str, Any], runs: int) -> list[float]:
    """What each run took, the first of which warms up; what comes of it goes nowhere."""
    spark.conf.set("spark.sql.shuffle.partitions", one["partitions"])
    spark.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")
    found = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        spark.sql(one["text"]).write.format("noop").mode("overwrite").save()
        found.append(time.perf_counter() - began)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
