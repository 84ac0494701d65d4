"""Fields: what events and commands refuse alike in their class bodies, before pydantic reads them.

pydantic lets a body shadow its methods, believes a default unseen and leaves constants out without
a word; each of these would be missed only when it is too late.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, PydanticUserError, ValidationError

from mainstem._refusal import Mistake

SETTLED = re.compile(r"['\"]*(\w+\.)?(ClassVar|Final)\b")
CLASS = re.compile(r"<class '[\w.]*?(\w+)'>")
LAZY = ("__annotate__", "__annotate_func__")  # since Python 3.14; then pydantic finds it
MADE = ("__init__", "__new__")


def refuse_body(name: str, body: dict[str, Any], owner: type, *, open_to: frozenset[str]) -> None:
    """Everything in a class body is a field or a method, and shadows nothing but `open_to`."""
    annotations = body.get("__annotations__", {})
    lazy = not body.keys().isdisjoint(LAZY)
    for one in (*annotations, *body):
        where = f"{name}.{one}"
        if one.startswith("__") and one not in MADE:
            continue
        if one not in open_to and (one in MADE or hasattr(owner, one)):
            raise Mistake(f"{where}: shadows an attribute of every {owner.__name__.lower()}")
        if SETTLED.match(str(annotations.get(one, ""))):
            raise Mistake(f"{where}: a constant is no field; it goes above the class")
        if one not in annotations and not lazy and not _is_method(body[one]):
            raise Mistake(f"{where}: says no type, so it is no field; a constant goes above")


def _is_method(value: object) -> bool:
    return hasattr(value, "__get__") or isinstance(value, type)


def unread(name: str, wrong: PydanticUserError) -> Mistake:
    """What pydantic can't make a model of, in one line that names the class."""
    text = CLASS.sub(r"\1", wrong.message.partition(". ")[0])
    return Mistake(f"{name}: pydantic can't read a field: {text}")


def refuse_top(cls: type) -> None:
    """A class inside a function or another class is in no file's list, so nothing would know it."""
    if "." in cls.__qualname__:
        raise Mistake(
            f"{cls.__qualname__}: is hidden inside another; it goes to the file's top level"
        )


def refuse_fields(cls: type[BaseModel]) -> None:
    """A field has one name, and a default that is a constant of its own type."""
    for name, info in cls.model_fields.items():
        where = f"{cls.__name__}.{name}"
        if info.alias or info.validation_alias or info.serialization_alias:
            raise Mistake(f"{where}: an alias is a second name, which nobody else knows; drop it")
        if info.default_factory is not None:
            raise Mistake(f"{where}: a default is a constant, or repeating would differ")
    defaults = {n: one.default for n, one in cls.model_fields.items() if not one.is_required()}
    try:
        cls.__pydantic_validator__.validate_python(defaults)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False):
            name = str(error["loc"][0]) if error["loc"] else ""
            if name in defaults:
                text = f"its default {defaults[name]!r} is none: {error['msg']}"
                raise Mistake(f"{cls.__name__}.{name}: {text}") from None
