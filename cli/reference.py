"""The reference, docs/cli.md, written from the code: `python -m cli.reference > docs/cli.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cli.main import mainstem

WIDTH = 90
HEAD = """\
# The `mainstem` command

Written from the code by `python -m cli.reference > docs/cli.md`; a test compares the two.

- Results go to stdout, progress and messages to stderr. Every command takes `--json`; progress of
  long work is a line of JSON each then, too.
- The global options may stand before or after a command's name.
- Exit codes: 0 done · 1 found a difference or refused · 2 wrong usage · 3 not now (in use, on its
  way, disk full, interrupted; run it again). With `--json`, exit code 1 answers as JSON too, in the
  command's own form or with an `error`. After 2 and 3 stdout stays empty.
- All that is stored lies in one folder. Every command works whether or not `mainstem up` runs on
  it: where nobody moves views on, the command does it itself before it reads, and says so when a
  view has changed and is folded anew; where somebody does, it waits for them, two seconds at most.
- On a terminal there are tables and bars; elsewhere plain lines, without colours.
- What should never happen is one line and exit code 1, never a traceback; `MAINSTEM_DEBUG=1` shows
  all of it.
- What was recorded of stored events lies in `DIR/schemas/NAME.json`: commit it with the domain.
"""


def reference() -> str:
    """Every command with its help, as Markdown."""
    return HEAD + "".join(_section(*one) for one in _all(mainstem, None))


def _all(
    command: click.Command, above: click.Context | None
) -> Iterator[tuple[click.Command, click.Context]]:
    name = command.name if above is not None else "mainstem"
    context = click.Context(
        command, info_name=name, parent=above, terminal_width=WIDTH, color=False,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    yield command, context
    if isinstance(command, click.Group):
        for one in sorted(command.commands):
            yield from _all(command.commands[one], context)


def _section(command: click.Command, context: click.Context) -> str:
    return f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
