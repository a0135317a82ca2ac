"""Stories and examples: what is filled in, how a failure is told, and the shipped packs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.event import Author, Event
from rules.loading.faults import RulesInvalid
from rules.loading.files import PACKS
from rules.ruleset import load
from rules.samples import START, SampleError, make_event
from rules.testing import run_tests
from service.forums import PLATFORMS

RULES = "name: no-casino\nbody: casino\ndelete: true\nreply: No casinos\n---\nname: shout\ntype: topic\ntitle_caps_share: '> 80%'\nmode: shadow\nlock: true\n"


def problems(folder: Path, stories: str) -> list[str | None]:
    (folder / "rules.yaml").write_text(RULES)
    (folder / "rules.test.yaml").write_text(stories)
    return [result.problem for trial in run_tests([folder]) for result in trial.results]


EXPECTED = [
    ("{type: post.created, body: casino, expect: [delete, reply]}", None),
    ("{type: post.created, body: casino, expect: {no-casino: [reply, delete]}}", None),
    ("{type: post.created, body: quiet, expect: []}", None),
    ("{type: post.created, body: quiet}", None),
    ("{type: topic.created, title: LOUD, expect: [lock]}", None),  # whatever its mode
    ("{type: post.created, body: casino, expect: [hold]}", "expected hold, found no-casino: [delete, reply]"),
    ("{type: post.created, body: quiet, expect: [hold]}", "expected hold, found nothing"),
    (
        "{type: post.created, bodi: casino}",
        "this is no event: an event has no 'bodi'; it has author, topic, post, category, conversation, title and body",
    ),
    ("{type: post.created, author: {nmae: x}}", "this is no event: author has no 'nmae'; did you mean 'name'?"),
    (
        "{type: post.created, attachments: [{nam: x}]}",
        "this is no event: post.attachments has no 'nam'; did you mean 'name'?",
    ),
    (
        "{type: post.created, topic: {author: {gruops: x}}}",
        "this is no event: author has no 'gruops'; did you mean 'groups'?",
    ),
    (
        "{type: post.created, author: {account_age: young}}",
        "this is no event: account_age: a span is a number and a unit; write 10 minutes, 1 hour or 7 days",
    ),
    (
        "{type: post.created, author: {postCount: many}}",
        "this is no event: author.postCount: Input should be a valid integer, unable to parse string as an integer",
    ),
    (
        "{type: post.created, at: soon}",
        "this is no event: at: a span is a number and a unit; write 10 minutes, 1 hour or 7 days",
    ),
]


@pytest.mark.parametrize(("event", "problem"), EXPECTED)
def test_a_story_is_judged(tmp_path: Path, event: str, problem: str | None) -> None:
    assert problems(tmp_path, f"- story: s\n  events:\n    - {event}\n") == [problem]


FAULTY = [
    ("story: x", "rules.test.yaml:1:1: shape: a test file is a list of stories"),
    ("- story: x", "rules.test.yaml:1:3: shape: a story has a name and events"),
    ("- {story: x, evnts: [], events: []}", "rules.test.yaml:1:14: unknown-key: there is no key of a story 'evnts'"),
    (
        "- {story: x, events: [{type: post.created, expect: [remuv]}]}",
        "rules.test.yaml:1:53: unknown-action: there is no action 'remuv'",
    ),
]


@pytest.mark.parametrize(("stories", "message"), FAULTY)
def test_a_faulty_story_is_refused_with_its_place(tmp_path: Path, stories: str, message: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        problems(tmp_path, stories)
    assert str(caught.value.faults[0]).endswith(message)


def test_what_is_left_out_is_unremarkable() -> None:
    event = make_event(
        {"type": "post.created", "at": "5 minutes", "author": {"account_age": "1 hour", "country": None}}
    )
    assert event.at == START + 300
    assert event.author is not None
    assert (event.author.join_date_timestamp, event.author.country_code, event.author.post_count) == (
        START - 3300,
        None,
        100,
    )
    assert event.post is not None
    assert event.post.message_text == "Nothing out of the ordinary here."


def test_who_started_the_topic_can_be_told_of() -> None:
    event = make_event({"topic": {"author": {"groups": "Staff", "account_age": "1 day"}}})
    assert event.topic is not None
    starter = event.topic.author
    assert isinstance(starter, Author)
    told = (starter.username, starter.user_groups, starter.join_date_timestamp, starter.post_count)
    assert told == ("marlow", ("Staff",), START - 86400, 100)
    assert Event.model_validate(event.to_json()) == event


def test_a_text_that_is_given_is_not_filled_up() -> None:
    event = make_event({"type": "post.created", "html": "<p>x</p>"})
    assert event.post is not None
    assert (event.post.message, event.post.message_text) == ("<p>x</p>", None)


def outcome(written: dict[str, Any]) -> str:
    try:
        return make_event(written).type
    except SampleError as error:
        return str(error)


@given(
    st.dictionaries(
        st.sampled_from(["type", "at", "author", "title", "body", "topic.age", "category", "x"]),
        st.text() | st.integers() | st.none(),
    )
)
def test_any_words_are_an_event_or_refused(written: dict[str, Any]) -> None:
    assert outcome(written)


@pytest.mark.parametrize("pack", sorted(path.name for path in PACKS.iterdir() if path.is_dir()))
def test_a_shipped_pack_loads_without_warnings_and_does_what_its_stories_say(pack: str) -> None:
    ruleset = load([Path("packs") / pack], actions=PLATFORMS["websitetoolbox"].actions, platform="websitetoolbox")
    (trial,) = run_tests([Path("packs") / pack])
    told = [result.scene.expected for result in trial.results]
    assert ruleset.warnings == ()
    assert [result for result in trial.results if result.problem] == []
    assert {rule.name for rule in ruleset.rules} == {rule for one in told if isinstance(one, dict) for rule in one}


def test_all_shipped_packs_load_together() -> None:
    paths = [Path("packs") / path.name for path in PACKS.iterdir() if path.is_dir()]
    ruleset = load(paths, actions=PLATFORMS["websitetoolbox"].actions)
    assert ruleset.warnings == ()
    assert len(ruleset.rules) > 60


def test_two_files_may_say_the_same_setting_but_not_another(tmp_path: Path) -> None:
    for name, zone in (("a", "UTC"), ("b", "UTC"), ("c", "Europe/London")):
        text = f"settings: {{timezone: {zone}}}\nrules: [{{name: {name}, body: x, hold: true}}]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    assert len(load([tmp_path / "a.yaml", tmp_path / "b.yaml"]).rules) == 2
    with pytest.raises(
        RulesInvalid, match=r"c.yaml:1:12: name-twice: the setting 'timezone' is given before, in .*b.yaml:1"
    ):
        load([tmp_path / "b.yaml", tmp_path / "c.yaml"])


def test_a_shipped_pack_is_found_by_its_name_from_anywhere() -> None:
    here, elsewhere = load([Path("rules/packs/starter")]), load([Path("/nowhere/rules/packs/starter")])
    assert here.digest == elsewhere.digest
    assert not here.warnings


FLOOD = "name: flood\ncount: {of: post, by: author, within: 1 minute, is: '>= 2'}\nhold: true\nmode: shadow\n"


def test_a_story_is_remembered_to_its_end_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(FLOOD)
    scenes = "{type: post.created, expect: []}, {type: post.created, at: 5 seconds, expect: [hold]}"
    (tmp_path / "rules.test.yaml").write_text(
        f"- {{story: s, events: [{scenes}]}}\n- {{story: s, events: [{scenes}]}}\n"
    )
    assert [result.problem for trial in run_tests([tmp_path]) for result in trial.results] == [None] * 4
