"""Every value beside a table of what it stores and what it refuses, chosen with malice."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from json import dumps
from pathlib import Path
from typing import Annotated, Any, NamedTuple, assert_type, get_args

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mainstem import values
from mainstem.values import Cents, Cron, Email, Length, Line, Phone, Prose, next_fire, phone_in
from mainstem.values._countries import COUNTRIES

ASIAN = "BD CN HK ID IN JP KH KR LK MY PH SG TH VN"
DOCS = Path(__file__).parents[2] / "docs" / "values.md"


class Table(NamedTuple):
    sentence: str
    stored: dict[Any, Any]
    refused: tuple[Any, ...]


TABLES = {
    "Email": Table(
        "an email address looks like ann@example.org",
        {
            "Ann.O'Hara@Example.ORG": "ann.o'hara@example.org",
            "  ann@example.org\r\n": "ann@example.org",
            "+ann@example.org": "+ann@example.org",
            "ann@bücher.example": "ann@xn--bcher-kva.example",
            "ann@XN--BCHER-KVA.example": "ann@xn--bcher-kva.example",
            "ann@\uff45xample\u3002org": "ann@example.org",  # full width, read as browsers do
            "ann@ex\u0430mple.org": "ann@xn--exmple-4nf.org",  # a Cyrillic a can't pass for ours
            "a" * 64 + "@example.org": "a" * 64 + "@example.org",
        },
        (
            *("", "ann", "ann@", "@example.org", "ann@localhost", "ann@example", "a@@example.org"),
            *("a..b@example.org", ".ann@example.org", "ann@example..org", "ann@-example.org"),
            *("Ann <ann@example.org>", "mailto:ann@example.org", '"ann b"@example.org'),
            *("ann@example.org\nBcc: eve@example.org", "ann@example.org,bob@example.org"),
            *("\u0430nn@example.org", "\u212aim@example.org", "ann\u200b@example.org"),
            *("\u202eann@example.org", "ann\uff20example.org", "ann@a\0.org", "ann\ud800@a.org"),
            *("ann@[127.0.0.1]", "ann@127.0.0.1", "a" * 65 + "@example.org", "ann@example.test"),
            *("ann@" + "a" * 64 + ".org", "a@" + "b." * 130 + "org", b"ann@example.org", None, 7),
        ),
    ),
    "Phone": Table(
        "a phone number starts with + and its country code, like +66812345678",
        {
            "+66 81 234 5678": "+66812345678",
            "+66 (0)81-234-5678": "+66812345678",
            "+660812345678": "+66812345678",  # the zero is dialled inside the country only
            "+39 06 1234 5678": "+390612345678",  # Italy's zero is part of the number
            "+1 (202) 555-0123": "+12025550123",
            "+65.8123.4567": "+6581234567",
            "\t+84 91 234 56 78\n": "+84912345678",
            "+800 1234 5678": "+80012345678",  # no country's: rung free from anywhere
        },
        (
            *("", "+", "+66", "0812345678", "66812345678", "0066812345678", "+0066812345678"),
            *("+999123456789", "+6681234567890", "+8100378869073662585", "+1 202 155 0123"),
            *("+1-800-FLOWERS", "+66812345678;ext=5", "tel:+66812345678", "+66812345678 x5"),
            *("+\uff16\uff1612345678", "+\u0666\u066612345678", "\uff0b66812345678"),
            *("+66\u00a0812345678", "+66\u202e812345678", "+6681\n2345678", "+66812345678\0"),
            *("+66" + " " * 40 + "812345678", "ring +66812345678", "++66812345678", 66, None),
        ),
    ),
    "Url": Table(
        "a web address starts with https:// and a public name, like https://example.org/tea",
        {
            "https://example.org": "https://example.org/",
            "HTTPS://Example.ORG:443/Tea": "https://example.org/Tea",
            "https://example.org/a/./b/../c": "https://example.org/a/c",
            "https://bücher.example/ü": "https://xn--bcher-kva.example/%C3%BC",
            "https://ex\u0430mple.org/": "https://xn--exmple-4nf.org/",
            "https://example.org:8443/?q=1#now": "https://example.org:8443/?q=1#now",
            " https://example.org/\n": "https://example.org/",
            "https://example.org/\u202egpj.exe": "https://example.org/%E2%80%AEgpj.exe",
        },
        (
            *("", "example.org", "https://", "https:example.org", "//example.org", "https:/a.org"),
            *("http://example.org", "javascript:alert(1)", "ftp://example.org", "file:///hosts"),
            *("https://ann:tea@example.org", "https://ann@example.org", "https://a.org@127.1"),
            *("https://localhost/", "https://127.0.0.1/", "https://2130706433", "https://0x7f.1"),
            *("https://[::1]/", "https://.", "https://a..b.org", "https://example.org./"),
            *("https:\\\\example.org", "https://example.org\\@evil.org", "https://exa\nmple.org"),
            *("https://exam ple.org", "https://example.org/a b", "https://a.org/\0", None, b"a"),
            *("https://a.org/" + path for path in ("a" * 2048, "ü" * 400, "b/../" * 500)),
        ),
    ),
    "Line": Table(
        "a line has 1 to 120 characters, something to see, and no line break",
        {
            "\t Tea at four \n": "Tea at four",
            "cre\u0300me": "cr\u00e8me",
            "\u212bngstro\u0308m": "\u00c5ngstr\u00f6m",
            "<script>alert('tea')</script>": "<script>alert('tea')</script>",
            "\u0646\u06cc\u0645\u200c\u0641\u0627": "\u0646\u06cc\u0645\u200c\u0641\u0627",
            "\U0001f469\u200d\U0001f692": "\U0001f469\u200d\U0001f692",
            "x" * 120: "x" * 120,
            " " * 500 + "tea": "tea",
        },
        (
            *("", " ", "\n", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u2800", "\u3164", "\u200d"),
            *("tea\nBcc: eve@example.org", "tea\rcake", "tea\u2028cake", "tea\x85!", "tea\tcake"),
            *("tea\0", "\0", "tea\x1b[31m", "tea\x7f", "tea\x9b31m", "tea\ud800", "\udfff"),
            *("\u202eaet", "\u202atea\u202c", "tea\u2066", "tea\u2069", b"tea", 7, None, ["tea"]),
            *("x" * 121, "\u0958" * 61),  # U+0958 is two characters once composed
        ),
    ),
    "Prose": Table(
        "a text has at most 10000 characters and no control characters",
        {
            "": "",
            "  tea\n\tcake  \n": "  tea\n\tcake  \n",
            "tea\rcake\r\r\n": "tea\ncake\n\n",
            "tea\u2028cake\u2029\x85": "tea\ncake\n\n",
            "cre\u0300me": "cre\u0300me",
            "\u202eaet\u202c": "\u202eaet\u202c",
            "x" * 10_000: "x" * 10_000,
            "\r\n" * 10_000: "\n" * 10_000,
        },
        (
            *("\0", "tea\0cake", "tea\x1b[2J", "tea\x08", "tea\x7f", "tea\x0b", "tea\x0c", "\x9b"),
            *("\ud800", "tea\udfff", "\ud83d\ude00", "x" * 10_001, b"tea", 7, None, ["tea"]),
        ),
    ),
    "Country": Table(
        "a country is two letters of ISO 3166-1, like TH",
        {one: one.strip().upper() for one in ("TH", "th", "tH", " sg\n", "GB", "cw", "AX", "ss")},
        (
            *("", "T", "THA", "XX", "ZZ", "UK", "EU", "XK", "AN", "SU", "66", "T H", "T\0", "T\nH"),
            *("\uff34\uff28", "\u0422\u041d", "\u1e9e", "\u00df", "\u017fg", "TH\u200b", b"TH", 66),
        ),
    ),
    "Cron": Table(
        "a schedule is minute, hour, day, month and weekday of a time that comes, like 0 9 * * 1-5",
        {
            "0 9 * * 1-5": "0 9 * * 1-5",
            "  0\t9  *   *\t1-5\n": "0 9 * * 1-5",
            "*/15 8-18/2 1,15 jan-jun mon": "*/15 8-18/2 1,15 JAN-JUN MON",
            "0 0 29 2 *": "0 0 29 2 *",
            "0 0 29 2 */7": "0 0 29 2 */7",  # a leap day on a Sunday: once in 28 years
            "0 0 31 2 1": "0 0 31 2 1",  # the 31st or a Monday: Mondays come
            "0 0 l * 5L": "0 0 L * 5L",
            "0 0 * * MON#5": "0 0 * * MON#5",
        },
        (
            *("", "* * * *", "* * * * * *", "@daily", "60 * * * *", "* 24 * * *", "* * 0 * *"),
            *("* * 32 * *", "* * * 13 *", "* * * * 8", "-1 * * * *", "*/0 * * * *", "5-1 * * * *"),
            *("0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 */31 * MON#2", "* * L-3 * *"),
            *("* * * feb-jan *", "1,,2 * * * *", ", * * * *", "*/ * * * *", "? * * * *", b"x", 5),
            *("\u0665 * * * *", "\uff15 * * * *", "* * * * \u017fun", "*\u00a0* * * *", None),
            *("0 9 * * 1\n0 9 * * 2", "* * * * *\0", "* * * *" + " " * 200 + "*", "* * * * * sh"),
        ),
    ),
    "Cents": Table(
        "an amount is a whole number of cents, 0 or more",
        {n: n for n in (0, 1, 7, 99, 100, 1_250, 2**31, 2**53 - 1)},
        (
            *(-1, -(2**53), 2**53, 2**64, 10**400, 1.0, 0.5, float("nan"), float("inf"), True),
            *("1", "\uff11", b"1", Decimal(1), None),
        ),
    ),
    "DayOfMonth": Table(
        "a day of the month is a whole number from 1 to 31",
        {n: n for n in (1, 2, 3, 15, 28, 29, 30, 31)},
        (0, -1, 32, 2**64, 1.0, 1.5, "1", "31", True, b"1", None),
    ),
}
DECLARED = {name: getattr(values, name) for name in TABLES}
TEXTS = {name: value for name, value in DECLARED.items() if get_args(value)[0] is str}


def rows(of: str) -> list[Any]:
    return [
        pytest.param(name, sent, id=f"{name}-{n}-{ascii(sent)[:30]}")
        for name, table in TABLES.items()
        for n, sent in enumerate(getattr(table, of))
    ]


def validate(value: Any, sent: object) -> Any:
    return TypeAdapter(value).validate_python(sent)


def refusal(value: Any, sent: object) -> str:
    with pytest.raises(ValidationError) as refused:
        validate(value, sent)
    (error,) = refused.value.errors()
    return error["msg"]


def examples(value: Any) -> list[Any]:
    return list(TypeAdapter(value).json_schema()["examples"])


def test_every_value_has_a_table() -> None:
    assert {name for name in values.__all__ if get_args(getattr(values, name))} == set(TABLES)
    assert all(len(t.stored) >= 8 and len(t.refused) >= 8 for t in TABLES.values())


@pytest.mark.parametrize(("name", "sent"), rows("stored"))
def test_a_value_is_stored_in_one_spelling(name: str, sent: Any) -> None:
    kept = validate(DECLARED[name], sent)
    assert (kept, type(kept)) == (TABLES[name].stored[sent], type(sent))
    assert validate(DECLARED[name], kept) == kept


@pytest.mark.parametrize(("name", "sent"), rows("refused"))
def test_a_refusal_is_one_sentence_for_people(name: str, sent: Any) -> None:
    assert refusal(DECLARED[name], sent) == TABLES[name].sentence


@pytest.mark.parametrize("value", DECLARED.values(), ids=DECLARED)
def test_examples_are_in_their_stored_spelling(value: Any) -> None:
    assert len(examples(value)) >= 4
    assert [validate(value, one) for one in examples(value)] == examples(value)


ODD = "@.+-_:/\\*,L# \t\n\r\0\x1b\u202e\u200b\u0301\uff10\u0130\u212a\xdf\u017f"
ANY_CHARACTER = st.characters() | st.sampled_from(ODD)


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """An example of some value with a few characters cut out, put in or repeated."""
    text: str = draw(st.sampled_from([one for value in TEXTS.values() for one in examples(value)]))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 3))
        text = text[:start] + draw(st.text(ANY_CHARACTER, max_size=3)) + text[end:]
    return text * draw(st.sampled_from([1, 1, 1, 2, 5_000]))


@pytest.mark.parametrize("value", TEXTS.values(), ids=TEXTS)
@settings(max_examples=200)
@given(sent=st.text(ANY_CHARACTER) | near_misses())
@example(sent="\ud800@\udfff")
@example(sent="+" * 100_000)
@example(sent="a" * 100_000 + "@" + "a." * 100_000)
@example(sent="https://" + "a." * 100_000)
@example(sent="* " * 100_000)
def test_any_text_is_stored_for_good_or_refused(value: Any, sent: str) -> None:
    try:
        kept = validate(value, sent)
    except ValidationError:
        return
    assert validate(value, kept) == kept
    assert "\0" not in kept
    kept.encode()


@given(st.text(ANY_CHARACTER, max_size=5), st.text(ANY_CHARACTER, max_size=5))
def test_any_text_is_a_phone_of_some_country_or_not(phone: str, country: str) -> None:
    assert not phone_in(phone, country)


def test_a_phone_belongs_to_its_country_alone() -> None:
    assert phone_in("+66812345678", "TH")
    assert not phone_in("+66812345678", "SG")
    assert phone_in("+77012345678", "KZ")  # shares +7 with Russia
    assert not phone_in("+77012345678", "RU")
    assert not phone_in("+80012345678", "TH")


@pytest.mark.parametrize("country", ASIAN.split())
def test_an_asian_mobile_is_a_phone_of_its_country(country: str) -> None:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert number
    spoken = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    assert phone_in(validate(Phone, spoken), country)


def test_the_countries_are_those_of_the_standard() -> None:
    assert len(COUNTRIES) == 249
    reserved = {"AC", "TA", "XK"}  # have phones, but no code of their own in ISO 3166-1
    assert reserved == phonenumbers.SUPPORTED_REGIONS - COUNTRIES


NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)  # a Friday
AGES = st.datetimes(max_value=datetime.fromisoformat("9000-01-01"), timezones=st.just(UTC))
FIRES = (
    ("0 9 * * 1-5", NOON, "2024-05-06T09:00Z"),
    ("0 12 * * *", NOON, "2024-05-04T12:00Z"),
    ("0 12 * * *", NOON - timedelta(microseconds=1), "2024-05-03T12:00Z"),
    ("0 12 * * *", NOON + timedelta(microseconds=1), "2024-05-04T12:00Z"),
    ("0 0 29 2 *", NOON, "2028-02-29T00:00Z"),
    ("0 0 13 * FRI", NOON, "2024-05-10T00:00Z"),
    ("30 2 31 3 *", NOON, "2025-03-31T02:30Z"),
)


@pytest.mark.parametrize(("cron", "after", "fires"), FIRES)
@pytest.mark.parametrize("hours_east", [0, 7, -9.5])
def test_a_schedule_fires_next_after_a_moment_in_utc(
    cron: str, after: datetime, fires: str, hours_east: float
) -> None:
    found = next_fire(cron, after.astimezone(timezone(timedelta(hours=hours_east))))
    assert (found, found.tzinfo) == (datetime.fromisoformat(fires), UTC)


@given(st.sampled_from(examples(Cron)), AGES)
def test_a_schedule_always_has_a_next_time(cron: str, after: datetime) -> None:
    first = next_fire(cron, after)
    assert after < first < next_fire(cron, first)
    assert (first.second, first.microsecond) == (0, 0)


def test_a_time_that_never_comes_is_a_value_error() -> None:
    for cron in ("0 0 30 2 *", "0 0 */31 * MON#2", "tea at four", "", "9" * 5_000 + " * * * *"):
        with pytest.raises(ValueError, match="names no time that comes"):
            next_fire(cron, NOON)
    with pytest.raises(ValueError, match="names no time that comes"):
        next_fire("0 12 * * *", datetime.max.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        next_fire("0 12 * * *", NOON.replace(tzinfo=None))


class Invite(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    to: Email | Phone
    title: Annotated[Line, Length(1, 12)]
    guests: tuple[Email, ...] = ()
    note: Annotated[Prose, Length(0, 20)] | None = None
    price: Cents = 0


def test_values_are_plain_to_a_type_checker_and_work_wherever_a_type_does() -> None:
    invite = Invite(to="Ann@Example.org", title=" Tea ", guests=("BOB@example.org",), price=5)
    assert_type(invite.to, str)
    assert_type(invite.guests, tuple[str, ...])
    assert_type(invite.price, int)
    assert (invite.title, invite.guests) == ("Tea", ("bob@example.org",))
    assert Invite.model_validate_json(invite.model_dump_json()) == invite
    assert Invite(to="+66 81 234 5678", title="Tea").to == "+66812345678"


def test_a_refusal_names_the_field_and_repeats_nothing() -> None:
    with pytest.raises(ValidationError) as refused:
        Invite(to="ann@example.org", title="Tea", guests=("bob@example.org", "s3cret"))
    (error,) = refused.value.errors()
    assert (error["loc"], error["type"]) == (("guests", 1), "email")
    assert "s3cret" not in error["msg"]


def test_a_length_narrows_a_text_and_says_so_in_the_schema() -> None:
    assert refusal(Annotated[Line, Length(2, 4)], "x") == "use 2 to 4 characters"
    assert refusal(Annotated[Prose, Length(0, 4)], "x" * 5) == "use at most 4 characters"
    assert refusal(Annotated[Line, Length(1, 500)], "x" * 121) == TABLES["Line"].sentence
    assert validate(Annotated[Line, Length(1, 3)], "  tea  ") == "tea"
    for least, most in ((6, 5), (-1, 5)):
        with pytest.raises(ValueError, match="admits no text"):
            Length(least, most)
    fields = Invite.model_json_schema()["properties"]
    assert (fields["title"]["minLength"], fields["title"]["maxLength"]) == (1, 12)
    assert fields["title"]["examples"] == examples(Line)


def test_the_libraries_are_loaded_by_the_first_check_and_the_network_never() -> None:
    program = (
        "import sys; from pydantic import TypeAdapter; import mainstem.values as v;"
        "print(sorted({'email_validator', 'phonenumbers', 'cronsim', 'idna'} & set(sys.modules)));"
        "TypeAdapter(v.Email).validate_python('ann@example.org');"
        "print(sorted({'email_validator', 'dns', 'phonenumbers'} & set(sys.modules)))"
    )
    printed = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert printed.splitlines() == ["[]", "['email_validator']"]


def row(name: str) -> str:
    shown = [f"`{dumps(one, ensure_ascii=False)}`" for one in examples(DECLARED[name])[:3]]
    plain = get_args(DECLARED[name])[0].__name__
    return f"| `{name}` | `{plain}` | {', '.join(shown)} | {TABLES[name].sentence} |"


def test_every_public_name_is_documented_as_it_behaves() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert [name for name in values.__all__ if f"`{name}" not in page] == []
    assert [row(name) for name in TABLES if row(name) not in page.splitlines()] == []


def test_the_code_of_the_page_runs() -> None:
    _, *blocks = DOCS.read_text(encoding="utf-8").split("```python\n")
    assert blocks
    for block in blocks:
        code = block.partition("```")[0]
        exec(compile(code, str(DOCS), "exec", dont_inherit=True), {"__name__": "__main__"})
