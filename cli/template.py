"""What `mainstem new` writes: a domain that is small, whole and passes, to be written over."""

from __future__ import annotations

DOMAIN = '''\
"""{Title}: say here, in a sentence, what this is about."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, Refused, View, at, by, count, first, index, last
from mainstem.values import Line

CHANGES_MAX = 10

# Events are stored for ever: add fields with defaults, never rename or remove.


class Added(Event):
    text: str


class Changed(Event):
    text: str


class {View}(View):
    """One of {title}, as its history leaves it."""

    text = last(Added.text, Changed.text, default="")
    author = first(by(Added))
    added_at = first(at(Added))
    changes = count(Changed)

    newest = index(order=added_at, newest_first=True)


class Add(Command[{View}], starts=True):
    text: Line

    def decide(self, now: {View}) -> Iterator[Event]:
        if not now.exists:  # asked twice, decided once
            yield Added(text=self.text)


class Change(Command[{View}], by={View}.author):
    text: Line

    def decide(self, now: {View}) -> Iterator[Event]:
        if self.text == now.text:
            return
        if now.changes == CHANGES_MAX:
            raise Refused(f"it changes {{CHANGES_MAX}} times at most")
        yield Changed(text=self.text)
'''

PACKAGE = '"""The domains: one file each, named as it is stored."""\n'

TEST = '''\
"""{Title}: its rules, a sentence each, and the laws."""

{imports}

test_laws = laws({name})

added = Added(text="I was here")


def test_added_twice_is_added_once() -> None:
    given().when(Add(text="I was here")).then(added)
    given(added).when(Add(text="I was here")).then()


def test_a_new_text_is_a_fact_and_the_same_text_is_not() -> None:
    given(added).when(Change(text="I am here")).then(Changed(text="I am here"))
    given(added).when(Change(text="I was here")).then()


def test_only_its_author_changes_it() -> None:
    given(added, by="ann").when(Change(text="I was first"), by="bob").refused("bob may not")


def test_it_changes_ten_times_at_most() -> None:
    often = [Changed(text=f"draft {{n}}") for n in range(10)]
    given(added, *often).when(Change(text="one more")).refused("10 times at most")
'''


def domain(name: str, view: str) -> str:
    """The text of DIR/NAME.py."""
    title = name.replace("_", " ")
    return DOMAIN.format(Title=title.capitalize(), title=title, View=view)


def test(name: str, package: str) -> str:
    """The text of its test; `package` is the name of the folder of domains."""
    imports = [
        f"from {package} import {name}",
        f"from {package}.{name} import Add, Added, Change, Changed",
        "from mainstem.laws import laws",
        "from mainstem.testing import given",
    ]
    title = name.replace("_", " ").capitalize()
    return TEST.format(name=name, Title=title, imports="\n".join(sorted(imports, key=_order)))


def _order(line: str) -> str:
    return line.split(" ")[1]
