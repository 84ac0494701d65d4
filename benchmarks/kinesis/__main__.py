"""The stand-in over HTTP: `python -m benchmarks.kinesis` says where it listens, and does."""

from __future__ import annotations

import uuid
import zlib
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.kinesis.streams import No, Said, Streams
from local.up import Address

MEDIA = "application/x-amz-json-1.1"
TARGET = "Kinesis_20131202."
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def application(streams: Streams) -> Starlette:
    """One address for every action, which a header names."""

    async def act(request: Request) -> Response:
        action = request.headers["x-amz-target"].removeprefix(TARGET)
        try:
            asked: Any = _decode(await request.body())
            return _answer(200, streams.actions[action](asked))
        except No as no:
            return _answer(no.status, {"__type": no.kind, "message": str(no)})

    return Starlette(routes=[Route("/", act, methods=["POST"])])


def _answer(status: int, said: Said) -> Response:
    body = _encode(said)
    told = {"x-amzn-requestid": str(uuid.uuid4()), "x-amz-crc32": str(zlib.crc32(body))}
    return Response(body, status, told, MEDIA)


def main() -> None:
    """Until it is ended."""
    ear = Address(port=0).listening()
    print("http://{}:{}".format(*ear.getsockname()), flush=True)
    config = uvicorn.Config(
        application(Streams()), log_config=None, access_log=False, lifespan="off", ws="none",
        server_header=False, timeout_keep_alive=600,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[ear])


if __name__ == "__main__":
    main()
