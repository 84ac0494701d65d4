"""What the document says is what is answered: whatever is sent, no 500 and nothing undocumented."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation.hypothesis import setup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from local.asgi import pages
from tests.http.house import DOMAINS, House, signed

pytestmark = pytest.mark.slow
EXAMPLES = 25
ROLES = ("operator", "producer", "analyst", "worker", "org", "payments", "accounts")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
# It would change how hypothesis shows examples, for every test that this process runs later.
setup._is_patched = True  # type: ignore[attr-defined]
API = schemathesis.openapi.from_dict(dict(pages(DOMAINS, "7")))
KNOWN = "0"
OPERATIONS = [found.ok() for found in API.get_all_operations() if isinstance(found, Ok)]
CASES = [
    pytest.param(one, mode, id=f"{one.label} {mode.value}")
    for one in OPERATIONS
    for mode in GenerationMode
    # Where nothing can be said, nothing wrong can be.
    if mode is GenerationMode.POSITIVE or [*one.iter_parameters(), *one.body]
]


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """Text as it is: one line or many."""
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def furnished(hasty: House) -> House:
    """A house in which something is there to be found."""
    for path, body in (
        (f"/v1/tickets/{KNOWN}/submit", {"title": "It burns"}),
        (f"/v1/channels/{KNOWN}/create", {"name": "tea talk"}),
        (f"/v1/rooms/{KNOWN}/create", {"name": "Attic"}),
        (f"/v1/meetups/{KNOWN}/draft", {"title": "Tea", "starts_at": "2027-06-01T16:00:00Z"}),
    ):
        hasty.ask(path, body)
    return hasty.caught_up()


def test_nothing_of_the_document_is_left_out() -> None:
    paths = pages(DOMAINS, "7")["paths"]
    assert len(OPERATIONS) == sum(len(operations) for operations in paths.values())


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_every_answer_is_documented_and_none_is_our_mistake(
    operation: Any, mode: GenerationMode, furnished: House
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def asked(case: Any, known: bool) -> None:
        if known and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = KNOWN  # strangers meet nothing that exists
        answer = case.call(base_url=furnished.address, headers=signed("ann", *ROLES))
        case.validate_response(answer, checks=CHECKS)

    asked()
