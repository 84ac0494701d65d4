"""A domain that uses everything a fingerprint tells. Change it, and its golden values change."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from mainstem import (
    Event,
    Happened,
    State,
    View,
    anyone,
    at,
    by,
    case,
    coalesce,
    count,
    distinct,
    first,
    flag,
    fold,
    highest,
    index,
    keyed,
    last,
    later,
    latest,
    lowest,
    not_,
    readers,
    says,
    search,
    size,
    total,
    unique,
    upcast,
    was,
)

LOUD = frozenset({"forte", "tutti", "organ"})
WORDS = {"la": 1, "lala": 2}
BREATH = timedelta(seconds=4)
SYLLABLE = re.compile(r"la", re.IGNORECASE)


class Part(StrEnum):
    SOPRANO = "soprano"
    BASS = "bass"


class Sung(Event, was=("Chanted", "Hummed")):
    song: str = was("tune", "air")
    notes: int = 0
    part: Part = Part.BASS
    singer: str | None = None
    pitch: float = 440.0
    loud: bool = False


class Silenced(Event):
    song: str


@upcast(Silenced, of=1)
def silenced_2(data: dict[str, Any]) -> dict[str, Any]:
    return {"song": data["what"], **data}


@lru_cache(maxsize=8)
def syllables(text: str) -> int:
    return len(SYLLABLE.findall(text)) or WORDS.get(text, 0)


def breathed(seconds: int, happened: Happened, least: timedelta = BREATH) -> int:
    """Breath taken, in seconds."""
    event = happened.event
    assert isinstance(event, Sung)
    loud = event.loud or event.song in LOUD  # tutti needs more
    if event.part is Part.BASS:
        seconds += least.seconds
    return seconds + syllables(event.song) * (2 if loud else 1)


class Voice(State, key=coalesce(Sung.singer, "-"), gone=by(Silenced)):
    notes = total(Sung.notes)
    often = count(Sung)


class Sound(State):
    song = last(Sung.song, default="")
    _first = first(Sung.song, where=Sung.loud)
    singers = distinct(Sung.singer, by(Silenced))


class Choir(Sound, View):
    songs = latest(Sung.song, n=3)
    quiet = flag(on=Silenced, off=Sung)
    mood = last(says("glad", Sung), says("sad", Silenced), where=(Sung.notes > 3, Silenced))
    lowest_pitch = lowest(Sung.pitch, default=440.0)
    begun_at = highest(at(Sung))
    breath = fold(0, {Sung: breathed})
    voices = keyed(Voice)
    crowd = size(voices, where=(Voice.notes > 9) & (Voice.often != 2))
    rests_at = later(begun_at, hours=2, where=not_(quiet))
    name = case((quiet, "silence"), (Sound.song == "", "hum"), default="song")
    worth = (crowd + 1) * 3 - crowd // 2

    newest = index(Sound.song, order=begun_at, newest_first=True, where=not_(quiet))
    words = search(Sound.song, Sound.singers)
    own_song = unique(Sound.song)
    seen_by = readers(anyone)
