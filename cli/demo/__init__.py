"""The demo: what it asks, what it breaks, and how it proves that nothing came of that."""

from cli.demo.command import demo

__all__ = ["demo"]
