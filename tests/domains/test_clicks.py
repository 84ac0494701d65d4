from datetime import datetime, timedelta

import pytest

from domains import clicks
from domains.clicks import Product, Purchased, Refunded, Sessions, Standing, Viewed, Visitor
from mainstem import Command, View
from mainstem._mark import Search
from mainstem.testing import DAWN, given, listed

KETTLE, CUP = "kettle-9", "cup-1"

home = Viewed(page="/", ms=4_000, referrer="https://tea.example/best-kettles")
kettle = Viewed(page="/kettle", ms=30_000, product=KETTLE)
cup = Viewed(page="/cup", ms=900, product=CUP)
buys_kettle = Purchased(product=KETTLE, cents=4_950, order="o-1")
buys_cup = Purchased(product=CUP, cents=750, order="o-1")


def minutes(n: int) -> datetime:
    return DAWN + timedelta(minutes=n)


def test_nobody_commands_a_visitor() -> None:
    values = vars(clicks).values()
    assert not [one for one in values if isinstance(one, type) and issubclass(one, Command)]


def test_a_visitor_is_seen_from_the_earliest_to_the_latest_fact_whatever_order_they_come_in() -> (
    None
):
    late = given(kettle, at=minutes(5)).given(home, at=minutes(0)).given(cup, at=minutes(3))
    visitor = late.seen(Visitor)
    assert (visitor.first_seen_at, visitor.last_seen_at) == (minutes(0), minutes(5))


def test_pages_are_counted_and_told_apart() -> None:
    visitor = given(home, kettle, home, cup).seen(Visitor)
    assert (visitor.views, visitor.distinct_pages) == (4, 3)
    assert visitor.pages == {"/", "/kettle", "/cup"}
    assert visitor.landed_on == "/"
    assert visitor.looked_ms == 38_900


def test_the_latest_ten_pages_are_kept_newest_first() -> None:
    walk = [Viewed(page=f"/{n}", ms=1) for n in range(12)]
    assert given(*walk).seen(Visitor).latest_pages == tuple(f"/{n}" for n in range(11, 1, -1))


def test_a_glimpse_is_a_view_of_less_than_two_seconds() -> None:
    assert given(kettle, cup).seen(Visitor).glimpses == 1
    assert given(Viewed(page="/", ms=2_000)).seen(Visitor).glimpses == 0


def test_a_visitor_comes_from_the_first_page_that_sent_one() -> None:
    elsewhere = Viewed(page="/", ms=1, referrer="https://coffee.example")
    assert given(kettle, home, elsewhere).seen(Visitor).came_from == home.referrer
    assert given(kettle).seen(Visitor).came_from == "direct"


def test_money_spent_is_what_was_paid_and_not_given_back() -> None:
    cracked = Refunded(product=CUP, cents=750, order="o-1")
    visitor = given(buys_kettle, buys_cup, cracked).seen(Visitor)
    assert (visitor.revenue_cents, visitor.purchases, visitor.products_bought) == (4_950, 2, 2)
    assert visitor.cents_per_purchase == 2_475


def test_who_buys_nothing_pays_nothing_on_average() -> None:
    assert given(home).seen(Visitor).cents_per_purchase is None


def test_a_gift_is_no_conversion() -> None:
    gift = Purchased(product=CUP, cents=0, order="o-0")
    assert not given(gift).seen(Visitor).converted
    assert given(gift, buys_cup).seen(Visitor).converted


def test_a_bargain_costs_less_than_ten() -> None:
    assert given(buys_kettle, buys_cup).seen(Visitor).bargains == 1


def test_who_sees_one_page_and_leaves_has_bounced() -> None:
    assert given(home).seen(Visitor).bounced
    assert not given(home, kettle).seen(Visitor).bounced
    assert not given(home, buys_kettle).seen(Visitor).bounced


