"""Views over HTTP: rows, lists, search and histories, for those who may read them."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Response

from local.engine import engine
from tests.http.house import DOMAINS, House, opened, signed

TITLES = ["Fire", "It burns", "Milk", "Smoke", "Tea"]


def told(answer: Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def tickets(house: House) -> list[str]:
    """The ids of five tickets, oldest first."""
    ids = [house.ask("/v1/tickets/submit", {"title": title}).json()["id"] for title in TITLES]
    house.ask(f"/v1/tickets/{ids[2]}/close", {"reason": "drunk"})
    house.ask(f"/v1/tickets/{ids[1]}/assign", {"assignee": "bob"})
    house.caught_up()
    return ids


class TestRows:
    def test_a_row_is_shown_with_its_version(self, house: House, tickets: list[str]) -> None:
        answer = house.read(f"/v1/ticket/{tickets[2]}")
        row = told(answer)
        assert answer.headers["ETag"].startswith('"2-')
        assert (row["id"], row["version"], row["status"]) == (tickets[2], 2, "closed")
        assert row["people"] == ["ann"]

    def test_a_moment_is_written_as_people_write_it(self, house: House, tickets: list[str]) -> None:
        opened_at = told(house.read(f"/v1/ticket/{tickets[0]}"))["opened_at"]
        assert len(opened_at) == len("2026-01-31T09:00:00.000000Z")
        assert opened_at.endswith("Z")

    def test_what_is_private_stays_behind(self, house: House, tickets: list[str]) -> None:
        row = told(house.read(f"/v1/ticket/{tickets[0]}"))
        assert not [name for name in row if name.startswith("_")]

    def test_the_same_version_needs_no_body(self, house: House, tickets: list[str]) -> None:
        path = f"/v1/ticket/{tickets[2]}"
        etag = house.read(path).headers["ETag"]
        answer = house.read(path, headers={"If-None-Match": f'W/"7", {etag}'})
        assert (answer.status_code, answer.text, answer.headers["ETag"]) == (304, "", etag)
        assert house.read(path, headers={"If-None-Match": '"2"'}).status_code == 200

    def test_what_is_not_there_is_missing(self, house: House) -> None:
        told(house.read("/v1/ticket/never"), 404)

    def test_another_tenants_is_missing(self, house: House, tickets: list[str]) -> None:
        theirs = signed("ann", tenant="acme")
        told(house.client.get(f"/v1/ticket/{tickets[0]}", headers=theirs), 404)

    def test_readers_decide(self, house: House) -> None:
        org = {"name": "The Kettle", "location": "Harbour Lane 4"}
        told(house.ask("/v1/orgs/create", org, "kettle", "org"), 201)
        house.caught_up()
        told(house.read("/v1/org/kettle", "kettle"))
        told(house.read("/v1/org/kettle", "wim", "worker"))
        told(house.read("/v1/org/kettle", "bob"), 403)
        told(house.read("/v1/org/kettle", ""), 401)

    def test_a_row_that_nobody_may_see_any_more_is_forbidden(self, house: House) -> None:
        id = told(house.ask("/v1/rooms/create", {"name": "Attic"}), 201)["id"]
        told(house.caught_up().read(f"/v1/room/{id}", ""))
        told(house.ask(f"/v1/rooms/{id}/delete"))
        house.caught_up()
        told(house.read(f"/v1/room/{id}"), 403)
        told(house.read(f"/v1/room/{id}", ""), 401)

    def test_a_keyed_view_has_a_row_for_each_key(self, house: House) -> None:
        id = told(house.ask("/v1/channels/talk%2Ftea/create", {"name": "tea talk"}), 201)["id"]
        at = quote(id, safe="")
        house.ask(f"/v1/channels/{at}/join")
        said = told(house.ask(f"/v1/channels/{at}/send", {"text": "Who has milk?"}))["answer"]
        row = told(house.caught_up().read(f"/v1/message/{at}/{quote(said, safe='')}", ""))
        assert (row["id"], row["key"], row["text"]) == (id, "ann/1", "Who has milk?")
        told(house.read(f"/v1/message/{at}/{quote('ann/2', safe='')}"), 404)

    @pytest.mark.parametrize("query", [
        "version=0", "version=x", "version=-1", "version=1&version=2", "milk=1",
        "version=9007199254740992", "version=%31%00",
    ])  # fmt: skip
    def test_parameters_are_strict(self, house: House, tickets: list[str], query: str) -> None:
        told(house.read(f"/v1/ticket/{tickets[0]}?{query}"), 400)


class TestVersions:
    def test_a_version_that_is_there_is_answered(self, house: House, tickets: list[str]) -> None:
        assert told(house.read(f"/v1/ticket/{tickets[2]}?version=1"))["version"] == 2

    def test_one_that_does_not_come_is_a_conflict_that_says_what_there_is(
        self, hasty: House
    ) -> None:
        told(hasty.ask("/v1/tickets/kettle/submit", {"title": "It burns"}), 201)
        answer = hasty.caught_up().read("/v1/ticket/kettle?version=2")
        said = told(answer, 409)
        assert (said["title"], said["version"]) == ("behind", 1)
        assert answer.headers["Retry-After"] == "1"

    def test_one_that_is_on_its_way_is_waited_for(self, house: House) -> None:
        id = told(house.ask("/v1/tickets/submit", {"title": "Soon"}), 201)["id"]
        answers: list[Response] = []
        reading = threading.Thread(
            target=lambda: answers.append(house.read(f"/v1/ticket/{id}?version=1"))
        )
        reading.start()
        house.caught_up()
        reading.join()
        assert told(answers[0])["title"] == "Soon"

    def test_a_row_that_is_not_yours_does_not_tell_its_version(self, hasty: House) -> None:
        org = {"name": "The Pot", "location": "Harbour Lane 5"}
        told(hasty.ask("/v1/orgs/create", org, "pot", "org"), 201)
        assert "version" not in told(hasty.caught_up().read("/v1/org/pot?version=9", "bob"), 403)

    def test_what_others_did_is_not_told_to_who_may_not_read_it(self, hasty: House) -> None:
        look = b'{"id": "v", "type": "Viewed", "data": {"page": "/", "ms": 1}}\n'
        lines = {"Content-Type": "application/x-ndjson"}
        hasty.ask("/v1/clicks", None, "web", "producer", content=look * 3, headers=lines)
        hasty.caught_up()
        path = "/v1/product/v/nokey?version=9"
        assert "version" not in told(hasty.read(path, "eve"), 404)
        assert told(hasty.read(path, "ida", "analyst"), 409)["version"] == 3

    def test_what_never_was_is_behind_every_version(self, hasty: House) -> None:
        assert told(hasty.read("/v1/ticket/never?version=1"), 409)["version"] == 0


class TestLists:
    def test_a_list_is_in_its_order(self, house: House, tickets: list[str]) -> None:
        page = told(house.read("/v1/ticket?index=newest&limit=100"))
        listed = [row["id"] for row in page["rows"] if row["id"] in tickets]
        assert listed == tickets[::-1]
        assert page["eventual"] is True

    def test_a_list_is_of_a_value(self, house: House, tickets: list[str]) -> None:
        rows = told(house.read("/v1/ticket?index=by_status&status=closed"))["rows"]
        assert [row["id"] for row in rows] == [tickets[2]]

    def test_a_value_left_out_is_none(self, house: House, tickets: list[str]) -> None:
        bobs = told(house.read("/v1/ticket?index=by_assignee&assignee=bob"))["rows"]
        nobodys = told(house.read("/v1/ticket?index=by_assignee&limit=100"))["rows"]
        assert [row["id"] for row in bobs] == [tickets[1]]
        assert {row["id"] for row in nobodys} >= {tickets[0], *tickets[2:]}

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
    def test_pages_hold_every_row_once(self, house: House, tickets: list[str], limit: int) -> None:
        whole = [row["id"] for row in told(house.read("/v1/ticket?index=newest&limit=100"))["rows"]]
        paged = [row["id"] for page in self.pages(house, limit) for row in page["rows"]]
        assert paged == whole

    def pages(self, house: House, limit: int) -> Iterator[Any]:
        path = more = f"/v1/ticket?index=newest&limit={limit}"
        while more:
            page = told(house.read(more))
            assert len(page["rows"]) <= limit
            yield page
            more = page["next"] and f"{path}&next={page['next']}"

    def test_the_last_page_says_so(self, house: House, tickets: list[str]) -> None:
        page = told(house.read("/v1/ticket?index=by_status&status=closed&limit=1"))
        assert page["next"] is None

    def test_a_list_shows_only_what_its_caller_may_read(self, house: House) -> None:
        for name in ("cup", "jug", "mug"):
            org = {"name": f"The {name}", "location": "Harbour Lane 6"}
            told(house.ask("/v1/orgs/create", org, name, "org"), 201)
        house.caught_up()
        ours = told(house.read("/v1/org?index=names&limit=1", "mug"))
        assert [row["id"] for row in ours["rows"]] == ["mug"]
        assert ours["next"] is None
        told(house.read("/v1/org?index=names", ""), 401)

    def test_words_are_found(self, house: House, tickets: list[str]) -> None:
        rows = told(house.read("/v1/ticket?search=burns"))["rows"]
        assert [row["id"] for row in rows] == [tickets[1]]
        assert told(house.read("/v1/ticket?search=teapot"))["rows"] == []

    @pytest.mark.parametrize("words", ['"', "a OR b", "NEAR(", "title:x", "*", "-a", "(", "'", "^"])
    def test_words_are_words(self, house: House, words: str) -> None:
        told(house.read("/v1/ticket", params={"search": words}))

    @pytest.mark.parametrize(
        ("query", "at"),
        [
            ("", "index"),
            ("index=", "index"),
            ("index=oldest", "index"),
            ("index=newest&limit=0", "limit"),
            ("index=newest&limit=101", "limit"),
            ("index=newest&limit=1&limit=1", "limit"),
            ("index=newest&milk=1", "milk"),
            ("index=newest&status=open", "status"),
            ("index=newest&search=tea", "search"),
            ("index=by_priority", "priority"),
            ("index=newest&next=x", "next"),
            ("index=newest&next=", "next"),
            ("index=newest&next=%F0%9F%8D%B5", "next"),
            ("search=", "search"),
            ("search=%20", "search"),
            ("search=" + "a" * 201, "search"),
            ("search=tea&next=x", "next"),
            ("search=tea&mark=x", "mark"),
        ],
    )
    def test_what_is_wrong_is_named(self, house: House, query: str, at: str) -> None:
        said = told(house.read(f"/v1/ticket?{query}"), 400)
        assert [flaw["at"] for flaw in said["errors"]] == [at]

    def test_the_next_of_another_list_is_refused(self, house: House, tickets: list[str]) -> None:
        next = told(house.read("/v1/ticket?index=newest&limit=1"))["next"]
        told(house.read(f"/v1/ticket?index=by_assignee&next={next}"), 400)
        told(house.read(f"/v1/ticket?search=tea&next={next}"), 400)
        told(house.read(f"/v1/ticket?index=newest&next={next[:-2]}"), 400)

    def test_a_word_for_a_place_tells_nothing_of_it(self, house: House, tickets: list[str]) -> None:
        path = "/v1/ticket?index=newest&limit=1"
        page = told(house.read(path))
        word = page["next"]
        assert page["rows"][0]["id"].encode() not in urlsafe_b64decode(word + "==")
        assert told(house.read(path))["next"] == word
        other = "A" if word[9] != "A" else "B"
        told(house.read(f"{path}&next={word[:9]}{other}{word[10:]}"), 400)

    def test_a_view_without_lists_has_none(self, house: House) -> None:
        told(house.read("/v1/balance"), 404)


class TestHistories:
    def test_an_operator_reads_what_has_happened(self, house: House, tickets: list[str]) -> None:
        said = told(house.read(f"/v1/tickets/{tickets[2]}/events", "op", "operator"))
        assert [event["type"] for event in said["events"]] == ["Submitted", "Closed"]
        assert said["events"][1]["data"] == {"reason": "drunk"}
        assert said["next"] is None

    def test_a_history_has_pages(self, house: House, tickets: list[str]) -> None:
        path = f"/v1/tickets/{tickets[2]}/events?limit=1"
        first = told(house.read(path, "op", "operator"))
        last = told(house.read(f"{path}&after={first['next']}", "op", "operator"))
        assert (first["next"], last["next"]) == (1, None)
        assert [event["version"] for event in last["events"]] == [2]

    def test_a_record_of_many_events_is_paged_too(self, house: House) -> None:
        id = told(house.ask("/v1/rooms/create", {"name": "Hall"}), 201)["id"]
        who = {"kind": "person", "who": [f"guest {n}" for n in range(9)]}
        told(house.ask(f"/v1/rooms/{id}/invite", who))
        seen, after = [], 0
        while after is not None:
            path = f"/v1/rooms/{id}/events?limit=4&after={after}"
            page = told(house.read(path, "op", "operator"))
            seen += [event["version"] for event in page["events"]]
            after = page["next"]
        assert seen == list(range(1, 11))

    def test_nobody_else_does(self, house: House, tickets: list[str]) -> None:
        told(house.read(f"/v1/tickets/{tickets[2]}/events"), 403)
        told(house.read(f"/v1/tickets/{tickets[2]}/events", ""), 401)

    def test_nothing_has_happened_to_what_never_was(self, house: House) -> None:
        told(house.read("/v1/tickets/never/events", "op", "operator"), 404)

    @pytest.mark.parametrize("query", ["after=-1", "limit=0", "next=1"])
    def test_parameters_are_strict(self, house: House, tickets: list[str], query: str) -> None:
        told(house.read(f"/v1/tickets/{tickets[0]}/events?{query}", "op", "operator"), 400)


def test_a_row_that_was_folded_anew_is_not_the_one_that_is_known(tmp_path: Path) -> None:
    with opened(tmp_path / "folder") as house:
        told(house.ask("/v1/tickets/7f2/submit", {"title": "It burns"}), 201)
        known = house.caught_up().read("/v1/ticket/7f2").headers["ETag"]
        house.ports.folder.views.write(
            lambda db: db.execute("UPDATE generations SET fingerprint = 'other folds'")
        )
        engine(house.ports, DOMAINS)
        answer = house.read("/v1/ticket/7f2", headers={"If-None-Match": known})
        assert told(answer)["version"] == 1
        assert answer.headers["ETag"] != known


def test_a_view_that_is_being_built_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "folder") as house:
        house.ports.folder.views.write(
            lambda db: db.execute("UPDATE generations SET stage = 'kept'")
        )
        answer = house.read("/v1/ticket/x")
        assert "being built" in told(answer, 503)["detail"]
        assert answer.headers["Retry-After"] == "5"
