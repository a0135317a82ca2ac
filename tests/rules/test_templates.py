"""Texts: what placeholders stand for, and that inserted text harms nobody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.decide import decide
from rules.decision import Decision
from rules.ruleset import load_text
from rules.samples import make_event


def text(rules: str, event: dict[str, Any] | None = None) -> str:
    found = decide(load_text(f"name: a\n{rules}\n"), make_event(event or {}))
    assert isinstance(found, Decision)
    return next(str(one.options["text"]) for one in found.actions if "text" in one.options)


FILLED = [
    ("reply: 'Hi {{author.name}}, {{title}}'", {}, "Hi wren, A quiet corner"),
    ("reply: 'Hi {{author}}'", {}, "Hi wren"),
    ("reply: '{{kind}}'", {}, "reply"),
    ("reply: '{{category.name}} {{category}} {{topic.category}}'", {}, "General General General"),
    ("reply: '{{author.account_age}} {{author.post_count}}'", {}, "1 year 100"),
    ("reply: '{{pending}}'", {}, "false"),
    (
        "reply: '{{permalink}}'",
        {"topic": {"permalink": "https://f.example/t/1?a=b&c"}},
        "https://f.example/t/1?a=b&amp;c",
    ),
    ("reply: '[{{permalink}}]'", {"topic": {"permalink": "javascript:alert(1)"}}, "[]"),
    ("body: casino\nreply: '{{match}}'", {"body": "The CASINO"}, "CASINO"),
    ("body#x: casino\nreply: '{{match.x}}'", {"body": "The CASINO"}, "CASINO"),
    ("title+body: casino\nreply: '{{match.title+body}} {{match-title+body}}'", {"body": "casino"}, "casino casino"),
    (
        "body#p (regex): '(\\d+) (?P<unit>kg)'\nreply: '{{match.p.1}} {{match.p.unit}} {{match.unit}}'",
        {"body": "7 kg"},
        "7 kg kg",
    ),
    (
        "body (regex): '(\\d+) (kg)'\nreply: '{{match-body-2}} {{match-3}} {{match.1}} {{match-1}}'",
        {"body": "7 kg"},
        "7 kg 7 7 kg",
    ),
    ("any: [{author.name: x}, {body#b: two}]\nreply: '{{match.b}}.{{match}}'", {"body": "one two"}, "two.two"),
    ("author: {name: wren}\nreply: '{{match.author.name}} {{match.name}}'", {}, "wren wren"),
    ("reply: '{{attachments.count}} {{topic.author.post_count}}'", {}, "0 100"),
    ("any#who: [{body: two}]\nreply: '{{match.who}}'", {"body": "one two"}, "two"),
    ("any: [{body#c: zwei}, {body#b: two}]\nreply: '[{{match.c}}]'", {"body": "two"}, "[]"),
    ("any: [{body#c: zwei}, {body#b: two}]\nreply: '{{match.c|default:\"none\"}}'", {"body": "two"}, "none"),
    ("link: {~domain: a.example}\nreply: '{{link.path}}'", {"body": "http://a.example/1 http://b.example/2"}, "/2"),
    ("domain: b.example\nreply: '{{link.path}}'", {"body": "http://a.example/1 http://b.example/2"}, "/2"),
    ("reply: '{{title|upper}} {{title|truncate:5}}'", {"title": "Quiet days"}, "QUIET DAYS Quie…"),
    ("reply: '{{title|sentence_case}}'", {"title": "HELP ME! MY PC IS DEAD"}, "Help me! My pc is dead"),
    ("body: casino\nreply: '{{match|mask}}'", {"body": "casino"}, "c*****"),
    ("retitle: '[Solved] {{topic.title}}'", {"title": "Q & A <b>"}, "[Solved] Q & A <b>"),
    ("notify_moderators: true", {"topic": {"permalink": "https://f.example/1"}}, "a: https://f.example/1"),
]


@pytest.mark.parametrize(("rules", "event", "expected"), FILLED)
def test_placeholders(rules: str, event: dict[str, Any], expected: str) -> None:
    assert text(rules, event) == expected


HARMLESS = [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("@everyone", "@\u2060everyone"),
    ("https://evil.example/x", "hxxps://evil[.]example/x"),
    ("www.evil.example", "www[.]evil[.]example"),
    ("{{author.email}}", "{{author[.]email}}"),
]


@pytest.mark.parametrize(("written", "shown"), HARMLESS)
def test_inserted_text_is_disarmed(written: str, shown: str) -> None:
    assert text("reply: '{{body}}'", {"body": written}) == shown


@given(st.text(max_size=300))
def test_nothing_inserted_is_markup_or_a_mention(written: str) -> None:
    shown = text("reply: 'x{{body}}x'", {"html": None, "title": written} if not written else {"body": written})
    assert "<" not in shown
    assert "@" not in shown.replace("@\u2060", "")


def test_what_is_inserted_is_bounded() -> None:
    assert len(text("reply: '{{body}}'", {"body": "x" * 100_000})) == 5_000
