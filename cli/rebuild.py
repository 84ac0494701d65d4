"""`mainstem rebuild`: a view folded anew from the archive, beside the one that is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.completing import views
from cli.domains import names as domains
from cli.rebuild_group import PlanByDefault
from cli.session import Session, WrongUsage, asks, refuse_nowhere

if TYPE_CHECKING:
    from cli.rebuild_told import At

view_argument = click.argument("view", metavar="VIEW", shell_complete=views)
may_wait = click.option(
    "--allow-parked", "allowed", multiple=True, metavar="ID",
    help="One that may wait in what is read then, though it does not in what is read now.",
)  # fmt: skip
engine_option = click.option(
    "--engine", type=click.Choice(("duckdb", "spark")),
    help="Who folds it. By default Spark folds what is more than one machine should.",
)  # fmt: skip


@click.group(cls=PlanByDefault)
def rebuild() -> None:
    """Fold a view anew from the archive, and read that from then on.

    A new generation is built beside the one that is read, comes up with it by the feed, is
    compared with it, and takes its place in one step; the one before is kept, to be gone back to.
    Nothing that follows from events is done again: no mail, no call.

    A view whose file changed is built by the code at hand, while `mainstem up` goes on with the
    code it was started with, and shows what that has folded. Promote, then restart it: it comes up
    with the new rows, and folds nothing.
    """


@rebuild.command()
@view_argument
@click.option(
    "--price", "prices", multiple=True, metavar="NAME=DOLLARS",
    help="Another price of AWS: write, a write unit; scan, a byte that is read.",
)  # fmt: skip
@click.option(
    "--only", metavar="WHAT",
    help="Of some rows, as `start --only` mends them: id=ID, type=EVENT or since=TIME.",
)  # fmt: skip
@engine_option
@asks
def plan(
    session: Session, view: str, prices: tuple[str, ...], only: str | None, engine: str | None
) -> None:
    """Show what a rebuild would read, write, take and cost. Nothing is written.

    How long it folds is what a few of its aggregates take just now.

    With --only, those rows are folded and compared with what is read; rows that are as they should
    be would not be written. Exit code 1 where some could not be mended.

    \b
    Examples:
      mainstem rebuild plan ticket
      mainstem rebuild ticket --price write=0.00000125 --json
      mainstem rebuild plan ticket --only type=Renamed
      mainstem rebuild plan ticket --engine spark
    """
    from cli.rebuild_plan import plan_data, plan_of, plan_text
    from cli.rebuild_told import at_view

    if only is not None:
        if prices or engine is not None:
            raise WrongUsage("--only mends rows one by one: leave out --price and --engine")
        _plan_some(session, view, only)
        return
    with at_view(session, view) as at:
        found = plan_of(at, prices, engine)
    session.answer(plan_text(found, engine), plan_data(found))


@rebuild.command()
@view_argument
@click.option(
    "--only", metavar="WHAT",
    help="Some rows where they stand: id=ID, type=EVENT or since=TIME. No generation is made.",
)  # fmt: skip
@engine_option
@asks
def start(session: Session, view: str, only: str | None, engine: str | None) -> None:
    """Build a generation, or go on where one was left. It is not read before it is promoted.

    Killed at any moment, run it again. Exit code 3 where another process builds it, or where
    somebody has paused it. It goes on with the engine that it was begun with.

    With --only, the rows of some aggregates are folded anew where they stand, by the folds that
    they have: of one id, of those to whom a type of event has happened, or of those that changed
    since a time. Exit code 1 where some are still not what they should be.

    \b
    Examples:
      mainstem rebuild start ticket
      mainstem rebuild start ticket --only id=7f2
      mainstem rebuild start ticket --only since=2026-11-01
      mainstem rebuild start ticket --engine spark
    """
    if only is not None and engine is not None:
        raise WrongUsage("--only mends rows one by one: leave out --engine")
    if only is not None:
        _mend(session, view, only)
    else:
        _build(session, view, engine)


@rebuild.command()
@view_argument
@asks
def resume(session: Session, view: str) -> None:
    """Go on with one that was paused, or killed.

    \b
    Examples:
      mainstem rebuild resume ticket
    """
    _build(session, view, begun=True)


@rebuild.command()
@view_argument
@asks
def pause(session: Session, view: str) -> None:
    """Ask whoever builds it to stop; `resume` goes on there. Exit code 1 where nobody is at it.

    Parts that are whole stay; of those that are on their way, `resume` begins the folding anew.

    \b
    Examples:
      mainstem rebuild pause ticket
    """
    from cli.rebuild_told import at_view, building, refuse_idle

    with at_view(session, view) as at:
        generation = building(at)
        refuse_idle(at, generation)
        at.rebuilding.pause(generation)
    session.answer(f"{at.sink.name}: stops within moments", {"generation": generation.number})


@rebuild.command()
@view_argument
@asks
def watch(session: Session, view: str) -> None:
    """Tell how far one is that another process builds, until it is ready or stops.

    Exit code 1 where it was paused, or nobody is at it.

    \b
    Examples:
      mainstem rebuild watch ticket
      mainstem rebuild watch ticket --json
    """
    from cli.rebuild_told import at_view, watched

    with at_view(session, view) as at:
        for text, data in watched(at):
            session.say(text, data)


@rebuild.command("list")
@click.argument("view", metavar="[VIEW]", required=False, shell_complete=views)
@asks
def list_(session: Session, view: str | None) -> None:
    """List the generations there are: which is read, which is kept, which is being built.

    \b
    Examples:
      mainstem rebuild list
      mainstem rebuild list ticket --json
    """
    from cli.engaged import engaged
    from cli.rebuild_told import generations, table_of

    with engaged(session) as here:
        found = generations(here, view)
    session.answer(table_of(found), {"generations": found})


@rebuild.command()
@view_argument
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False, writable=True),
              metavar="FILE", help="Write a page of it, too; an earlier one goes.")  # fmt: skip
@asks
def diff(session: Session, view: str, html: Path | None) -> None:
    """Compare what was built with what is read, row by row. Exit code 1 where rows differ.

    Where it claims otherwise, values that several would claim are listed, with exit code 1 too.

    Both are read by the code at hand: of a column that the code before did not have, its default is
    shown. Rows that one of both has not heard of yet are no difference.

    \b
    Examples:
      mainstem rebuild diff ticket
      mainstem rebuild diff ticket --html diff.html
    """
    from cli.rebuild_claims import compared, with_contested
    from cli.rebuild_diff import diff_data, diff_of, diff_text, refuse_other, save_page
    from cli.rebuild_told import at_view

    if html is not None:
        refuse_nowhere("--html", html)
        refuse_other(session, html)
    with at_view(session, view) as at:
        found = diff_of(at)
        if html is not None:
            save_page(html, at.sink.name, found, at.here.ports, at.here.domains)
        clashing = compared(at)
        session.answer(*with_contested(clashing, diff_text(at, found), diff_data(found)))
    if clashing or not found.clean:
        raise click.exceptions.Exit(1)


@rebuild.command()
@view_argument
@may_wait
@asks
def promote(session: Session, view: str, allowed: tuple[str, ...]) -> None:
    """Read what was built from now on. The one before is kept, and goes on.

    It comes up with what is read, to the last record, in the same step. Refused where aggregates
    wait in it that do not wait in what is read, or show more there. Unless --yes says so, also
    where rows differ in columns whose folds did not change, and where several would claim the same:
    one has it then, and the later ones go without.

    \b
    Examples:
      mainstem rebuild promote ticket
      mainstem rebuild promote ticket --allow-parked 7f2 --yes
    """
    from cli.rebuild_switch import promoted
    from cli.rebuild_told import at_view

    with at_view(session, view) as at:
        _answer(session, at, promoted(at, allowed))


@rebuild.command()
@view_argument
@may_wait
@asks
def rollback(session: Session, view: str, allowed: tuple[str, ...]) -> None:
    """Read the generation before again, once it has come up with the feed.

    Of two, it is the other one: run a second time, it reads the newer one again, and says so.

    On one machine its folds are those of the code at hand: where the file has changed since, put it
    back as it was first.

    \b
    Examples:
      mainstem rebuild rollback ticket
      mainstem rebuild rollback ticket --allow-parked 7f2
    """
    from cli.rebuild_switch import rolled_back
    from cli.rebuild_told import at_view

    with at_view(session, view) as at:
        _answer(session, at, rolled_back(at, allowed))


@rebuild.command()
@view_argument
@click.argument("generation", type=int)
@asks
def drop(session: Session, view: str, generation: int) -> None:
    """Forget a generation that is not read, with all its rows. It takes --yes.

    \b
    Examples:
      mainstem rebuild drop ticket 7 --yes
    """
    from cli.rebuild_switch import dropped
    from cli.rebuild_told import at_view

    with at_view(session, view) as at:
        dropped(at, generation)
    session.answer(f"generation {generation} is gone", {"dropped": generation})


@rebuild.command()
@click.argument("view", metavar="[VIEW]", required=False, shell_complete=views)
@click.option("--sample", metavar="SHARE", default="1%", show_default=True,
              help="How many of the aggregates: 1%, or 0.01.")  # fmt: skip
@click.option("--expect", "expected", multiple=True, metavar="COLUMN",
              help="A column that is meant to change.")  # fmt: skip
@asks
def check(session: Session, view: str | None, sample: str, expected: tuple[str, ...]) -> None:
    """Fold a sample of the archive by the code at hand, and say which rows would change.

    For pull requests: exit code 1 where a column changes that nobody expects to. Which aggregates
    are in the sample follows from their ids, so it is the same ones each time.

    \b
    Examples:
      mainstem rebuild check --sample 1%
      mainstem rebuild check ticket --sample 100% --expect priority
      mainstem rebuild check --json
    """
    from cli.rebuild_check import checked, data_of, share_of, text_of

    found = list(checked(session, view, share_of(sample), expected))
    session.answer(
        "\n".join(text_of(one, set(expected)) for one in found), [data_of(one) for one in found]
    )
    if any(one.found.beyond(set(expected)) for one in found):
        raise click.exceptions.Exit(1)


@rebuild.command()
@click.argument("where", metavar="DOMAIN[/ID]", shell_complete=domains)
@asks
def snapshots(session: Session, where: str) -> None:
    """Make the snapshots that commands decide on, ahead of the first command of each aggregate.

    After folds have changed, the first command of a long aggregate reads all of it. Without --yes
    it says how many there are, and writes nothing. With --yes all that is lacking is made, and what
    is there is compared with what its records fold to: where it says something else, which is a
    bug or damage, it is told and replaced. Exit code 1 where anything was wrong, or has records
    that can't be folded.

    It runs beside `mainstem up`, for the code at hand. Stopped at any moment, run it again.

    \b
    Examples:
      mainstem rebuild snapshots tickets
      mainstem rebuild snapshots tickets/7f2 --yes
    """
    from cli.rebuild_snapshots import at_snapshots, made, needed

    with at_snapshots(session, where) as at:
        well = made(session, where, at) if session.yes else needed(session, where, at)
    if not well:
        raise click.exceptions.Exit(1)


def _build(session: Session, view: str, engine: str | None = None, *, begun: bool = False) -> None:
    from cli.rebuild_claims import contested_in, with_contested
    from cli.rebuild_plan import asked_of
    from cli.rebuild_told import at_view, building, built, data_of, told_of

    with at_view(session, view) as at:
        if begun:
            building(at)
        generation = built(at, asked_of(engine))
        standing = at.rebuilding.stands(generation)
        assert standing is not None
        text, data = told_of(at, generation, standing), data_of(generation, standing)
        session.answer(*with_contested(contested_in(at, generation), text, data))


def _plan_some(session: Session, view: str, only: str) -> None:
    from cli.rebuild_some import data_of, mended_at, plan_text_of, which_of
    from cli.rebuild_told import at_view

    with at_view(session, view) as at:
        which = which_of(at.sink.domain, only)
        found = mended_at(at, which, write=False)
        session.answer(plan_text_of(at, only, which, found), data_of(which, found))
    if found.left:
        raise click.exceptions.Exit(1)


def _mend(session: Session, view: str, only: str) -> None:
    from cli.rebuild_some import data_of, mended_at, text_of, which_of
    from cli.rebuild_told import at_view

    with at_view(session, view) as at:
        which = which_of(at.sink.domain, only)
        found = mended_at(at, which)
    session.answer(text_of(at.sink.name, which, found), data_of(which, found))
    if found.left:
        raise click.exceptions.Exit(1)


def _answer(session: Session, at: At, said: dict[str, Any]) -> None:
    from cli.rebuild_switch import switch_text

    session.answer(switch_text(at, said), said)
