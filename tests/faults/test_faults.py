"""The harness in its short form, the proof at 3 requests a second, and what the harness itself rests on.

`make faults` runs the long form, and tries the harness on code that breaks each promise.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.embedded import NoServer, find_server
from tests.faults.ground import ROOT
from tests.faults.injections import Faults
from tests.faults.mutations import MUTATIONS, NothingToMutate, copied, replaced
from tests.faults.plan import WEIGHTS, Planned, Row, delivered, plan
from tests.faults.verdict import judge

FORMS = ("short", "limit")


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Both forms at the same time: they mostly wait."""
    try:
        find_server()
    except NoServer as none:
        pytest.skip(str(none))
    with contextlib.ExitStack() as stack:
        yield {form: stack.enter_context(started(form)) for form in FORMS}


@contextlib.contextmanager
def started(form: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults", form]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            yield running
        finally:
            running.terminate()


@pytest.mark.processes
@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_lost_repeated_or_over_the_limit(form: str, runs: dict[str, subprocess.Popen[str]]) -> None:
    told, _ = runs[form].communicate(timeout=400)
    assert runs[form].returncode == 0, told
    assert "kill -9" in told, f"nothing was killed: {told}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_still_finds_its_place_in_the_code(name: str) -> None:
    with copied(MUTATIONS[name]) as code:
        for file, _, text in MUTATIONS[name].edits:
            assert text in (code / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("source", ["nothing of the kind", "WINDOW_MS = 1\nWINDOW_MS = 2"])
def test_a_mutation_without_its_one_place_fails_loudly(source: str) -> None:
    with pytest.raises(NothingToMutate, match="must be written anew"):
        replaced(source, "service/limiter.py", r"WINDOW_MS = \d+", "")


def forum(events: list[Planned]) -> dict[str, dict[int, Row]]:
    """A forum on which everything is as planned; events get the numbers from 1 on."""
    tables: dict[str, dict[int, Row]] = {"posts": {}, "topics": {}, "users": {}, "conversations": {}, "messages": {}}
    for number, event in enumerate(events, 1):
        event.number = number
        shows = event.shows()
        if shows is not None:
            tables[event.table][number] = {"author": {"username": "wren"}, **shows}
        if event.texts()["message"]:
            tables["conversations"][number] = {"conversationId": number, "subject": f"On {event.token}"}
            tables["messages"][number] = {"conversationId": number, "message": f"You wrote {event.token}"}
        if event.texts()["reply"]:
            tables["posts"][10_000 + number] = {"author": {"username": "modbot"}, "message": f"On {event.token}"}
    return tables


def test_a_forum_that_is_as_planned_is_not_faulted() -> None:
    events = plan(300, random.Random(1))
    verdict = judge(events, [], forum(events), [])
    assert [verdict.lost, verdict.repeated, verdict.unplanned, verdict.unsure] == [[], [], [], []]
    assert verdict.effects == sum(event.effects() for event in events)
    assert {event.kind for event in events} == set(WEIGHTS)


@pytest.mark.parametrize(
    "kind", [kind for kind in WEIGHTS if kind not in ("post", "topic", "note", "message", "reply")]
)
def test_an_effect_that_is_missing_is_lost(kind: str) -> None:
    [event] = [replace(one) for one in plan(300, random.Random(1)) if one.kind == kind][:1]
    done = forum([event])
    untouched = {"message": "as it was", "pending": kind == "approve", "locked": False, "pinned": False, "title": "-"}
    done[event.table][1] = {"author": {"username": "wren"}, **untouched, "categoryId": 1, "groups": ["Members"]}
    verdict = judge([event], [], done, [])
    assert len(verdict.lost) == 1, verdict


@pytest.mark.parametrize(
    ("kind", "table", "text"),
    [("message", "messages", "message"), ("reply", "posts", "reply"), ("several", "posts", "reply")],
)
def test_texts_are_counted_by_their_event(kind: str, table: str, text: str) -> None:
    event = next(one for one in plan(300, random.Random(1)) if one.kind == kind)
    done = forum([event])
    number, row = next((n, r) for n, r in done[table].items() if r.get("author", {}).get("username") != "wren")
    done[table][number + 1] = row
    assert judge([event], [], done, []).repeated == [f"{event.token}: 1 more {text}(s) than one"]
    del done[table][number], done[table][number + 1]
    assert judge([event], [], done, []).lost == [f"{event.token}: the {text} is missing"]
    assert judge([event], [], done, [event.token]).unsure == [f"{event.token}: the {text} waits for a person"]


@pytest.mark.parametrize("kind", ["post", "topic", "message"])
def test_what_no_rule_asks_for_is_found(kind: str) -> None:
    event = next(one for one in plan(300, random.Random(1)) if one.kind == kind)
    done = forum([event])
    done["posts"][9_999] = {"author": {"username": "modbot"}, "message": f"On {event.token}"}
    del done[event.table][1]
    assert judge([event], [], done, []).unplanned == [
        f"{event.token}: the {kind} is gone",
        f"{event.token}: 1 reply(s) of a {kind}",
    ]


def test_an_effect_that_staff_took_back_must_not_come_again() -> None:
    event = next(one for one in plan(300, random.Random(1)) if one.kind == "lock")
    done = forum([event])
    assert judge([event], [event], done, []).repeated == [
        f"{event.token}: lock undone by staff shows {{'locked': True}}"
    ]


def test_deliveries_hold_every_event_and_some_twice() -> None:
    events = plan(200, random.Random(1))
    sent = [one.token for group in delivered(events, random.Random(2), 0.1, 25) for one in group]
    assert set(sent) == {event.token for event in events}
    assert 200 < len(sent) < 260
    assert sent != sorted(sent)


def test_one_seed_is_one_schedule() -> None:
    faults = Faults(kill=3, error=2, restart_redis=1)
    first, second = (faults.schedule(random.Random(7)) for _ in range(2))
    assert first == second
    assert sorted(kind for _, kind in first) == ["error", "error", "kill", "kill", "kill", "restart_redis"]


def test_fewer_events_have_fewer_faults_but_some_of_each_kind() -> None:
    faults = Faults(kill=200, limit=4)
    assert faults.scaled(0.1) == Faults(kill=20, limit=1)
    assert faults.scaled(1.0) == faults
