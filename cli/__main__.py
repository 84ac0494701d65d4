"""`python -m cli` is `mainstem`, where nothing is installed."""

from cli.main import main

main()
