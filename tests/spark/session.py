"""Many statements in one Spark session: each line of one file asks, and one of another answers.

`spark-submit` runs it, by a Python that knows nothing of ours but the job's file.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

AT_ONCE = 2  # planning a statement keeps one core busy


def main(asked: Path, answers: Path) -> None:
    from replay.spark_job import session

    spark = session()
    lines = asked.read_text(encoding="utf-8").splitlines()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [*pool.map(lambda line: json.dumps(tried(spark, json.loads(line))), lines)]
    answers.write_text("\n".join(found), encoding="utf-8")
    spark.stop()


def tried(spark: Any, asked: Any) -> dict[str, Any]:
    """In a session of its own: another one asks of a relation of the same name just now."""
    from replay.spark_job import SETTINGS, write

    own = spark.newSession()
    for name, value in SETTINGS.items():
        own.conf.set(name, value)
    try:
        return write(own, **asked)
    except Exception as no:  # noqa: BLE001  whatever Spark says is for the test to tell
        return {"error": str(no)}


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
