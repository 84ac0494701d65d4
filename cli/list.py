"""`mainstem list`: rows of a view, in an order that the view declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.completing import views
from cli.session import Command, Session, asks
from cli.tables import fitting, short, table
from cli.who import as_option, named, role_option

if TYPE_CHECKING:
    from cli.listing import Listing

ROWS, ROWS_MAX = 50, 1_000


@click.command("list", cls=Command)
@click.argument("view", metavar="VIEW", shell_complete=views)
@click.argument("words", metavar="[COLUMN=VALUE]...", nargs=-1)
@click.option("--index", metavar="NAME", help="Which list, or search; the first that fits.")
@click.option("--search", metavar="WORDS", help="Rows with all of these words, best first.")
@click.option(
    "--limit",
    type=click.IntRange(1, ROWS_MAX),
    default=ROWS,
    show_default=True,
    metavar="N",
    help="How many rows at most.",
)
@click.option("--next", "place", metavar="TOKEN", help="Go on where an earlier list ended.")
@as_option("List what this person may read; all there is unless told.")
@role_option
@asks
def list_(
    session: Session, view: str, words: Sequence[str], index: str | None, search: str | None,
    limit: int, place: str | None, who: str | None, roles: Sequence[str],
) -> None:  # fmt: skip
    """List rows of a view.

    The columns that are named choose the list, as `status=open` chooses one by status; --index
    names it where there are several. Columns that don't fit on a terminal are left out; --json has
    all of them.

    \b
    Examples:
      mainstem list ticket
      mainstem list ticket status=open --limit 10
      mainstem list ticket --search "printer burns"
      mainstem list message --index newest id=4c --as bob
    """
    from cli.addresses import view_at
    from cli.engaged import engaged
    from cli.listing import Wanted, listing_of

    wanted = Wanted(words, index, search, limit, place, named(who, roles))
    with engaged(session) as here:
        listing = listing_of(here, view_at(here.domains, view), wanted)
    _answer(session, listing)


def _answer(session: Session, listing: Listing) -> None:
    headings, rows = listing.headings, listing.rows
    cells = [[short(row[name]) for name in headings] for row in rows]
    kept = fitting(headings, cells)
    text = table(headings[:kept], [row[:kept] for row in cells]) if rows else "no rows"
    data: dict[str, Any] = {"rows": rows, "next": listing.next}
    session.answer(text, data)
    if kept < len(headings) and rows:
        session.progress(f"left out: {', '.join(headings[kept:])}; --json has them")
    if listing.next is not None:
        session.progress(f"there are more: --next {listing.next}")
