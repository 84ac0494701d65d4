"""The language of a domain: events, states and views made of folds, commands, reactions.

A domain is one file. Read top to bottom it is the specification; everything else follows from it.
"""

from typing import TYPE_CHECKING, Any

from mainstem._connect import connect as connect

if TYPE_CHECKING:
    from mainstem._language import *  # noqa: F403  (its __all__ says which)
    from mainstem._language import __all__ as __all__
else:

    def __getattr__(name: str) -> Any:
        """Loads the language when it is spoken: who only carries envelopes needs none of it."""
        from importlib import import_module

        language = import_module("mainstem._language")
        if not hasattr(language, name):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals().update({one: getattr(language, one) for one in ("__all__", *language.__all__)})
        return getattr(language, name)