@pytest.mark.parametrize(
    ("purchases", "standing"),
    [(0, Standing.LOOKER), (1, Standing.BUYER), (2, Standing.BUYER), (3, Standing.REGULAR)],
)
def test_a_visitors_standing_grows_with_purchases(purchases: int, standing: Standing) -> None:
    assert given(home, *[buys_cup] * purchases).seen(Visitor).standing is standing


def test_each_product_has_a_row_of_its_own() -> None:
    rows = given(home, kettle, kettle, buys_kettle, cup).rows(Product)
    assert list(rows) == [clicks.NO_PRODUCT, CUP, KETTLE]
    seen = {key: (row.views, row.purchases, row.revenue_cents) for key, row in rows.items()}
    assert seen == {clicks.NO_PRODUCT: (1, 0, 0), CUP: (1, 0, 0), KETTLE: (2, 1, 4_950)}


def test_a_product_knows_its_prices_and_its_longest_look() -> None:
    on_sale = Purchased(product=KETTLE, cents=3_950, order="o-2")
    row = given(kettle, buys_kettle, on_sale, buys_kettle).rows(Product)[KETTLE]
    assert (row.longest_ms, row.cheapest_cents, row.paid_cents) == (30_000, 3_950, 4_950)


def test_a_product_is_refunded_until_it_is_bought_again() -> None:
    returned = given(buys_kettle, Refunded(product=KETTLE, cents=4_950, order="o-1"))
    assert returned.rows(Product)[KETTLE].refunded
    assert not returned.given(buys_kettle).rows(Product)[KETTLE].refunded


def test_who_looks_three_times_and_does_not_buy_is_tempted() -> None:
    assert not given(kettle, kettle).rows(Product)[KETTLE].tempted
    assert given(kettle, kettle, kettle).rows(Product)[KETTLE].tempted
    assert not given(kettle, kettle, kettle, buys_kettle).rows(Product)[KETTLE].tempted


def test_half_an_hour_of_silence_ends_a_session() -> None:
    morning = given(home, at=minutes(0)).given(kettle, at=minutes(29))
    assert [pages for *_, pages in morning.seen(Sessions).sessions] == [2]
    back = morning.given(cup, at=minutes(59))
    assert [pages for *_, pages in back.seen(Sessions).sessions] == [1, 2]


def test_a_session_says_when_it_started_and_ended() -> None:
    dawn = int(DAWN.timestamp())
    session = given(home, at=minutes(1)).given(kettle, at=minutes(9)).given(cup, at=minutes(0))
    assert session.seen(Sessions).sessions == ((dawn, dawn + 9 * 60, 3),)


def test_only_the_latest_sessions_are_kept() -> None:
    faithful = given()
    for day in range(clicks.SESSIONS_KEPT_MAX + 5):
        faithful = faithful.given(home, at=DAWN + timedelta(days=day))
    assert len(faithful.seen(Sessions).sessions) == clicks.SESSIONS_KEPT_MAX


@pytest.mark.parametrize("view", [Visitor, Product, Sessions])
def test_only_analysts_read_what_visitors_do(view: type[View]) -> None:
    history = given(kettle, buys_kettle)
    assert history.readable(view, by="ann", roles={"analyst"})
    assert not history.readable(view, by="ann", roles={"worker"})
    assert not history.readable(view, by=history.id)


def test_a_product_lists_its_visitors_by_what_they_spent() -> None:
    thrifty, lavish = given(buys_cup, buys_kettle, id="b"), given(buys_kettle, buys_kettle)
    rows = listed(Product, "dearest", thrifty, lavish, key=KETTLE)
    assert [(row.id, row.revenue_cents) for row in rows] == [("a", 9_900), ("b", 4_950)]


def test_visitors_are_listed_by_standing_and_found_by_page() -> None:
    early, late = given(buys_cup), given(buys_cup, at=minutes(9), id="b")
    buyers = listed(Visitor, "latest_first", early, late, given(home, id="c"), standing="buyer")
    assert [visitor.id for visitor in buyers] == ["b", "a"]
    assert Visitor.__marks__["words"] == Search("words", ("pages",))
