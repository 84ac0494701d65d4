"""A shop that sells tea, and what its file says by now."""

from __future__ import annotations

from pathlib import Path

from tests.cli.desk import SHOP, Here, domains

TEA = (
    SHOP
    + """

from mainstem import Command, index, search


class Sell(Command[Sale], starts=True):
    what: str
    cents: int = 0

    def decide(self, sale: Sale):
        yield Sold(what=self.what, cents=self.cents)
"""
)
FIRST = TEA.replace("what = last(Sold.what)", "what = first(Sold.what)").replace(
    "count, last", "count, first, last"
)
NO_CAKE = (
    TEA.replace("count, last", "count, fold, last")
    .replace(
        "class Sale(",
        "def no_cake(n, sold):\n    return n // (sold.event.what != 'cake')\n\n\nclass Sale(",
    )
    .replace("sales = ", "worse = fold(0, {Sold: no_cake})\n    sales = ")
)


def stocked(place: Path) -> Here:
    """With some sales of two shops."""
    here = Here(place / "data", domains(place, shop=TEA))
    for id, what in (("a", "tea"), ("a", "cake"), ("b", "tea")):
        here.after("ask", f"shop/{id}", "sell", f"what={what}", "--as", "ann")
    return here


def later(shop: Here, text: str = FIRST) -> Here:
    """The same folder, with the file as it says by now."""
    return Here(shop.folder, domains(shop.folder.parent, shop=text))
