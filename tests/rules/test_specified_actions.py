"""The rule language, sections 1, 6, 7 and 9: actions in every spelling, who wins, and what is remembered.

Each row is a check as a moderator would write it, an event as a forum sends it, and what the specification says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.ruleset import load
from tests.rules.events import AT, DAY, done, message, numbered, post, topic

STAFF = "settings: {moderators: {groups: [Members]}}\n---\n"
FLOOD = "name: r\ncount: {of: post, by: author, within: 10 minutes, is: '>= 3'}\nhold: true\n"

DONE: list[tuple[str, dict[str, Any] | list[dict[str, Any]], list[str]]] = [
    ("name: r\nbody: hello\nthen: [{topic: {action: remove}}]", post(), ["delete:topic:501"]),
    ("name: r\nbody: hello\nlock: True\nstop: FALSE", post(), ["lock:topic:501"]),
    ("name: r\nany: {body (includes, fold): h3llo}\nlock: true", post(), ["lock:topic:501"]),
    ("name: r\ntopic: {author: {post_count: 5}}\nlock: true", post(), ["?r"]),
    ("name: r\nbody: hello\naction: remove", post(), ["delete:post:9001"]),
    ("name: r\nbody: hello\naction: filter", post(), ["hold:post:9001"]),
    ("name: r\nbody: hello\naction: spam", post(), ["delete:post:9001"]),
    ("name: r\nbody: hello\naction: report\nreport_reason: why", post(), ["notify_moderators:forum:0"]),
    ("name: r\nbody: hello\naction: approve", post(post__pending=True), ["approve:post:9001"]),
    ("name: r\nbody: hello\nmodmail: hi", post(), ["notify_moderators:forum:0"]),
    ("name: r\nbody: hello\nremove: true\nspam: true", post(), ["delete:post:9001"]),
    ("name: r\nbody: hello\ncomment: hi", post(), ["reply:topic:501"]),
    ("name: r\nbody: hello\nmessage: hi\nmessage_subject: subj", post(), ["message:user:101"]),
    ("name: r\nbody: hello\naction_reason: why\naction: remove", post(), ["delete:post:9001"]),
    (
        "name: r\ntype: topic\nbody: hello\nset_locked: true\nset_sticky: true",
        topic(),
        ["lock:topic:501", "pin:topic:501"],
    ),
    ("name: r\ntype: topic\nbody: hello\nset_locked: false", topic(topic__locked=True), ["unlock:topic:501"]),
    ("name: r\nbody: hello\nparent_submission: {set_locked: true}", post(), ["lock:topic:501"]),
    ("name: r\ntype: comment\nbody: hello\nparent_submission: {action: remove}", post(), ["delete:topic:501"]),
    ("name: r\nbody: hello\nlock: false", post(topic__locked=True), ["unlock:topic:501"]),
    ("name: r\nbody: hello\ntopic: {lock: true}", post(), ["lock:topic:501"]),
    ("name: r\nbody: hello\ntopic: {delete: true}", post(), ["delete:topic:501"]),
    ("name: r\nbody: hello\ntopic: {author: {add_to_group: X}}", post(), ["add_to_group:user:102"]),
    (
        "name: r\nbody: hello\nauthor: {add_to_group: X, message: Hi}",
        post(),
        ["add_to_group:user:101", "message:user:101"],
    ),
    ("name: r\nbody: hello\nmove: 31", post(), ["move:topic:501"]),
    ("name: r\nbody: hello\nretitle: x", post(), ["retitle:topic:501"]),
    ("name: r\nbody: hello\nadd_to_group: [A, B]", post(), ["add_to_group:user:101"] * 2),
    ("name: r\nbody: hello\nthen: delete", post(), ["delete:post:9001"]),
    ("name: r\nbody: hello\nthen: {delete: why}", post(), ["delete:post:9001"]),
    ("name: r\nbody: hello\nthen: [delete, message: x]", post(), ["delete:post:9001", "message:user:101"]),
    ("name: r\nbody: hello\nthen: [topic: {lock: true}]", post(), ["lock:topic:501"]),
    ("name: r\ntype: conversation\nbody: hello\nthen: [delete]", message(), ["delete:conversation:5"]),
    ("name: r\ntype: conversation\nbody: hello\nthen: [message: hi]", message(), ["message:user:101"]),
    (STAFF + "name: r\nbody: hello\ndelete: true", post(), []),
    (STAFF + "name: r\nbody: hello\nmoderators_exempt: false\ndelete: true", post(), ["delete:post:9001"]),
    (STAFF + "name: r\nbody: hello\nreply: x", post(), ["reply:topic:501"]),
    (STAFF + "name: r\nbody: hello\nauthor: {groups: Members}\nlock: true", post(), ["lock:topic:501"]),
    (STAFF + "name: r\nbody: hello\nauthor: {is_moderator: true}\nlock: true", post(), ["lock:topic:501"]),
    ("name: r\nbody: hello\nexempt: {groups: [Members]}\nreply: x", post(), []),
    ("name: r\nbody: hello\nexempt: {users: [wren]}\nreply: x", post(), []),
    ("name: r\nbody: hello\nexempt: {categories: [1]}\nreply: x", post(), []),
    ("name: r\nbody: hello\nexempt: {categories: General, groups: Zz}\nreply: x", post(), []),
    (
        "name: a\nbody: hello\ndelete: true\n---\nname: b\npriority: 10\nbody: hello\napprove: true",
        post(post__pending=True),
        ["approve:post:9001"],
    ),
    (
        "name: a\nbody: hello\napprove: true\n---\nname: b\nbody: hello\nhold: true\n---\nname: c\nbody: hello\ndelete: true",
        post(),
        ["delete:post:9001"],
    ),
    ("name: a\nbody: hello\nstop: true\n---\nname: b\nbody: hello\nhold: true", post(), []),
    ("name: a\nbody: hello\nretitle: A\n---\nname: b\nbody: hello\nretitle: B", post(), ["retitle:topic:501"]),
    (
        "name: a\nbody: hello\nunlock: true\n---\nname: b\nbody: hello\nlock: true",
        post(topic__locked=None),
        ["lock:topic:501"],
    ),
    (
        "name: a\ntype: topic\nbody: hello\nthen: [delete, lock, reply: x, retitle: z, move: Q, pin]",
        topic(),
        ["delete:topic:501", "message:user:101"],
    ),
    ("name: a\nbody: hello\nlock: true", post(topic__locked=True), []),
    ("name: a\nbody: hello\nhold: true", post(post__pending=True), []),
    ("name: a\nbody: hello\napprove: true", post(), []),
    ("name: a\nbody: hello\nthen: [delete, approve]", post(), ["delete:post:9001"]),
    (
        "version: 1\nlists: {bad: [hello, x]}\nconditions: {nc: {author: {post_count: '> 5'}}}\nactions: {pol: [delete, message: Hi]}\nrules: [{name: a, body: $bad, is: nc, then: [$pol]}]",
        post(),
        ["delete:post:9001", "message:user:101"],
    ),
    (
        "conditions: {nc: {author: {post_count: '> 5'}}, c2: {body: zz}}\nrules: [{name: a, is: [c2, nc], then: lock}]",
        post(),
        ["lock:topic:501"],
    ),
    (
        "conditions: {nc: [{body: hello}, {title: x}]}\nrules: [{name: a, type: topic, is: nc, then: lock}]",
        topic(title="x"),
        ["lock:topic:501"],
    ),
    ("lists: {bad: [hello, x]}\nrules: [{name: a, body: [zz, $bad], then: lock}]", post(), ["lock:topic:501"]),
    ("lists: {a: hello}\nrules: [{name: a, body: $a, then: lock}]", post(), ["lock:topic:501"]),
    ("lists: {a: hello}\nrules: [{name: a, body: {any: $a, except: [foo]}, then: lock}]", post(), ["lock:topic:501"]),
    (
        "name: a\ntype: post\nevent: [created, edited]\nwhen: {any: [{title+body: hello}, {all: [{link_count: '> 3'}]}]}\nthen: [delete, message: x]",
        post(),
        ["delete:post:9001", "message:user:101"],
    ),
    ("actions: {p: delete}\nrules: [{name: a, body: hello, then: $p}]", post(), ["delete:post:9001"]),
    (
        "actions: {p: [lock], q: [$p, delete]}\nrules: [{name: a, body: hello, then: [$q]}]",
        post(),
        ["lock:topic:501", "delete:post:9001"],
    ),
    (
        "actions: {p: {delete: true, message: x}}\nrules: [{name: a, body: hello, then: [$p]}]",
        post(),
        ["delete:post:9001", "message:user:101"],
    ),
    ("rules: []\n---\nname: a\nbody: hello\nlock: true", post(), ["lock:topic:501"]),
    (FLOOD, [numbered(1), numbered(2)], []),
    (FLOOD, [numbered(1), numbered(2, 5), numbered(3, 10)], ["hold:post:9003"]),
    (FLOOD, [numbered(1), numbered(2, 5), numbered(3, 600)], []),
    (FLOOD, [numbered(1), numbered(2, 5), numbered(3, 599)], ["hold:post:9003"]),
    (
        "name: r\npoints: {s: '>= 2'}\nlock: true\n---\ncounters: {s: {per: author}}\n---\nname: b\nbody: hello\nadd_points: {s: 1}",
        [numbered(1), numbered(2), numbered(3)],
        ["lock:topic:501", "add_points:user:101"],
    ),
    (
        "name: r\nduplicate: {of: body, by: site, within: 1 day, is: '>= 2', min_length: 1}\nlock: true",
        [numbered(1), numbered(2)],
        ["lock:topic:501"],
    ),
    ("name: r\nduplicate: {of: body, by: site, within: 1 day, is: '>= 2'}\nlock: true", [numbered(1), numbered(2)], []),
    (
        "name: r\ncount: {of: link, by: author, within: 1 day, is: '>= 3'}\nlock: true",
        [numbered(1, body="http://a.com http://b.com"), numbered(2, body="http://a.com")],
        ["lock:topic:501"],
    ),
    (
        "name: r\ncount: {of: post, by: link, within: 1 day, is: '>= 2'}\nlock: true",
        [numbered(1, body="http://www.a.com/x/"), numbered(2, body="https://a.com/x#q")],
        ["lock:topic:501"],
    ),
    (
        "name: r\ncount: {of: post, by: author, distinct: body, within: 1 day, is: '>= 2'}\nlock: true",
        [numbered(1, body="x"), numbered(2, body="x")],
        [],
    ),
    (
        "name: r\nany#who: [{count: {of: post, by: author, within: 1 day, is: '>= 2'}}, {body: zz}]\nlock: true",
        [numbered(1, body="x"), numbered(2, body="x")],
        ["lock:topic:501"],
    ),
    (
        "name: r\nevent: edited\ncount: {of: edit, by: author, within: 1 day, is: '>= 2'}\nlock: true",
        [numbered(1, type="post.updated"), numbered(2, type="post.updated")],
        ["lock:topic:501"],
    ),
    (
        "name: r\ncount: {of: edit, by: author, within: 1 day, is: '>= 2'}\nlock: true",
        [numbered(1, type="post.updated"), numbered(2, type="post.updated")],
        ["lock:topic:501"],
    ),
    ("name: r\nmode: shadow\nbody: hello\nlock: true", post(), ["lock:topic:501"]),
    ("name: r\nmode: off\nbody: hello\nlock: true", post(), []),
    ("settings: {mode: off}\nrules: [{name: r, body: hello, lock: true}]", post(), []),
]


@pytest.mark.parametrize(("rules", "events", "expected"), DONE)
def test_the_last_event_has_just_these_actions(
    rules: str, events: dict[str, Any] | list[dict[str, Any]], expected: list[str]
) -> None:
    assert done(rules, events if isinstance(events, list) else [events]) == expected


def test_the_examples_of_the_specification_load_word_for_word() -> None:
    ruleset = load([Path(__file__).parent / "specification.yaml"])
    assert len(ruleset.rules) == 12
    assert {fault.code for fault in ruleset.warnings} <= {"narrowed", "ends-topic"}


EXAMPLES = [
    ("Scunthorpe and a cockatoo", []),
    ("Scunthorpe, you c0ck", ["delete:post:9001", "add_points:user:101", "message:user:101"]),
    ("call 555-123-4567", ["edit:post:9001"]),
    ("!solved.", []),
]


@pytest.mark.parametrize(("body", "expected"), EXAMPLES)
def test_the_examples_do_as_they_say(body: str, expected: list[str]) -> None:
    rules = (Path(__file__).parent / "specification.yaml").read_text(encoding="utf-8")
    assert done(rules, [post(body=body, topic__lastPostTimestamp=AT - DAY)]) == expected
