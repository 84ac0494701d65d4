"""What tests of the applications share: the body of a yes, the words of a no, rows as they are."""

from __future__ import annotations

import json
from typing import Any

from httpx import Response

from mainstem.protocol.drive import drive
from tests.http.house import House


def yes(answer: Response) -> Any:
    """What an answer says that is none of the refusals."""
    assert answer.is_success, answer.text
    return answer.json()


def no(answer: Response, status: int) -> str:
    """The words of a refusal with this status."""
    assert answer.status_code == status, answer.text
    words: str = answer.json()["detail"]
    return words


def wrong(answer: Response) -> list[str]:
    """What was wrong with a request, by name."""
    assert answer.status_code == 400, answer.text
    return [flaw["at"] for flaw in answer.json()["errors"]]


def seen(house: House, path: str, by: str = "ann", *roles: str) -> Any:
    """A row or a list, once all that happened shows in it."""
    return yes(house.caught_up().read(path, by, *roles))


def listed(house: House, path: str, by: str = "ann", *roles: str) -> list[str]:
    """The ids of a list, in its order."""
    return [row["id"] for row in seen(house, path, by, *roles)["rows"]]


def due(house: House, domain: str, id: str) -> list[dict[str, Any]]:
    """The effects that follow from what happened to one of a domain, as they wait to be done."""
    waiting = drive(house.caught_up().ports.intents.waiting(0, 10_000))
    mine = [one for _, one in waiting if (one.aggregate.domain, one.aggregate.id) == (domain, id)]
    return [json.loads(one.effect) for one in mine]
