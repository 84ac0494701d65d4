"""The `mainstem` command, and `python -m cli` where nothing is installed."""

from cli.interrupt import at_once


def main() -> None:
    """Ctrl-C has its words while the command is being loaded, too."""
    with at_once():
        from cli.main import main as ask
    ask()


if __name__ == "__main__":
    main()
