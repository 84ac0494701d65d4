"""A bare JSON route of Starlette, on uvicorn set as in `mainstem up`: what HTTP costs by itself."""

from __future__ import annotations

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.up import Address


def application(body: str) -> Starlette:
    """One route, with a name in its path."""
    said = json.loads(body)

    async def ticket(request: Request) -> JSONResponse:
        return JSONResponse({**said, "id": request.path_params["id"]})

    return Starlette(routes=[Route("/v1/ticket/{id}", ticket)])


def main(body: str) -> None:
    """Serves until it is ended, and says where."""
    ear = Address(port=0).listening()
    print("http://{}:{}".format(*ear.getsockname()), flush=True)
    config = uvicorn.Config(
        application(body), log_config=None, access_log=False, lifespan="off", ws="none",
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[ear])


if __name__ == "__main__":
    main(sys.argv[1])
