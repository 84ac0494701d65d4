"""Settling: every sink gets a current generation, folded by the code at hand (R5).

A changed view is folded anew from the journal beside the old rows, exactly as far as they had come,
then takes their place in one step; the old generation is kept. Stopped anywhere, it goes on there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from local.adapters import Adapters
from local.archiving import ARCHIVE
from local.claims import carried, forgotten, handed_over, pending
from local.consumer import Consumer
from local.locks import REBUILDING, holder
from local.trouble import COPY, Foreign
from mainstem.discovery import Domain
from mainstem.ports import Corrupt, Generation, Stage, Unavailable
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.claims import Clash
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.loading import silent, wait_alike
from mainstem.protocol.rebuild import REBUILD
from mainstem.protocol.refold import REFOLDED, refold
from mainstem.sink import Sink, sinks_of
from replay.declared import DECLARED
from replay.declared import told as declared
from replay.made import forget

BEGUN = "begun"
AGAINST = "against"  # how far the old rows had come when refolding began


@dataclass(frozen=True)
class Progress:
    """What settling tells whoever waits for it."""

    sink: str
    change: str  # "new", "changed", "claims" or "given up"
    done: int = 0
    total: int = 0
    left: tuple[Clash, ...] = ()  # who goes without a claim
    generation: int = 0  # given up: of a rebuild that nobody has promoted


Told = Callable[[Progress], None]


def settled(
    ports: Adapters, domains: Mapping[str, Domain], told: Told = lambda _: None
) -> list[Into]:
    """Where each sink is written. Only whoever holds the folder's work lock may ask."""
    refuse_ahead(ports, domains)
    forgotten(ports, domains)
    sinks = sinks_of(domains)
    if not drive(ports.journal.touched("", 1)) and not any(ports.feed.ends().values()):
        with ports.folder.views.together(durable=True):  # nothing to fold: one sync for all
            return [_settled(ports, sink, told) for sink in sinks]
    return [_settled(ports, sink, told) for sink in sinks]


def refuse_ahead(ports: Adapters, domains: Mapping[str, Domain]) -> None:
    """An older journal beside newer rows would give their versions again, to other events."""
    end = ports.journal.end()
    for sink in sinks_of(domains):
        generation = current(ports, sink)
        if generation is not None and sink.domain.decided:
            audited = drive(ports.generations.noted(generation, AUDITED))
            if int(audited or 0) > end:
                text = f"{ports.folder.path}: views.db is ahead of journal.db, which is older"
                raise Corrupt(f"{text}; {COPY}, or `mainstem doctor --yes` folds the views anew")


def current(ports: Adapters, sink: Sink) -> Generation | None:
    """The generation that is read."""
    found = drive(ports.generations.of(sink.name))
    return next((one for one in found if one.stage is Stage.CURRENT), None)


def unsettled(ports: Adapters, domains: Mapping[str, Domain]) -> Sequence[Sink]:
    """The sinks whose rows were folded, or claims made, by other code, or not at all."""
    found = ((sink, current(ports, sink)) for sink in sinks_of(domains))
    return [
        sink
        for sink, one in found
        if one is None or one.fingerprint != sink.fingerprint or pending(ports, sink, one)
    ]


def _settled(ports: Adapters, sink: Sink, told: Told) -> Into:
    now = drive(ports.clock.now())
    names = (name for name, _ in sink.reactions)
    sink = replace(sink, since={name: drive(ports.intents.since(name, now)) for name in names})
    _refuse_turned(ports, sink)
    read = current(ports, sink)
    if read is None or read.fingerprint != sink.fingerprint:
        read = _folded(ports, sink, now, read, told)
    claimed(ports, sink, read, told)
    return into_of(ports, sink, read)


def _folded(
    ports: Adapters, sink: Sink, now: int, old: Generation | None, told: Told
) -> Generation:
    """Anew, and read from now on."""
    new = into_of(ports, sink, _started(ports, sink, now, told))
    _begin(ports, new, old)
    build = _from_journal if sink.domain.decided else _from_feed
    build(ports, new, old, told)
    _audited(ports, new.generation, old)
    if old is not None:
        ports.checkpoints.copy(old, new.generation)
    carried(ports, sink, old, new.generation)
    if not drive(ports.generations.promote(new.generation, old, now)):
        raise Unavailable(f"{sink.name}: somebody else is at work here without the lock")
    _let_go(ports, sink, told)
    return new.generation._replace(stage=Stage.CURRENT)


def claimed(
    ports: Adapters, sink: Sink, generation: Generation, told: Told = lambda _: None
) -> Sequence[Clash]:
    """Once its code is the one that claims. Who goes without."""
    if not pending(ports, sink, generation):
        return ()
    total = ports.journal.aggregates(sink.domain.name)

    def show(done: int, left: Sequence[Clash] = ()) -> None:
        if total:
            told(Progress(sink.name, "claims", min(done, total), total, tuple(left)))

    left = handed_over(ports, sink, generation, show)
    show(total, left)
    return left


