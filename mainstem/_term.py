"""Terms: what the author of a domain wrote, `Submitted.title` or `comments > 3`, not yet read.

A term names a value that exists only later, once per event or per row. Operators build larger
terms; whatever would read the value now (an `if`, an f-string, a loop) is refused on the spot. What
a term means is settled when its class is complete: see _expr.py.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from mainstem._refusal import Mistake


class Term:
    """A value that is named, not yet read."""

    def _op(self, sign: str, *others: Any) -> OpTerm:
        return OpTerm(sign, (self, *others))

    def __eq__(self, other: object) -> Any:
        return self._op("==", other)

    def __ne__(self, other: object) -> Any:
        return self._op("!=", other)

    def __lt__(self, other: Any) -> Any:
        return self._op("<", other)

    def __le__(self, other: Any) -> Any:
        return self._op("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._op(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._op(">=", other)

    def __and__(self, other: Any) -> Any:
        return self._op("&", other)

    def __rand__(self, other: Any) -> Any:
        return OpTerm("&", (other, self))

    def __or__(self, other: Any) -> Any:
        return self._op("|", other)

    def __ror__(self, other: Any) -> Any:
        return OpTerm("|", (other, self))

    def __add__(self, other: Any) -> Any:
        return self._op("+", other)

    def __radd__(self, other: Any) -> Any:
        return OpTerm("+", (other, self))

    def __sub__(self, other: Any) -> Any:
        return self._op("-", other)

    def __rsub__(self, other: Any) -> Any:
        return OpTerm("-", (other, self))

    def __mul__(self, other: Any) -> Any:
        return self._op("*", other)

    def __rmul__(self, other: Any) -> Any:
        return OpTerm("*", (other, self))

    def __floordiv__(self, other: Any) -> Any:
        return self._op("//", other)

    def __rfloordiv__(self, other: Any) -> Any:
        return OpTerm("//", (other, self))

    def __mod__(self, other: Any) -> Any:
        return self._op("%", other)

    def __rmod__(self, other: Any) -> Any:
        return OpTerm("%", (other, self))

    def __neg__(self) -> Any:
        return self._op("neg")

    def __truediv__(self, other: Any) -> NoReturn:
        raise Mistake(f"{name_of(self)} / {name_of(other)}: engines round differently; say //")

    __rtruediv__ = __truediv__
    __hash__ = object.__hash__

    def _no_value(self, *_: Any) -> NoReturn:
        raise Mistake(
            f"{name_of(self)} names a value that doesn't exist yet: no `if`, `and`, `or`, `not`, "
            "`in`, f-string, loop, index or call can read it here; "
            "say &, |, not_(…), case(…), size(…)"
        )

    def _no_operator(self, *_: Any) -> NoReturn:
        raise Mistake(
            f"{name_of(self)}: a fold knows + - * // %, comparisons, &, | and not_(…), which mean "
            "the same to every engine"
        )

    __pow__ = __rpow__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = _no_operator
    __rshift__ = __rrshift__ = __matmul__ = __rmatmul__ = __divmod__ = __rdivmod__ = _no_operator
    __pos__ = __round__ = _no_operator

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(
                f"{name_of(self)}.{name}: {name_of(self)} names a value that doesn't exist yet, "
                "so it has no methods; only `decide` has values at hand"
            )

    __bool__ = __str__ = __format__ = __iter__ = __len__ = __contains__ = _no_value
    __int__ = __float__ = __index__ = __call__ = __getitem__ = __invert__ = __abs__ = _no_value


class OpTerm(Term):
    """An operator over terms and constants; `options` are what is not a term."""

    name = ""  # once it is a column

    def __init__(self, sign: str, args: tuple[Any, ...], **options: Any) -> None:
        self.sign, self.args, self.options = sign, args, options

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name or self.spelled()

    def spelled(self) -> str:
        """As it was written, for messages about it."""
        if len(self.args) == 2 and not self.sign.isalpha():
            return f"({name_of(self.args[0])} {self.sign} {name_of(self.args[1])})"
        called = self.options.get("name", self.sign)
        return f"{called}({', '.join(name_of(arg) for arg in self.args)})"


class FieldTerm(Term):
    """`Submitted.title`: a field of an event."""

    def __init__(self, event: Any, name: str) -> None:
        self.event, self.name = event, name

    def __repr__(self) -> str:
        return f"{self.event.__name__}.{self.name}"


class StampTerm(Term):
    """`at(Submitted)`, `by(Submitted)`: what the envelope says of an event."""

    def __init__(self, event: Any, name: str) -> None:
        self.event, self.name = event, name

    def __repr__(self) -> str:
        return f"{self.name}({name_of(self.event)})"


class SaysTerm(Term):
    """`says("live", Published)`: a constant that an event stands for."""

    def __init__(self, event: Any, value: Any) -> None:
        self.event, self.value = event, value

    def __repr__(self) -> str:
        return f"says({name_of(self.value)}, {name_of(self.event)})"


class Several(Term):
    """One term for each of several events: fit for a fold, not for an operator."""

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self.terms = terms

    def __repr__(self) -> str:
        return ", ".join(map(repr, self.terms))


class ColumnTerm(Term):
    """`Ticket.title`: a column of a state, finished."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name

    def __repr__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"


def name_of(value: object) -> str:
    """A term or constant in words, for messages."""
    if isinstance(value, (type, FunctionType)):
        return value.__name__
    if isinstance(value, tuple):
        return f"({', '.join(map(name_of, value))})"
    if isinstance(value, list):
        return f"[{', '.join(map(name_of, value))}]"
    return repr(value)
