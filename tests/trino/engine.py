"""Trino as the tests have it: one server for many statements, over Parquet in one folder."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from mainstem import State
from mainstem._kind import Sort
from mainstem.sql._finish import public
from tests.spark.engine import Asked, Row, rows_in
from tests.trino.fetch import HOME, version

TYPES = {
    pa.string(): "varchar", pa.int64(): "bigint", pa.int32(): "integer", pa.float64(): "double",
    pa.bool_(): "boolean", pa.date32(): "date",
}  # fmt: skip
MAIN = Path(__file__).with_name("Main.java")
JAVA = (
    *("-Xmx2g", "-Dfile.encoding=UTF-8", "-Djdk.attach.allowAttachSelf=true"),
    *("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"),
    "--sun-misc-unsafe-memory-access=allow",
    # Statements are many and small: what compiles them longer doesn't pay.
    *("-XX:TieredStopAtLevel=1", "-Dnode.environment=test", "-Dconfig=etc/config.properties"),
)
SETTINGS = """\
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
discovery.uri=http://127.0.0.1:{port}
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
node.environment=test
node.id=local
plugin.dir={plugins}
catalog.config-dir=etc/catalog
query.max-memory=1GB
query.max-memory-per-node=1GB
memory.heap-headroom-per-node=500MB
"""
CATALOG = """\
connector.name=hive
hive.metastore=file
hive.metastore.catalog.dir=local:///metastore
hive.security=allow-all
fs.native-local.enabled=true
local.location={root}
"""
STARTING = ("SERVER_STARTING_UP", "NO_NODES_AVAILABLE", "503:")
STARTS_S_MAX = 240
ANSWERS_S_MAX = 600


class No(Exception):
    """What Trino says is wrong with a statement."""


class Server:
    """A running Trino, and the folder that it knows files of."""

    def __init__(self, root: Path, port: int) -> None:
        self.root, self.port = root, port
        self.tables: dict[tuple[Path, ...], str] = {}
        self.made = 0

    def ask(self, statement: str, schema: str = "rows") -> list[list[Any]]:
        """The rows of a statement. Raises No."""
        found: list[list[Any]] = []
        said = self._call("POST", "/v1/statement", statement, schema)
        while True:
            if "error" in said:
                raise No(f"{said['error']['errorName']}: {said['error']['message']}")
            found += said.get("data", [])
            if "nextUri" not in said:
                return found
            said = self._call("GET", urlsplit(said["nextUri"]).path)

    def _call(self, method: str, path: str, body: str = "", schema: str = "") -> Any:
        headers = {"X-Trino-User": "test", "X-Trino-Catalog": "lake", "X-Trino-Schema": schema}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWERS_S_MAX)
        try:
            connection.request(method, path, body.encode(), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise No(f"{answer.status}: {text[:200]!r}")
        return json.loads(text)

    def table(self, name: str, files: Sequence[Path]) -> str:
        """The schema in which a table of this name is of these files."""
        schema = self.tables.get((*files,))
        if schema is None:
            schema = self.tables[*files,] = f"events_{len(self.tables)}"
            (folder,) = {one.parent for one in files}
            columns = ", ".join(
                f'"{one.name}" {_type(one.type)}' for one in pq.read_schema(files[0])
            )
            place = f"local:///{folder.relative_to(self.root).as_posix()}"
            self.ask(f"CREATE SCHEMA {schema}")
            self.ask(
                f'CREATE TABLE {schema}."{name}" ({columns})'
                f" WITH (format = 'PARQUET', external_location = '{place}')"
            )
        return schema

    def rows(self, one: Asked) -> list[Row]:
        """What it asks for, by way of Parquet files. Raises No."""
        schema = self.table(one.relation, one.files)
        self.made += 1
        name, text = f"made_{self.made}", one.text("trino")
        self.ask(f"CREATE TABLE rows.{name} WITH (format = 'PARQUET') AS {text}", schema)
        found = rows_in(self.root / "metastore" / "rows" / name, one.view)
        return [ordered(one.view, row) for row in found]


@contextmanager
def started(root: Path) -> Iterator[Server]:
    """A server of its own, which is gone afterwards."""
    work, port = root / "server", _free()
    (work / "etc" / "catalog").mkdir(parents=True)
    settings = SETTINGS.format(port=port, plugins=HOME / "plugin")
    (work / "etc" / "config.properties").write_text(settings, encoding="utf-8")
    (work / "etc" / "catalog" / "lake.properties").write_text(
        CATALOG.format(root=root), encoding="utf-8"
    )
    java = str(HOME / "java" / "bin" / "java")
    command = [java, *JAVA, "-cp", str(HOME / "lib" / "*"), str(MAIN), version()]
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=work, stdout=log, stderr=log)
    try:
        server = Server(root, port)
        _wait(server, process, work / "log")
        yield server
    finally:
        process.kill()
        process.wait()


def folded(root: Path, asked: Sequence[Asked]) -> Iterator[list[Row] | str]:
    """What it says to each, by a server of its own."""
    with started(root) as server:
        for one in asked:
            yield said(server, one)


def said(server: Server, one: Asked) -> list[Row] | str:
    """The rows that it asks for, or what Trino says is wrong with its statement."""
    try:
        return server.rows(one)
    except No as no:
        return str(no)


def ordered(state: type[State], row: Row) -> Row:
    """Its maps by key, inner ones too: Trino's have no order."""
    found = dict(row)
    for one in public(state):
        if one.kind.sort is Sort.ROWS:
            pairs = sorted(row[one.name].items())
            found[one.name] = {key: ordered(one.kind.row, inner) for key, inner in pairs}
    return found


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until a table can be made: a server says sooner that it is there."""
    late = time.monotonic() + STARTS_S_MAX
    while True:
        try:
            server.ask("CREATE SCHEMA IF NOT EXISTS rows")
            server.ask("CREATE TABLE IF NOT EXISTS rows.ready AS SELECT 1 AS one")
        except (No, OSError) as no:
            starting = isinstance(no, OSError) or str(no).startswith(STARTING)
            if not starting or process.poll() is not None or time.monotonic() > late:
                raise No(f"it doesn't start: {log.read_text('utf-8', 'replace')[-4_000:]}") from no
            time.sleep(0.2)
        else:
            return


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"array({_type(kind.value_type)})"
    return TYPES[kind]
