"""`python -m tests.trino.fetch`: Trino's own jars, by Maven, into a folder that git ignores.

Which they are stands in locks/trino.txt, each with its hash; `--lock` writes it anew. Trino needs a
newer Java than Spark does, so the one that is found is linked to, beside the jars.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT

HOME = ROOT / ".trino"
LOCK = ROOT / "locks" / "trino.txt"
POM = Path(__file__).with_name("pom.xml")
PARTS = {"trino-main": "lib", "trino-hive": "plugin/hive"}  # and where they lie
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
INSTALLED = Path("/usr/lib/jvm")  # where Debian and others put a Java beside the usual one
JAVA_MIN = 24


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", help="write down what is fetched")
    lock = parser.parse_args().lock
    if not lock and not missing():
        return 0
    no = fetched(lock)
    sys.stderr.write(f"Trino: {no}\n" if no else "")
    return 1 if no else 0


def fetched(lock: bool) -> str:
    """What kept it from coming, or ""."""
    java = next(javas(), None)
    if java is None:
        return f"Java {JAVA_MIN} or newer is missing; name it with JAVA_HOME="
    if shutil.which("mvn") is None:
        return "Maven is missing; on Debian and Ubuntu: apt install maven"
    shutil.rmtree(HOME, ignore_errors=True)
    for part, place in PARTS.items():
        asked = [f"-Dpart={part}", "-DincludeScope=runtime", f"-DoutputDirectory={HOME / place}"]
        command = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(POM)]
        if subprocess.run([*command, COPY, *asked], check=False).returncode:
            return f"Maven did not bring {part}"
    if lock:
        LOCK.write_text("\n".join(hashes()) + "\n", encoding="utf-8")
    elif odd := {*hashes()} ^ {*LOCK.read_text("utf-8").splitlines()}:
        return f"what came is not what locks/trino.txt says: {min(odd)}"
    _announce(HOME / PARTS["trino-hive"] / "announced.jar")
    (HOME / "java").symlink_to(java)
    (HOME / "made").write_text(_key(), encoding="utf-8")
    return ""


@cache
def missing() -> str:
    """Why Trino can't be tried here, or ""."""
    made = HOME / "made"
    if not made.is_file() or made.read_text("utf-8") != _key():
        return "Trino is not here, or not as locks/trino.txt has it: `make trino` brings it"
    if version_of(HOME / "java") < JAVA_MIN:
        return f"Java {JAVA_MIN} or newer, which Trino was to run by, is gone: `make trino`"
    return ""


def version() -> str:
    found = re.search(r"<trino\.version>(.+)</trino\.version>", POM.read_text("utf-8"))
    assert found is not None
    return found[1]


def javas() -> Iterator[Path]:
    """Those that are new enough: the one that is named, the usual one, those beside it."""
    usual = shutil.which("java")
    named = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    named += [Path(usual).resolve().parents[1]] if usual else []
    for home in (*named, *sorted(INSTALLED.glob("*"))):
        if version_of(home) >= JAVA_MIN:
            yield home


def version_of(home: Path) -> int:
    """Of the Java in this folder; 0 where there is none."""
    java = home / "bin" / "java"
    if not java.is_file():
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def hashes() -> Iterator[str]:
    for jar in sorted(HOME.glob("**/*.jar")):
        yield f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.relative_to(HOME).as_posix()}"


def _announce(jar: Path) -> None:
    """A plugin is found by what a file says, which its jar, published apart, lacks."""
    with zipfile.ZipFile(jar, "w") as made:
        made.writestr("META-INF/services/io.trino.spi.Plugin", "io.trino.plugin.hive.HivePlugin\n")


def _key() -> str:
    """What is here is what the lock says, in this very folder."""
    return hashlib.sha256(f"{LOCK.read_bytes()!r} {HOME}".encode()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
