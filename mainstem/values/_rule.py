"""What the values are made of: a sentence to refuse with, examples to show, a length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Sentence:
    """Refuses with one sentence, whatever was wrong.

    The reason inside is dropped, since it may quote what was sent, and that may be a secret.
    """

    kind: str
    text: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type=self.kind, custom_error_message=self.text
        )


def shown(*examples: str | int, format: str | None = None) -> Any:
    """Examples in their stored spelling: for the API's page, and for property tests to draw."""
    extra: dict[str, Any] = {} if format is None else {"format": format}
    return Field(examples=list(examples), json_schema_extra=extra)


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a text has once it is in its stored spelling, both ends included."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ValueError(f"Length({self.least}, {self.most}) admits no text: least <= most")

    def check(self, text: str) -> str:
        if self.least <= len(text) <= self.most:
            return text
        limits = {"least": self.least, "most": self.most}
        if self.least == 0:
            raise PydanticCustomError("length", "use at most {most} characters", limits)
        raise PydanticCustomError("length", "use {least} to {most} characters", limits)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "minLength": self.least, "maxLength": self.most}
