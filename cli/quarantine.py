"""`mainstem quarantine`: records of the feed that nobody could decode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cli.session import Commands, Refusal, Session, asks
from cli.tables import pairs, table, words

if TYPE_CHECKING:
    from local.adapters import Adapters
    from mainstem.ports import Quarantined

RECORDS_PER_STEP = 100
BYTES_PER_LINE = 16
BYTES_SHOWN_MAX = 4_096
HEADINGS = ("shard", "sequence", "at", "bytes", "why")


@click.group(cls=Commands)
def quarantine() -> None:
    """Records of the feed that nobody could decode, kept as they came.

    Whatever was beside them on the feed went on. If one held events of the journal, the auditor of
    `mainstem up` notices that they are not shown, and they are folded from there.
    """


@quarantine.command("list")
@asks
def list_(session: Session) -> None:
    """List them, in the order of the feed.

    \b
    Examples:
      mainstem quarantine list
      mainstem quarantine list --json
    """
    from cli.engaged import opened

    with opened(session) as ports:
        found = [_data(one) for one in _quarantined(ports)]
    rows = [[f"{one[name]}" for name in HEADINGS] for one in found]
    text = table(HEADINGS, rows) if rows else "nothing is in quarantine"
    session.answer(text, {"quarantined": found})


@quarantine.command()
@click.argument("shard")
@click.argument("sequence", type=click.IntRange(0))
@asks
def show(session: Session, shard: str, sequence: int) -> None:
    """Show one: where it came, why it can't be read, and its bytes.

    Bytes are shown as hexadecimal digits beside their letters, the first 4,096 of them; --json has
    all. A terminal is told nothing that the record says.

    \b
    Examples:
      mainstem quarantine show shard-1 1043
      mainstem quarantine show shard-1 1043 --json | jq -r .hex | xxd -r -p
    """
    from cli.engaged import opened
    from mainstem.protocol.drive import drive

    with opened(session) as ports:
        there = drive(ports.parks.quarantined(sequence - 1, 1))
    found = next((one for one in there if (one.shard, one.sequence) == (shard, sequence)), None)
    if found is None:
        raise Refusal(f"{shard} {sequence} is not in quarantine")
    said = _data(found)
    lines = [pairs([(name, words(value)) for name, value in said.items()]), "", *_dump(found.data)]
    session.answer("\n".join(lines), {**said, "hex": found.data.hex()})


def _quarantined(ports: Adapters) -> Iterator[Quarantined]:
    from mainstem.protocol.drive import drive

    after = 0
    while some := drive(ports.parks.quarantined(after, RECORDS_PER_STEP)):
        yield from some
        after = some[-1].sequence


def _data(one: Quarantined) -> dict[str, object]:
    from queries.shown import moment

    return {
        "shard": one.shard, "sequence": one.sequence, "key": one.key, "bytes": len(one.data),
        "why": one.why, "at": moment(one.at),
    }  # fmt: skip


def _dump(data: bytes) -> Iterator[str]:
    """As hexdump does: where, which bytes, and which letters they are."""
    shown = data[:BYTES_SHOWN_MAX]
    for at in range(0, len(shown), BYTES_PER_LINE):
        some = shown[at : at + BYTES_PER_LINE]
        letters = "".join(chr(one) if 32 <= one < 127 else "." for one in some)
        yield f"{at:06x}  {some.hex(' '):<{3 * BYTES_PER_LINE}} {letters}"
    if len(data) > len(shown):
        yield f"and {len(data) - len(shown):,} bytes more"
