"""Values: `str` and `int` with one rule each, for the fields of commands.

To a type checker an `Email` is a `str`. When data arrives it is checked and stored in one spelling,
so a value can be compared, counted and used as a key. A refusal is one sentence that says what was
expected and never repeats what was sent. The whole list, with examples, is in docs/values.md.

Two functions go with them: `next_fire(cron, after)` and `phone_in(phone, country)`. A text with a
limit of its own is `Annotated[Line, Length(1, 40)]` or `Annotated[Prose, Length(0, 1_200)]`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from mainstem.values._address import email, phone, phone_in, url
from mainstem.values._countries import country
from mainstem.values._rule import Length, Sentence, shown
from mainstem.values._schedule import cron, next_fire
from mainstem.values._text import one_line, prose

__all__ = [
    "Cents",
    "Country",
    "Cron",
    "DayOfMonth",
    "Email",
    "Length",
    "Line",
    "Phone",
    "Prose",
    "Url",
    "next_fire",
    "phone_in",
]

CENTS_MAX = 2**53 - 1  # the largest integer that every JSON reader keeps exact
LINE_CHARACTERS_MAX = 120
PROSE_CHARACTERS_MAX = 10_000

_TRIMMED = StringConstraints(strict=True, strip_whitespace=True)

Line = Annotated[
    str,
    _TRIMMED,
    AfterValidator(one_line),
    Length(1, LINE_CHARACTERS_MAX),
    Sentence("line", "a line has 1 to 120 characters, something to see, and no line break"),
    shown(
        "Tea at four", "It burns", "Ann & Bob <3", "Crème brûlée", "お茶の時間", "👩🏽‍🚒 on call"
    ),
]
"""One line of text, for names and titles: trimmed, composed (NFC), never blank."""

Prose = Annotated[
    str,
    Field(strict=True),
    AfterValidator(prose),
    Length(0, PROSE_CHARACTERS_MAX),
    Sentence("prose", "a text has at most 10000 characters and no control characters"),
    shown("It burns.\nAgain.", "", "  1. tea\n\t2. cake\n", "<b>bold</b> & 'quoted'", "شاي 茶 ☕"),
]
"""A text of any number of lines, kept as written; line breaks become a plain newline."""

Email = Annotated[
    str,
    _TRIMMED,
    AfterValidator(email),
    Sentence("email", "an email address looks like ann@example.org"),
    shown(
        "ann@example.org",
        "bob+tea@mail.example.org",
        "o'hara@example.com",
        "eve_99@xn--bcher-kva.example",
        format="email",
    ),
]
"""An email address, all in lower case, its domain in ASCII (punycode)."""

Phone = Annotated[
    str,
    _TRIMMED,
    AfterValidator(phone),
    Sentence("phone", "a phone number starts with + and its country code, like +66812345678"),
    shown("+66812345678", "+6581234567", "+919876543210", "+12025550123", "+390612345678"),
]
"""A phone number that its country's plan allows, in E.164: a plus sign and at most 15 digits."""

Url = Annotated[
    str,
    _TRIMMED,
    AfterValidator(url),
    Sentence(
        "url", "a web address starts with https:// and a public name, like https://example.org/tea"
    ),
    shown(
        "https://example.org/",
        "https://example.org/tea?with=milk#now",
        "https://hooks.example.org:8443/a%20b",
        "https://xn--bcher-kva.example/",
        format="uri",
    ),
]
"""A web address over https, as a browser would write it, without a user or a password."""

Country = Annotated[
    str,
    _TRIMMED,
    AfterValidator(country),
    Sentence("country", "a country is two letters of ISO 3166-1, like TH"),
    shown("TH", "SG", "IN", "GB", "US"),
]
"""A country's two letters (ISO 3166-1 alpha-2), in capitals."""

Cron = Annotated[
    str,
    _TRIMMED,
    AfterValidator(cron),
    Sentence(
        "cron",
        "a schedule is minute, hour, day, month and weekday of a time that comes, like 0 9 * * 1-5",
    ),
    shown("0 9 * * 1-5", "*/15 * * * *", "0 0 29 2 *", "30 18 L * *", "0 8,20 1-7 JAN-JUN MON"),
]
"""A cron expression of five fields, read in UTC, that fires at least once in fifty years."""

Cents = Annotated[
    int,
    Field(strict=True, ge=0, le=CENTS_MAX),
    Sentence("cents", "an amount is a whole number of cents, 0 or more"),
    shown(0, 1, 1_250, CENTS_MAX),
]
"""An amount of money as whole cents: never a fraction, never below zero."""

DayOfMonth = Annotated[
    int,
    Field(strict=True, ge=1, le=31),
    Sentence("day_of_month", "a day of the month is a whole number from 1 to 31"),
    shown(1, 15, 28, 31),
]
"""A day of the month. What the 31st means in a short month is the domain's to say."""
