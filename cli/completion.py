"""`mainstem completion`: the script that teaches a shell to complete commands and domain names."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from cli.session import Command, Session, asks

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(SHELLS))
@asks
@click.pass_context
def completion(context: click.Context, session: Session, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      eval "$(mainstem completion bash)"                # in ~/.bashrc
      eval "$(mainstem completion zsh)"                 # in ~/.zshrc
      mainstem completion fish > ~/.config/fish/completions/mainstem.fish
    """
    script = script_of(context.find_root().command, shell)
    session.answer(script.rstrip("\n"), {"shell": shell, "script": script})


def script_of(command: click.Command, shell: str) -> str:
    """The script, without asking which shells this machine has."""
    known = get_completion_class(shell)
    assert known is not None, shell
    return ShellComplete.source(known(command, {}, "mainstem", "_MAINSTEM_COMPLETE"))
