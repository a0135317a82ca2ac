"""`modbot dead` beside a real Redis: what waits for a person, and that person's word on one, on some, on all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis import Redis

from service.cli import dead as module
from service.dead_letters import Choice, DeadLetter, DeadLetters
from service.kept import DEAD, DUE
from tests.service.site import DAY, Site
from tests.service.test_cli_log import Run, modbot, site

__all__ = ["modbot", "site"]


@pytest.fixture
def letters(site: Site) -> DeadLetters:
    """Two effects of which nobody knows, one action that was given up, an event that no rule could be applied to."""
    (unsure, reply) = site.ended("unsure", "no answer in 10 s")
    (given_up, other) = site.planned()
    site.finish(given_up, "failed", "the forum is away", "retries_exhausted")
    site.finish(other, "done")
    broken = site.taken_in()
    site.store.settle(broken, "dead", "evaluation failed 5 times: KeyError", "rule_error")
    site.redis.zadd(DEAD, {f"action:{reply}": site.redis.time()[0] - 2 * DAY})
    assert site.redis.zcard(DEAD) == 4
    assert unsure != given_up
    return DeadLetters(site.redis)


def listed(modbot: Run, *words: str) -> list[dict[str, Any]]:
    done = modbot("dead", "list", "--json", *words)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_list_tells_what_it_is_how_often_it_was_tried_and_the_last_error(letters: DeadLetters, modbot: Run) -> None:
    told = {(one["what"], one["cause"], one["attempts"], one["reason"]) for one in listed(modbot)}
    assert told == {
        ("lock (casino)", "timeout", 1, "no answer in 10 s"),
        ("reply (casino)", "timeout", 1, "no answer in 10 s"),
        ("lock (casino)", "retries_exhausted", 1, "the forum is away"),
        ("post.created", "rule_error", 0, "evaluation failed 5 times: KeyError"),
    }
    assert {one["forum"] for one in listed(modbot)} == {"main"}
    people = modbot("dead", "list").stdout
    for word in ("retries_exhausted", "the forum is away", "lock (casino)", "tried"):
        assert word in people
    assert "4 dead letters: 2 main timeout" in people


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--reason", "timeout"), 2),
        (("--reason", "forum is away"), 1),
        (("--reason", "rule_error"), 1),
        (("--since", "1d"), 3),
        (("--until", "1d"), 1),
        (("--forum", "main"), 4),
        (("--forum", "elsewhere"), 0),
        (("--reason", "timeout", "--since", "1d"), 1),
        (("--limit", "2"), 2),
    ],
)
def test_a_list_is_of_what_is_asked_for(letters: DeadLetters, modbot: Run, words: tuple[str, ...], count: int) -> None:
    assert len(listed(modbot, *words)) == count


def test_show_tells_all_that_is_known_as_json(letters: DeadLetters, modbot: Run) -> None:
    (letter,) = letters.all(None, Choice(reason="retries_exhausted"))
    told = json.loads(modbot("dead", "show", letter.item).stdout)
    assert (told["attempts"], told["reason"], told["state"]) == (1, "the forum is away", "failed")
    assert json.loads(told["action"])["action"] == "lock"


def test_one_is_redelivered_or_let_go_of_by_name(letters: DeadLetters, modbot: Run, site: Site) -> None:
    first, second = (one.item for one in letters.all(2))
    assert modbot("dead", "redeliver", first).stdout == f"redelivered: {first}\n"
    assert modbot("dead", "discard", second).stdout == f"discarded: {second}\n"
    assert site.redis.zscore(DUE, first) == 0
    assert site.redis.hget(f"modbot:{second}", "state") == "discarded"
    again = modbot("dead", "redeliver", first)
    assert again.exit_code == 1
    assert f"there is no dead letter '{first}'; `modbot dead list` prints them" in again.stderr


def test_all_of_a_choice_are_redelivered_and_no_others(letters: DeadLetters, modbot: Run, site: Site) -> None:
    done = modbot("dead", "redeliver", "--all", "--reason", "timeout", "--yes")
    assert done.stdout == "redelivered: 2\n"
    assert {one.cause for one in letters.all()} == {"retries_exhausted", "rule_error"}
    assert modbot("dead", "discard", "--all", "--yes").stdout == "discarded: 2\n"
    assert listed(modbot) == []
    assert modbot("dead", "list").stdout == "no dead letters\n"


def test_many_are_asked_about_with_their_number(
    letters: DeadLetters, modbot: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = modbot("dead", "redeliver", "--all")
    assert alone.exit_code == 2
    assert "nobody is there to be asked whether to redeliver them: give --yes" in " ".join(
        alone.stderr.replace("│", " ").split()
    )
    monkeypatch.setattr(module, "_somebody_is_there", lambda: True)
    no = modbot("dead", "redeliver", "--all", input="n\n")
    assert no.exit_code == 1
    assert "4 dead letters: 2 main timeout" in no.stderr
    assert len(letters.all()) == 4
    assert modbot("dead", "redeliver", "--all", input="y\n").stdout.endswith("redelivered: 4\n")


def test_what_comes_while_a_person_thinks_is_not_acted_on(
    letters: DeadLetters, modbot: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, anew = letters.all(2)

    def think() -> bool:
        site.ended("unsure", "it came meanwhile")
        assert letters.discard(gone)
        site.redis.zadd(DEAD, {anew.item: anew.since + 5})  # it was redelivered, and has died again
        return True

    monkeypatch.setattr(module, "_somebody_is_there", think)
    done = modbot("dead", "redeliver", "--all", input="y\n")
    assert done.stdout.endswith("redelivered: 2; dealt with by others meanwhile: 2\n")
    assert {one.reason for one in letters.all()} == {"it came meanwhile", anew.reason}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("redeliver",), "name items, or give --all with what chooses them"),
        (("discard", "event:e1", "--all"), "name items, or give --all with what chooses them"),
        (("redeliver", "event:e1", "--reason", "timeout"), "--forum, --reason, --since and --until go with --all"),
        (("list", "--since", "soon"), "--since takes a number and one of s m h d, such as 12h, or a time"),
    ],
)
def test_what_cannot_be_meant_is_told(modbot: Run, redis: Redis, words: tuple[str, ...], said: str) -> None:
    done = modbot("dead", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_many_are_read_and_dealt_with_in_few_round_trips(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.redis.pipeline() as pipe:
        for number in range(1000):
            pipe.hset(f"modbot:event:d{number}", mapping={"state": "dead", "reason": "x", "forum": "main"})
            pipe.zadd(DEAD, {f"event:d{number}": number})
        pipe.execute()
    sent = site.redis.info("commandstats").get("cmdstat_hgetall", {}).get("calls", 0)
    trips: list[int] = []
    pipeline = site.redis.pipeline

    def counted(**options: Any) -> Any:
        trips.append(1)
        return pipeline(**options)

    monkeypatch.setattr(site.redis, "pipeline", counted)
    letters = DeadLetters(site.redis)
    found = letters.all()
    assert [one.item for one in found[:2]] == ["event:d999", "event:d998"]
    assert letters.redeliver(*found) == 1000
    assert len(trips) == 10
    assert site.redis.info("commandstats")["cmdstat_hgetall"]["calls"] - sent == 1000


def test_an_unreadable_event_can_be_listed(site: Site) -> None:
    site.redis.hset("modbot:event:b", mapping={"state": "dead", "event": "{", "reason": "unreadable record"})
    site.redis.zadd(DEAD, {"event:b": 1})
    (letter,) = DeadLetters(site.redis).all()
    assert letter == DeadLetter("event:b", 1.0, letter.fields)
    assert (letter.what, letter.forum, letter.attempts) == ("unreadable", "", 0)
