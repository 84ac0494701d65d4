"""What happens to stored events when their classes change, and that every cure is one."""

from __future__ import annotations

import re

import pytest

from mainstem import Unfit
from mainstem.schema import Snapshot, diff, read, snapshot, written
from tests.mainstem.schema_cases import BREAKS, CHOICE, GROWS, UP, Case, changes, domain, event


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_what_breaks_says_the_line_to_write(case: Case) -> None:
    (change,) = (one for one in changes(case.before, case.after) if one.breaks)
    assert change.where == case.where
    assert case.what in change.what
    assert len(change.cures) == len(case.cures)
    for cure, expected in zip(change.cures, case.cures, strict=True):
        assert cure.startswith(expected)


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_every_cure_cures(case: Case) -> None:
    (change,) = (one for one in changes(case.before, case.after) if one.breaks)
    for cure in change.cures:
        if "..." not in cure.replace(", ...]", "") and not cure.startswith("put back"):
            mended = changes(case.before, written_in(case.after, cure))
            assert not [one for one in mended if one.breaks and one.what == change.what], cure


def written_in(source: str, cure: str) -> str:
    """The source with this cure pasted where a person would paste it."""
    if cure.startswith("@"):
        return f"{source}\n{cure}\n"
    if cure.startswith("class "):
        name = cure.removeprefix("class ").partition("(")[0]
        return re.sub(rf"class {name}\(.*\n(    .*\n)*", "", source) + f"\n{cure}\n"
    field = cure.partition(":")[0]
    former = re.search(r'was\("(\w+)', cure)
    kept = re.sub(rf"(?m)^    ({field}|{former[1] if former else field}):.*\n", "", source)
    return re.sub(r"(class Sold\(.*\n)", rf"\1    {cure}\n", kept, count=1)


@pytest.mark.parametrize(("before", "after", "expected"), GROWS.values(), ids=GROWS)
def test_what_only_grows_is_fine(before: str, after: str, expected: list[str]) -> None:
    found = changes(before, after)
    assert [f"{one.where} {one.what}" for one in found] == expected
    assert not any(one.breaks for one in found)


def test_an_upcast_that_leaves_a_field_alone_does_not_mend_it() -> None:
    before, after = event("cents: str\nwhy: str"), event("cents: int\nwhy: int")
    upcast = UP + '{**data, "cents": int(data["cents"])}\n'
    found = {one.where: one for one in changes(before, after + upcast)}
    assert found["Sold.cents"].what.endswith("an upcast mends it")
    assert found["Sold.why"].breaks
    assert found["Sold.why"].cures[0].startswith("@upcast(Sold, of=2)\ndef sold_3(")


def test_several_upcasts_of_one_event_come_in_order() -> None:
    found = changes(event("cents: str\nwhy: str"), event("cents: int\nwhy: int"))
    assert [one.cures[0][:19] for one in found] == ["@upcast(Sold, of=1)", "@upcast(Sold, of=2)"]


def test_an_upcast_that_needs_real_data_is_trusted() -> None:
    after = event("size: int") + UP + '{"size": {"big": 2, "small": 1}[data["size"]]}\n'
    assert not any(one.breaks for one in changes(event("size: str"), after))


SHOP = """\
{
  "domain": "shop",
  "events": {
    "Opened": {
      "schema": 1
    },
    "Sold": {
      "schema": 2,
      "was": ["Gone"],
      "fields": {
        "cents": {"kind": "whole", "default": 0, "was": ["price"]},
        "size": {"kind": "text", "optional": true, "choices": ["big", "small"], "default": null},
        "tags": {"kind": "list of text"}
      }
    }
  }
}
"""


def test_a_snapshot_has_a_line_a_field() -> None:
    fields = f"""
        tags: tuple[str, ...]
        {CHOICE} | None = None
        cents: int = was("price", default=0)
    """
    source = event(fields, options=', was="Gone"') + UP + "data\n" + event("pass", "Opened")
    assert written(snapshot(domain(source))) == SHOP
    assert written(read(SHOP)) == SHOP


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "[]",
        '{"domain": "shop"}',
        SHOP.replace("whole", "hole"),
        SHOP.replace('"schema": 2', '"schema": "2"'),
        SHOP.replace('"was": ["price"]', '"is": ["price"]'),
        SHOP.replace("Sold", "\udcff"),
    ],
)
def test_what_is_no_snapshot_is_refused(wrong: str) -> None:
    with pytest.raises(Unfit):
        read(wrong)


def test_a_domain_that_is_gone_breaks_event_by_event() -> None:
    old = read(SHOP)
    found = diff(old, Snapshot("shop", {}))
    assert [(one.where, one.breaks) for one in found] == [("Opened", True), ("Sold", True)]
