"""Parameters of a query: each known, each once, each read by its rule."""

from __future__ import annotations

from urllib.parse import parse_qsl

from edge.problems import invalid, named

PARAMETERS_MAX = 64


class Parameters:
    """What came after the question mark. Take what is known, then refuse what is left."""

    def __init__(self, query: str) -> None:
        self._left = _read(query) if query else {}

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str) -> str | None:
        """The text of one parameter; None where it was not given."""
        return self._left.pop(name, None)

    def whole(self, name: str, least: int, most: int, default: int) -> int:
        """A whole number within these ends."""
        text = self.take(name)
        if text is None:
            return default
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not digits or not least <= (number := int(text)) <= most:
            raise invalid(name, f"is a whole number from {least} to {most}")
        return number

    def refuse_others(self, known: str = "none") -> None:
        """What nobody took is no parameter of this place."""
        for name in self._left:
            raise invalid(named(name), f"is no parameter here; there are: {known}")


def _read(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX
        )
    except UnicodeDecodeError:
        raise invalid("query", "is no UTF-8") from None
    except ValueError:
        raise invalid("query", f"has more than {PARAMETERS_MAX} parameters") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise invalid(named(name), "stands twice")
        if "\0" in value:
            raise invalid(named(name), "holds U+0000, which some stores cut at")
        found[name] = value
    return found
