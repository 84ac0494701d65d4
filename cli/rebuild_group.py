"""`mainstem rebuild VIEW`: a view alone is planned, and a word that is neither is told."""

from __future__ import annotations

import click

from cli.domains import must_be_one_of
from cli.session import Commands, WrongUsage


class PlanByDefault(Commands):
    """`mainstem rebuild ticket` plans: it is the question before every other one."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """What stands there, or plan where a view does."""
        if args and self.get_command(context, args[0]) is None:
            if args[1:] and not args[1].startswith("-"):  # a view is followed by options alone
                if args[1] in self.commands:
                    turned = f"mainstem rebuild {args[1]} {args[0]}"
                    raise WrongUsage(f"the command comes first: {turned}")
                must_be_one_of(args[0], self.commands, "command of rebuild")
            args = ["plan", *args]
        return super().resolve_command(context, args)