def _started(ports: Adapters, sink: Sink, now: int, told: Told) -> Generation:
    """The one that was begun, or a new one. A rebuild that nobody has promoted is given up."""
    new = drive(ports.generations.start(sink.name, sink.fingerprint, now))
    if drive(ports.generations.noted(new, REBUILD)):
        if holder(ports.folder.path, REBUILDING.format(sink.name)) is not None:
            raise Unavailable(f"{sink.name}: a rebuild of it is at work; promote it, or stop it")
        _tell_given_up(ports, new, told)
        drive(ports.generations.drop(new))
        _forgotten(ports, new)
        new = drive(ports.generations.start(sink.name, sink.fingerprint, now))
    drive(ports.generations.note(new, DECLARED, declared(sink.state)))
    return new


def _tell_given_up(ports: Adapters, one: Generation, told: Told) -> None:
    """Whoever has built it looks for it."""
    if one.stage is Stage.BUILDING and drive(ports.generations.noted(one, REBUILD)):
        told(Progress(one.sink, "given up", generation=one.number))


def _let_go(ports: Adapters, sink: Sink, told: Told) -> None:
    """The generation before the current one is kept; whatever is older or was given up goes."""
    found = [one for one in drive(ports.generations.of(sink.name)) if one.stage != Stage.CURRENT]
    kept = [one for one in found if one.stage is Stage.KEPT][-1:]
    for one in found:
        if one in kept:
            continue
        _tell_given_up(ports, one, told)
        if drive(ports.generations.drop(one)):
            _forgotten(ports, one)


def _forgotten(ports: Adapters, one: Generation) -> None:
    """What lies beside its rows."""
    drive(ports.search.forget(one))
    forget(ports.folder.path / ARCHIVE, one)


def _refuse_turned(ports: Adapters, sink: Sink) -> None:
    """Facts are numbered where they are applied, events where they are committed: no view mixes."""
    name, decided = sink.domain.name, sink.domain.decided
    if ports.rows.counts_facts(sink.name) if decided else ports.journal.aggregates(name):
        was = "facts" if decided else "commands"
        raise Foreign(f"{name}: has {was} behind it, and now asks for the other; name a new domain")


def _audited(ports: Adapters, new: Generation, old: Generation | None) -> None:
    """What was just folded needs no audit; what the old rows may have missed still does."""
    known, name = (new, REFOLDED) if old is None else (old, AUDITED)
    drive(ports.generations.note(new, AUDITED, drive(ports.generations.noted(known, name))))


def into_of(ports: Adapters, sink: Sink, generation: Generation) -> Into:
    """Where a sink's generation is written."""
    return Into(sink, generation, ports.rows, ports.parks, ports.clock)


def _begin(ports: Adapters, new: Into, old: Generation | None) -> None:
    """Where a sink that never was begins to read: what is journalled by then is folded from there.

    Facts are on the feed alone, so those are read from its beginning.
    """
    generations, generation = ports.generations, new.generation
    if old is None and new.sink.domain.decided and not drive(generations.noted(generation, BEGUN)):
        ports.checkpoints.begin(generation, ports.feed.ends())
        drive(generations.note(generation, BEGUN, "yes"))


def _from_journal(ports: Adapters, new: Into, old: Generation | None, told: Told) -> None:
    _begin_again(ports, new.generation, old)
    total, done = ports.journal.aggregates(new.sink.domain.name), 0
    change = "new" if old is None else "changed"
    while some := drive(refold(new, old, ports.generations, ports.journal)):
        done += some
        told(Progress(new.sink.name, change, min(done, total), total))
    if total:
        told(Progress(new.sink.name, change, total, total))


def _begin_again(ports: Adapters, new: Generation, old: Generation | None) -> None:
    """A refold that was left behind goes through all of it again if the old rows went on since."""
    generations = ports.generations
    reached = json.dumps({} if old is None else dict(ports.checkpoints.positions(old)))
    if drive(generations.noted(new, AGAINST)) != reached:
        drive(generations.note(new, REFOLDED, ""))
        drive(generations.note(new, AGAINST, reached))


def _from_feed(ports: Adapters, new: Into, old: Generation | None, told: Told) -> None:
    """Facts again, from the beginning of the feed to where the old rows had come."""
    if old is None:
        return
    upto = ports.checkpoints.positions(old)
    consumer, done = Consumer(ports, [silent(new)], upto=upto), 0
    total = max(upto.values(), default=0)  # sequences are one row of numbers over all shards
    _alike(ports, new, old)  # who waits is not folded past that
    while some := consumer.step():
        done += some
        told(Progress(new.sink.name, "changed", min(done, total), total))
    _alike(ports, new, old)  # and comes as far as that


def _alike(ports: Adapters, new: Into, old: Generation) -> None:
    """What waits in the old rows waits in the new ones: what it causes is caused by those."""
    with ports.folder.views.together():
        drive(wait_alike(silent(new), ports.journal, old))
