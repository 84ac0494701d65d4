"""Names that the archive's and a rebuild's own statements use are a domain's to give as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archive.asking import Asking
from local.archiving import ARCHIVE
from local.promoting import Promoting
from mainstem.discovery import discover, sql_name
from tests.cli.desk import domains as folder_of
from tests.local.rebuilds import against, of
from tests.protocol.plant import Plant, plant

# Columns, tables and common table expressions.
TAKEN = (
    "anew", "applied", "before", "clean", "count", "counted", "day", "days", "dirty",
    "end", "events", "first_day", "folded", "head", "heads", "high", "index", "known", "lane",
    "lanes", "last_day", "late", "many", "named", "new", "nth", "number", "part", "place",
    "placed", "raw", "rest", "rows", "said", "some", "tail", "there", "twice", "typed", "upto",
    "wanted", "ways", "whole", "whose",
)  # fmt: skip
FIELDS = [name for name in TAKEN if name != "index"]  # the archive has a column of that name
DOMAIN = """
from collections.abc import Iterator

from mainstem import Command, Event, State, View, keyed, last, total


class Said(Event):
    to: str
{fields}


class Heard(State, key=Said.to):
{columns}


class Word(View):
{columns}
    _heard = keyed(Heard)


class Words(View, key=Said.to):
{columns}


class Say(Command[Word], starts=True):
    to: str
    much: int

    def decide(self, word: Word) -> Iterator[Event]:
        yield Said(to=self.to, {given})
"""
DECIDED = DOMAIN.format(
    fields="\n".join(f"    {name}: int" for name in FIELDS),
    columns="\n".join(f"    {name} = total(Said.{name})" for name in FIELDS)
    + "\n    index = last(Said.to)",
    given=", ".join(f"{name}=self.much + {nth}" for nth, name in enumerate(FIELDS)),
)
INGESTED = (
    DECIDED[: DECIDED.index("\n\nclass Say(")].replace("Command, ", "").replace("Word", "Rumour")
)
VIEWS = ["words.Word", "words.Words", "rumours.Rumour", "rumours.Rumours"]


def spoken(works: Plant, times: int = 3) -> None:
    say: Any = works.domains["words"].commands["Say"]
    for n in range(times):
        works.ask("words", say(to=f"who{n % 2}", much=n), "w")
    facts = [{"to": f"who{n % 2}", **dict.fromkeys(FIELDS, n)} for n in range(times)]
    works.facts(*(("w", "Said", fact) for fact in facts), domain="rumours")
    works.engine.catch_up()


@pytest.mark.slow
def test_whatever_a_domain_calls_its_fields_and_columns_it_is_archived_and_rebuilt(
    tmp_path: Path,
) -> None:
    found = discover(folder_of(tmp_path, words=DECIDED, rumours=INGESTED))
    with plant(tmp_path / "data", found=found) as works:
        works.settle()
        spoken(works)
        for name in VIEWS:
            new = of(works, name).start()
            shown = against(works, new, name)
            assert shown.clean
            assert shown.same >= 1
            Promoting(of(works, name)).drop(new.number)
        asking = Asking(works.ports.folder.path / ARCHIVE, works.domains)
        for name in VIEWS:
            view = works.into(name).sink.state
            assert asking.table(f"FROM {sql_name(view)}").num_rows >= 1
