"""Search in memory: documents, and the words they are found by.

As weak as the cloud's where `chance` wants it: a question may not see the latest documents yet.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Self
from unicodedata import combining, normalize

from mainstem._refusal import Unfit
from mainstem.ports import Document, Generation, Hit
from mainstem.sim.chance import CALM, Chance

LATE_DOCUMENTS_MAX = 8
TEXTS_KNOWN_MAX = 10_000
WORD = re.compile(r"[^\W_]+")


class Name(NamedTuple):
    """Which document of which generation."""

    generation: int
    tenant: str
    id: str
    key: str


class Said(NamedTuple):
    """What a document says; None is a tombstone."""

    version: int
    words: tuple[tuple[str, str], ...] | None  # in the order of their marks


Documents = Mapping[Name, Said]
Weighed = tuple[float, str, str]  # a hit's weight, id and key: hits are in the order of these


class Search:
    """The Search port."""

    def __init__(self, chance: Chance = CALM) -> None:
        self.chance = chance
        self._documents: dict[Name, Said] = {}
        self._replaced: tuple[tuple[Name, Said | None], ...] = ()  # by the latest, newest last

    def copy(self) -> Self:
        """Another that goes its own way from here."""
        twin = type(self)(self.chance)
        twin._documents = self._documents.copy()
        twin._replaced = self._replaced
        return twin

    def key(self) -> Hashable:
        """Equal where every answer is."""
        return frozenset(self._documents.items()), self._replaced

    def all(self, generation: Generation) -> tuple[Document, ...]:
        """Every document that is there, tombstones too, in the order of their names."""
        return tuple(
            Document(*name[1:], said.version, None if said.words is None else dict(said.words))
            for name, said in sorted(self._documents.items())
            if name.generation == generation.number
        )

    async def put(self, generation: Generation, documents: Sequence[Document]) -> None:
        """Index them, each IF its version is higher than the one there."""
        for tenant, id, key, version, words in documents:
            name = Name(generation.number, tenant, id, key)
            known = self._documents.get(name)
            if known is None or known.version < version:
                ordered = None if words is None else tuple(sorted(words.items()))
                self._documents[name] = Said(version, ordered)
                if self.chance is not CALM:  # or it would tell stores apart that answer alike
                    self._replaced = (*self._replaced, (name, known))[-LATE_DOCUMENTS_MAX:]

    async def find(
        self, generation: Generation, tenant: str, mark: str, words: str, after: str, limit: int
    ) -> tuple[Hit, ...]:
        """Documents with all of these words, best first; the last word may be only begun."""
        told = _opened(after) if after else None
        phrases = asked(words)
        hits = sorted(self._hits((generation.number, tenant), mark, phrases)) if phrases else []
        start = bisect_right(hits, told) if told else 0
        return tuple([_hit(*one) for one in hits[start : start + limit]])

    def _hits(
        self, scope: tuple[int, str], mark: str, phrases: tuple[str, ...]
    ) -> Iterator[Weighed]:
        for name, said in self._seen().items():
            if name[:2] == scope and said.words:
                weight = weighed(phrases, dict(said.words).get(mark, ""))
                if weight < 0:
                    yield weight, name.id, name.key

    def _seen(self) -> Documents:
        """What a question sees: everything, or not yet the latest."""
        if not self._replaced or not self.chance.happens("search late"):
            return self._documents
        late = self.chance.pick(range(1, len(self._replaced) + 1))
        seen: dict[Name, Said | None] = {**self._documents}
        seen.update(reversed(self._replaced[-late:]))  # what was there first comes last, and stays
        return {name: said for name, said in seen.items() if said is not None}


@lru_cache(TEXTS_KNOWN_MAX)
def spelled(text: str) -> str:
    """Its words without case and accents, each in brackets: a phrase is a part of it."""
    plain = "".join([one for one in normalize("NFD", text.casefold()) if not combining(one)])
    return "".join([f"<{word}>" for word in WORD.findall(plain)])


@lru_cache(TEXTS_KNOWN_MAX)
def asked(words: str) -> tuple[str, ...]:
    """What all has to be there, the last perhaps only begun. Words joined by signs are a phrase."""
    phrases = [phrase for phrase in map(spelled, words.split()) if phrase]
    return (*phrases[:-1], *[last.removesuffix(">") for last in phrases[-1:]])


def weighed(phrases: Sequence[str], text: str) -> float:
    """How much of a text they are, below zero so that the best comes first; 0.0: not all of them.

    A document's weight is its own, so a page goes on where it ended whatever others are put.
    """
    words = spelled(text)
    counts = [words.count(one) for one in phrases]
    return -sum(counts) / words.count("<") if all(counts) else 0.0


def _hit(weight: float, id: str, key: str) -> Hit:
    return Hit(id, key, f"{weight!r}/{len(id)}/{id}{key}")


def _opened(place: str) -> Weighed:
    try:
        weight, length, rest = place.split("/", 2)
        told = float(weight), rest[: int(length)], rest[int(length) :]
    except ValueError:
        told = 0.0, "", ""
    if _hit(*told).place != place:
        raise Unfit("after: no place where a page of hits ended")
    return told
