"""What a view declares is kept as JSON, and the same in each process."""

from __future__ import annotations

import json

import pytest

from mainstem.discovery import discover
from mainstem.fingerprint import declared
from mainstem.sink import Sink, sinks_of
from replay.declared import changes, told
from tests.cli.desk import DOMAINS


@pytest.mark.parametrize("sink", sinks_of(discover(DOMAINS)), ids=lambda sink: sink.name)
def test_what_is_kept_is_what_a_fingerprint_is_made_of(sink: Sink) -> None:
    assert json.loads(told(sink.state)) == json.loads(json.dumps(declared(sink.state)))
    assert "object at 0x" not in told(sink.state)
    assert changes(told(sink.state), sink.state) == []
