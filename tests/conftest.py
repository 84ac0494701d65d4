"""What holds for every test: no network, no clock in a verdict, the same examples for all in CI."""

import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.house.network import refuse_network

# A contract is run by other files; its failures must say as much as their own.
pytest.register_assert_rewrite("tests.contracts", "tests.protocol.plant")

sys.addaudithook(refuse_network)

# Whatever runs in the background of a shell that controls no jobs ignores Ctrl-C, and so would all
# that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# "Too slow" is a timing, and a timing is never a verdict.
settings.register_profile(
    "desk", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
