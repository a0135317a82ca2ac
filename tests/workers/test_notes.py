"""Notes to the moderators: the first at once, those of the next five minutes in one digest, none lost or told twice."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from service.notes import MOST_TEXTS
from tests.world import World

Build = Callable[..., World]

TELL = """
name: tell
body: casino
notify_moderators: "{{author.name}} wrote {{body}}"
"""


def notes(world: World) -> list[str]:
    return [message["message"] for message in world.state["messages"]]


def tell(world: World, *words: str) -> None:
    for word in words:
        world.post(f"casino {word}")
    world.run(within=60)


def test_a_raid_is_two_notes_and_each_event_is_told(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, *(f"number {number}" for number in range(30)))
    assert notes(here) == ["pip wrote casino number 0"]
    here.run()
    _, digest = notes(here)
    assert digest.startswith("29 notes of the last 5 minutes<br><br>pip wrote casino number 1<br><br>")
    assert digest.endswith("<br><br>pip wrote casino number 29")


def test_equal_notes_are_told_once_with_their_number(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, "one", "two", "two", "three")
    here.run()
    assert notes(here)[1] == (
        "3 notes of the last 5 minutes<br><br>pip wrote casino two (2 times)<br><br>pip wrote casino three"
    )


def test_a_digest_that_would_be_too_long_says_where_the_rest_is(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, *(f"number {number}" for number in range(MOST_TEXTS + 6)))
    here.run()
    assert notes(here)[1].endswith("<br><br>and 5 more; all are in: modbot log --action notify_moderators")


def test_notes_after_a_digest_are_gathered_too_and_after_a_quiet_time_the_next_comes_at_once(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, "a", "b")
    here.clock.advance(301)
    here.run(within=1)
    tell(here, "c")
    assert len(notes(here)) == 2
    here.run()
    assert len(notes(here)) == 3
    here.clock.advance(301)
    tell(here, "d")
    assert notes(here)[-1] == "pip wrote casino d"


def test_the_log_shows_what_a_digest_tells(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, "a", "b")
    assert here.outcomes() == [("notify_moderators", "joined")]
    assert here.log()[0].state == "done"


def test_a_digest_whose_request_failed_is_sent_again_with_all_its_notes(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, "a", "b", "c")
    here.strike("POST /api/conversations", httpx.ConnectError("away"), before=True)
    here.run()
    assert notes(here)[1:] == ["2 notes of the last 5 minutes<br><br>pip wrote casino b<br><br>pip wrote casino c"]


def test_a_note_that_was_gathered_before_a_crash_is_told_once(world: Build) -> None:
    here = world(rules=TELL)
    tell(here, "a")
    here.post("casino b")
    gathered = []
    finish = here.context.ledger.finish

    def crash(*_args: object, **_more: object) -> None:
        gathered.append(True)
        here.context.ledger.finish = finish  # type: ignore[method-assign]
        raise OSError("the worker died")

    here.context.ledger.finish = crash  # type: ignore[assignment, method-assign]
    here.run()
    assert gathered
    assert notes(here)[1:] == ["1 note of the last 5 minutes<br><br>pip wrote casino b"]
