"""Before: jars as the release before folded them, for code of two versions side by side.

It is the same file but for what it counts: whoever takes has a turn as well, and a jar counts it.
"""

from __future__ import annotations

import inspect
import sys
from functools import cache
from types import ModuleType

from mainstem.discovery import Domain, domain_of
from mainstem.sim import jars

NOW, THEN = "count(Filled)", "count(Filled, Taken)"


@cache
def domain() -> Domain:
    """Jars, folded otherwise; what happens and what may be asked is the same."""
    source = inspect.getsource(jars)
    assert NOW in source
    module = ModuleType(f"{__name__}.jars")
    sys.modules[module.__name__] = module  # where annotations are looked up
    exec(compile(source.replace(NOW, THEN), jars.__file__, "exec"), vars(module))  # noqa: S102
    return domain_of(module)
