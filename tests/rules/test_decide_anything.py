"""Deciding never fails: every field and template on any event; and what is found out later never unsays what was decided."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.decide import decide
from rules.decision import Decision, Needs
from rules.event import Attachment, Author, Category, Conversation, Event, Person, Post, Topic
from rules.facts import Fact, Facts
from rules.fields.table import FIELDS
from rules.reference import field_example
from rules.ruleset import Ruleset, load_text

TYPES = ["topic.created", "topic.updated", "post.created", "post.updated", "post.approved", "user.created", "user.updated",
         "message.created", "conversation.created", "post.reported", "poll.closed"]  # fmt: skip


def _rules() -> Ruleset:
    rules = []
    for place, field in enumerate(FIELDS.values()):
        types = {"TRCU": "user"}.get(field.types, "")
        head = f"name: r{place}\n" + (f"type: {types}\nevent: [joined, edited, user.updated]\n" if types else "")
        rules.append(
            f"{head}any: [{{{_quoted(field_example(field))}}}, {{has: '{field.key}'}}]\nnotify_moderators: 'x'\n"
            if "." not in field.key.removeprefix("topic.author") or field.group not in ("link", "attachments")
            else f"{head}{field_example(field)}\nnotify_moderators: x\n"
        )
    rules.append(
        "name: t\nbody (regex): '(.)'\nmode: hold\nthen: [delete, lock, {retitle: '{{title|sentence_case}}'}, {move: 3}]\n"
        "message: '{{author.name}} {{match}} {{match.1}} {{permalink}} {{link.url}} {{body}} {{author.account_age}}'\n"
    )
    return load_text("---\n".join(rules))


def _quoted(example: str) -> str:
    key, _, value = example.partition(": ")
    return f"'{key}': {value}"


RULES = _rules()
NUMBERS = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53)
TEXTS = st.text(max_size=60) | st.sampled_from(["<a href='http://x.example'>y</a>", "@you", "", "A" * 30])
IDS = st.none() | st.integers(0, 9)
FLAGS = st.none() | st.booleans()


def _record(model: Any, **special: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    kinds = {"int | None": IDS, "str | None": st.none() | TEXTS, "float | None": st.none() | NUMBERS, "bool | None": FLAGS,
             "tuple[str, ...] | None": st.none() | st.lists(TEXTS, max_size=2).map(tuple)}  # fmt: skip
    fields = {
        name: special[name] if name in special else kinds[str(field.annotation)]
        for name, field in model.model_fields.items()
        if name in special or str(field.annotation) in kinds
    }
    return st.none() | st.builds(model.model_construct, **fields)


PEOPLE = _record(Person)
AUTHORS = _record(Author, custom_fields=st.none() | st.dictionaries(TEXTS, st.none() | TEXTS, max_size=2))
TOPICS = _record(Topic, author=PEOPLE)
POSTS = _record(
    Post, author=PEOPLE, attachments=st.none() | st.lists(_record(Attachment).filter(bool), max_size=2).map(tuple)
)
EVENTS = st.builds(
    Event.model_construct,
    type=st.sampled_from(TYPES),
    id=st.none(),
    at=NUMBERS,
    forum=st.none() | TEXTS,
    topic=TOPICS,
    post=POSTS,
    author=AUTHORS,
    category=_record(Category),
    conversation=_record(Conversation, participants=st.none()),
)
FACTS = st.builds(
    Facts.model_construct,
    author=AUTHORS,
    topic=TOPICS,
    post=POSTS,
    category=_record(Category).map(lambda one: one and one.model_copy(update={"category_id": None})),  # known before
    topic_author=AUTHORS,
    asked=st.frozensets(st.sampled_from(list(Fact))),
)


@given(EVENTS, FACTS)
@settings(max_examples=300, deadline=None)
def test_every_field_and_text_on_any_event(event: Event, facts: Facts) -> None:
    found = decide(RULES, event, facts, explain=True)
    if isinstance(found, Needs):
        assert not found.facts & facts.asked
    else:
        assert isinstance(found.model_dump_json(), str)


@given(EVENTS, FACTS)
@settings(max_examples=150, deadline=None)
def test_asking_ends(event: Event, facts: Facts) -> None:
    asked = facts
    for _ in range(len(Fact) + 1):
        found = decide(RULES, event, asked)
        if isinstance(found, Decision):
            return
        asked = asked.model_copy(update={"asked": asked.asked | found.facts})
    raise AssertionError("deciding asks on for ever")


@given(EVENTS, FACTS, st.frozensets(st.sampled_from(list(Fact))))
@settings(max_examples=300, deadline=None)
def test_what_is_found_out_later_changes_no_decision(event: Event, facts: Facts, asked: frozenset[Fact]) -> None:
    told = {fact.value: None for fact in Fact if fact not in asked}
    early = decide(RULES, event, facts.model_copy(update={**told, "asked": asked}))
    late = decide(RULES, event, facts.model_copy(update={"asked": frozenset(Fact)}))
    if isinstance(early, Decision):
        assert isinstance(late, Decision)
        assert early.actions == late.actions


@given(EVENTS, FACTS)
@settings(max_examples=150, deadline=None)
def test_explaining_changes_no_decision(event: Event, facts: Facts) -> None:
    plain, explained = decide(RULES, event, facts), decide(RULES, event, facts, explain=True)
    assert (
        plain == explained.model_copy(update={"trace": plain.trace})
        if isinstance(plain, Decision)
        else plain == explained
    )


@given(EVENTS, FACTS)
@settings(max_examples=150, deadline=None)
def test_one_live_action_a_slot(event: Event, facts: Facts) -> None:
    found = decide(RULES, event, facts.model_copy(update={"asked": frozenset(Fact)}))
    assert isinstance(found, Decision)
    slots = [(one.slot, one.target) for one in found.actions if one.mode == "live"]
    assert len(slots) == len(set(slots))
