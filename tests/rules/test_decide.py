"""Deciding: what matches, what is unknown, what is asked for, which action stands."""

from __future__ import annotations

from typing import Any

import pytest

from rules.conditions.verdict import FALSE, TRUE, UNKNOWN, Verdict, awaiting, every, some
from rules.decide import decide
from rules.decision import Decision, Needs, PlannedAction
from rules.event import Author, Event, Topic
from rules.facts import Fact, Facts
from rules.ruleset import load_text
from rules.samples import make_event

ASKABLE = Facts()


def decided(rules: str, event: dict[str, Any] | None = None, facts: Facts | None = None) -> Decision:
    found = decide(load_text(rules), make_event(event or {}), *([] if facts is None else [facts]), explain=True)
    assert isinstance(found, Decision)
    return found


def acts(rules: str, event: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(one.action, one.rule) for one in decided(rules, event).actions]


def matches(checks: str, event: dict[str, Any] | None = None) -> bool | None:
    rules = f"name: r\n{checks}\nmoderators_exempt: false\nnotify_moderators: true\n"
    return decided(rules, event).trace[0].verdict if not decided(rules, event).actions else True


def only(rules: str, event: dict[str, Any] | None = None) -> PlannedAction:
    actions = decided(rules, event).actions
    assert len(actions) == 1, actions
    return actions[0]


TOPIC_EVENT = {"type": "topic.created"}

CHECKS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("body: casino", {"body": "The Casino!"}, True),
    ("body: casino", {"body": "casinos"}, False),
    ("body (includes): casino", {"body": "casinos"}, True),
    ("body: [x, casino]", {"body": "casino"}, True),
    ("body (all): [free, casino]", {"body": "casino"}, False),
    ("body: {all: [free, casino]}", {"body": "a free casino"}, True),
    ("body: {at_least: 2, of: [a1, b1, c1]}", {"body": "b1 c1"}, True),
    ("body: {at_least: 2, of: [a1, b1, c1]}", {"body": "b1 b1"}, False),
    ("~body: casino", {"body": "quiet"}, True),
    ("~body (all): [free, casino]", {"body": "casino"}, True),
    ("body (includes): {any: cunt, except: Scunthorpe}", {"body": "Scunthorpe"}, False),
    ("title+body (all): [free, casino]", {**TOPIC_EVENT, "title": "free", "body": "casino"}, True),
    ("title+body: casino", {"body": "casino", "title": "x"}, True),
    ("title+body: casino", {"body": "x", "title": "casino"}, False),  # the title above a reply is not its own
    ("topic: {title: casino}", {"title": "casino"}, True),
    ("body (no-quotes): casino", {"html": "<blockquote>casino</blockquote>yes"}, False),
    ("body: casino\nignore_blockquotes: true", {"html": "<blockquote>casino</blockquote>yes"}, False),
    ("body: casino", {"body": None}, None),
    ("~body: casino", {"body": None}, None),
    ("any: [{body: casino}, {author: {name: wren}}]", {"body": None}, True),
    ("all: [{body: casino}, {author: {name: marlow}}]", {"body": None}, False),
    ("none: [{body: casino}]", {"body": None}, None),
    ("any: {body: x, author.name: wren}", {}, True),
    ("author: {any: [{name: x}, {post_count: 100}]}", {}, True),
    ("when: [{author: {name: wren}}, {any: [{author: {post_count: '> 5'}}]}]", {}, True),
    ("author: {groups: [Staff, Members]}", {}, True),
    ("author: {groups (all): [Staff, Members]}", {}, False),
    ("author: {~groups: Staff}", {}, True),
    ("author: {groups: Mem}", {}, False),
    ("empty: topic.tags", {}, True),
    ("author: {name: WREN}", {}, True),
    ("author: {name: wre}", {}, False),
    ("author: {email_domain: example.org}", {"author": {"email": "a@mail.example.org"}}, True),
    ("author: {email_domain: example.org}", {"author": {"email": "a@badexample.org"}}, False),
    ("author: {ip: 192.0.2.0/24}", {}, True),
    ("author: {~ip: [192.0.2.0/24, '2001:db8::/32']}", {"author": {"ip": "2001:db8::7"}}, False),
    ("author: {country: [GB, NO]}", {"author": {"country": "NO"}}, True),
    ("author: {~country: GB}", {"author": {"country": None}}, None),
    ("missing: author.country", {"author": {"country": None}}, True),
    ("has: author.country", {"author": {"country": None}}, False),
    ("has: [author.country, author.groups]", {}, True),
    ("empty: body", {"body": ""}, True),
    ("empty: body", {"html": "<p> <br></p>"}, True),
    ("has: body", {"html": "<p> <br></p>"}, False),
    ("author: {custom.home_town: Oslo}", {"author": {"customFields": {"Home Town": "oslo"}}}, True),
    ("author: {custom.home_town: Oslo}", {}, None),
    ("author: {account_age: '< 7 days'}", {"author": {"account_age": "7 days"}}, False),
    ("author: {account_age: '< 7 days'}", {"author": {"account_age": "6 days"}}, True),
    ("author: {combined_karma: '>= 10'}", {}, True),
    ("author: {satisfy_any_threshold: true, post_count: '> 500', account_age: '> 1 day'}", {}, True),
    ("author: {satisfy_any_threshold: true, name: x, account_age: '> 1 day'}", {}, False),
    ("author: {post_count: 90..100}", {}, True),
    ("author: {post_count: '!= 100'}", {}, False),
    ("author: {is_topic_author: true}", {"topic": {"author": {"id": 101}}}, True),
    ("author: {is_submitter: true}", {}, False),
    ("author: {is_topic_author: true}", TOPIC_EVENT, True),
    ("topic: {author: {name: marlow}}", {}, True),
    ("parent_submission: {locked: false}", {}, True),
    ("parent_submission: {flair_text: hot}", {"topic": {"tags": ["Hot"]}}, True),
    ("author: {flair_text: Members}", {}, True),
    ("link.domain: a.example", {"body": "http://a.example"}, True),
    ("attachments.count: '> 0'", {}, False),
    ("any: [{link: {domain: a.example}}, {body: x}]", {"body": "x"}, True),
    ("author: {email: wren@example.org}", {}, True),
    ("topic.author.id: 102", {}, True),
    ("has: topic.tags", {}, False),
    ("body: {any: [x], except: [x y]}", {"body": "x y"}, False),
    ("category: General", {}, True),
    ("category: 1", {}, True),
    ("category: '1'", {}, False),
    ("category: [Other, 1]", {}, True),
    ("~category: [Other, 1]", {}, False),
    ("topic: {category: general}", {}, True),
    ("category: {parent: 7}", {"category": {"parentId": 7}}, True),
    ("category: {parent: Hobbies}", {"category": {"parent": "Hobbies"}}, True),
    ("link_count: 2", {"html": '<a href="http://a.example">x</a> www.b.example'}, True),
    ("domain: a.example", {"body": "http://shop.a.example/"}, True),
    ("domain: a.example", {"body": "http://evila.example/"}, False),
    ("domain (full-exact): a.example", {"body": "http://shop.a.example/"}, False),
    ("domain (starts-with): shop.", {"body": "http://shop.a.example/"}, True),
    ("link: {~domain: a.example}", {"body": "http://a.example http://b.example"}, True),
    ("link: {~domain: a.example}", {"body": "http://a.example"}, False),
    ("link: {~domain: a.example}", {"body": "none"}, False),
    ("link: {domain: a.example, path: /x}", {"body": "http://a.example/y http://b.example/x"}, False),
    ("link#a: {domain: a.example}\nlink#b: {domain: b.example}", {"body": "http://a.example http://b.example"}, True),
    ("link: {in: title}", {**TOPIC_EVENT, "title": "www.a.example"}, True),
    ("link: {text_mismatch: true}", {"html": '<a href="http://evil.example">www.bank.example</a>'}, True),
    ("url: /offer", {"body": "http://a.example/offer"}, True),
    ("attachments: {type: image, size: '> 100'}", {"attachments": [{"type": "image/png", "size": 101}]}, True),
    (
        "attachments: {type: image, size: '> 100'}",
        {"attachments": [{"type": "image/png", "size": 9}, {"type": "text/plain", "size": 101}]},
        False,
    ),
    ("attachments: {count: 0}", {}, True),
    ("attachments: {name: .exe}", {"attachments": [{"name": "setup.exe"}]}, True),
    ("title_caps_share: '> 80%'", {**TOPIC_EVENT, "title": "HELP ME"}, True),
    ("title_caps_share: '> 80%'", {**TOPIC_EVENT, "title": "123"}, None),
    ("body_longer_than: 3", {"body": "...abc..."}, False),
    ("body_longer_than: 3", {"body": "abcd"}, True),
    ("body_script: Cyrillic", {"body": "привет"}, True),
    ("time: {days: [thu]}", {}, True),
    ("time: {between: '11:00-12:00'}", {}, False),
    ("time: {between: '22:00-13:00'}", {}, True),
    ("topic: {idle: '> 1 hour'}", {"topic": {"idle": "2 hours"}}, True),
    ("topic: {idle: '> 1 hour'}", {"type": "post.updated", "topic": {"idle": "2 hours"}}, None),
    ("is_edited: true", {"type": "post.updated"}, True),
    ("reports: '>= 2'\nevent: reported", {"type": "post.reported", "post": {"reports": 2}}, True),
    ("type: submission\nbody: x", {"body": "x"}, False),
    ("type: topic\nbody: x", {"type": "post.created", "post": {"isFirstPost": True, "body": "x"}}, True),
    ("type: user", {"type": "user.created"}, True),
    ("event: joined", {"type": "user.created"}, True),
    ("type: user", {"type": "user.updated"}, False),
    ("type: conversation\ntitle: money", {"type": "message.created", "title": "Money!"}, True),
    ("event: topic.updated", {"type": "topic.updated"}, True),
    ("event: created", {"type": "post.updated"}, False),
    ("event: approved", {"type": "post.approved"}, True),
]


@pytest.mark.parametrize(("checks", "event", "expected"), CHECKS)
def test_a_check_is_true_false_or_unknown(checks: str, event: dict[str, Any], expected: bool | None) -> None:
    found = matches(checks, event)
    assert found is expected or (expected is False and found is None and _skipped(checks, event))


def _skipped(checks: str, event: dict[str, Any]) -> bool:
    return decided(f"name: r\n{checks}\nnotify_moderators: true\n", event).trace[0].skipped in ("event", "type")


@pytest.mark.parametrize(
    ("verdicts", "all_of", "any_of"),
    [
        ([TRUE, TRUE], True, True),
        ([TRUE, FALSE], False, True),
        ([FALSE, UNKNOWN], False, None),
        ([TRUE, UNKNOWN], None, True),
        ([], True, False),
    ],
)
def test_kleene(verdicts: list[Verdict], all_of: bool | None, any_of: bool | None) -> None:
    assert every(verdicts).truth is all_of
    assert some(verdicts).truth is any_of


def test_an_unknown_that_cannot_hold_asks_for_nothing() -> None:
    waiting = awaiting(frozenset({Fact.AUTHOR}))
    assert not every([waiting, UNKNOWN]).may_hold
    assert some([waiting, UNKNOWN]).may_hold
    assert (~every([waiting, UNKNOWN])).may_hold


BARE = Event.model_validate(
    {
        "type": "post.created",
        "at": 1767268800,
        "post": {"postId": 9, "topicId": 5, "message": "casino"},
        "author": {"userId": 1},
    },
)


def needs(checks: str, event: Event = BARE, facts: Facts = ASKABLE, action: str = "notify_moderators: x") -> set[str]:
    found = decide(load_text(f"name: r\n{checks}\n{action}\n"), event, facts)
    return set(found.facts) if isinstance(found, Needs) else set()


@pytest.mark.parametrize(
    ("checks", "facts"),
    [
        ("author: {post_count: '< 5'}", {"author"}),
        ("body: quiet\nauthor: {post_count: '< 5'}", set()),
        ("any: [{body: casino}, {author: {post_count: '< 5'}}]", set()),
        ("body: casino\nnone: [{author: {groups: Staff}}]", {"author"}),
        ("topic: {locked: false}", {"topic"}),
        ("category: General", {"topic", "category"}),
        ("category: 3", {"topic"}),
        ("topic: {author: {post_count: 0}}", {"topic", "topic_author"}),
        ("type: reply\nbody: casino", {"topic"}),
        ("type: reply\nbody: quiet", set()),
        ("body: casino", set()),
        ("likes: '> 3'", {"post"}),
        ("missing: author.country", {"author"}),
    ],
)
def test_facts_are_asked_for_only_if_the_verdict_depends_on_them(checks: str, facts: set[str]) -> None:
    assert needs(checks) == facts


def test_what_was_asked_for_and_still_lacks_is_unknown() -> None:
    ruleset = load_text("name: r\nauthor: {post_count: '< 5'}\nnotify_moderators: true\n")
    found = decide(ruleset, BARE, Facts(asked=frozenset({Fact.AUTHOR, Fact.TOPIC})))
    assert isinstance(found, Decision)
    assert found.unknown == ("r",)


def test_facts_fill_what_the_event_lacks_and_never_what_it_says() -> None:
    ruleset = load_text("name: r\nauthor: {id: 1, post_count: 3}\nnotify_moderators: true\n")
    facts = Facts(
        author=Author(user_id=2, post_count=3), topic=Topic(permalink="https://f.example/t"), asked=frozenset(Fact)
    )
    found = decide(ruleset, BARE, facts)
    assert isinstance(found, Decision)
    assert found.actions[0].options == {"text": "r: https://f.example/t"}


def test_texts_and_targets_ask_too_once_a_rule_matches() -> None:
    assert needs("body: casino", action="message: 'Hi {{author.name}}'") == {"author"}
    assert needs("body: quiet", action="message: 'Hi {{author.name}}'") == set()
    assert needs("body: casino", action="hold: true") == {"author"}  # a moderator's post would be left alone
    assert needs("body: casino\nmoderators_exempt: false", action="hold: true") == set()
    assert needs("body: casino\nmoderators_exempt: false", action="then: [delete, reply: Hi]") == {
        "topic"
    }  # its first post?


STAFF = "settings: {moderators: {groups: [Staff], users: [boss]}}\n---\n"


@pytest.mark.parametrize(
    ("rule", "author", "acting"),
    [
        ("hold: true", {"groups": ["staff"]}, False),
        ("hold: true", {"name": "Boss"}, False),
        ("hold: true", {"is_moderator": True}, False),
        ("hold: true", {"groups": ["Members"]}, True),
        ("reply: Hi", {"groups": ["Staff"]}, True),
        ("reply: Hi\nmoderators_exempt: true", {"groups": ["Staff"]}, False),
        ("hold: true\nmoderators_exempt: false", {"groups": ["Staff"]}, True),
        ("lock: true\nauthor: {is_moderator: true}", {"groups": ["Staff"]}, True),
        ("lock: true\nauthor: {groups: [Staff, Members]}", {"groups": ["Staff"]}, True),
        ("lock: true\nauthor: {groups: [Members]}", {"groups": ["Staff", "Members"]}, False),
        ("hold: true\nexempt: {groups: [Trusted]}", {"groups": ["Trusted"]}, False),
        ("hold: true\nexempt: {users: [wren]}", {}, False),
        ("hold: true\nexempt: {categories: [1]}", {}, False),
        ("hold: true\nexempt: {categories: [Other], users: [x]}", {}, True),
    ],
)
def test_exemptions(rule: str, author: dict[str, Any], acting: bool) -> None:
    found = decided(f"{STAFF}name: r\n{rule}\n", {"author": author})
    assert bool(found.actions) is acting
    assert found.trace[0].skipped == (None if acting else found.trace[0].skipped)
    assert found.trace[0].verdict is True


COMPETING = [
    ("higher priority wins", "hold: true", "priority: 1\napprove: true", [("approve", "b")], [("hold", "a", "b")]),
    ("the more restrictive wins a tie", "hold: true", "delete: true", [("delete", "b")], [("hold", "a", "b")]),
    ("lock over unlock", "unlock: true", "lock: true", [("lock", "b")], [("unlock", "a", "b")]),
    ("unpin over pin", "pin: true", "unpin: true", [("unpin", "b")], [("pin", "a", "b")]),
    ("first title", "retitle: One", "retitle: Two", [("retitle", "a")], [("retitle", "b", "a")]),
    ("first category", "move: 7", "move: Other", [("move", "a")], [("move", "b", "a")]),
    ("different slots", "hold: true", "lock: true", [("hold", "a"), ("lock", "b")], []),
    ("a group each", "add_to_group: X", "add_to_group: Y", [("add_to_group", "a"), ("add_to_group", "b")], []),
    (
        "to lose a privilege",
        "add_to_group: VIP",
        "remove_from_group: VIP",
        [("remove_from_group", "b")],
        [("add_to_group", "a", "b")],
    ),
    (
        "to gain a burden",
        "remove_from_group: Muted",
        "add_to_group: Muted",
        [("add_to_group", "b")],
        [("remove_from_group", "a", "b")],
    ),
    ("the same twice", "hold: true", "hold: true", [("hold", "a")], [("hold", "b", "a")]),
    ("stop", "priority: 2\nstop: true\nlock: true", "hold: true", [("lock", "a")], []),
    (
        "shadow stops nobody",
        "priority: 2\nstop: true\nmode: shadow\nlock: true",
        "hold: true",
        [("lock", "a"), ("hold", "b")],
        [],
    ),
    ("off", "mode: off\ndelete: true", "hold: true", [("hold", "b")], []),
]


@pytest.mark.parametrize(
    ("first", "second", "actions", "lost"), [case[1:] for case in COMPETING], ids=[c[0] for c in COMPETING]
)
def test_who_wins(first: str, second: str, actions: list[tuple[str, str]], lost: list[tuple[str, str, str]]) -> None:
    event = {"topic": {"locked": None, "pinned": None}, "pending": None, "author": {"groups": None}}
    rules = f"settings: {{privileges: [VIP]}}\n---\nname: a\n{first}\n---\nname: b\n{second}\n"
    found = decided(rules, event)
    assert sorted((one.action, one.rule) for one in found.actions) == sorted(actions)
    assert [(one.action, one.rule, one.by) for one in found.overridden] == lost


def test_a_rule_on_trial_changes_nothing_that_is_live() -> None:
    found = decided("name: a\npriority: 9\nmode: shadow\ndelete: true\nreply: A\n---\nname: b\nhold: true\nreply: B\n")
    told = {(one.action, one.rule, one.mode, one.options.get("text")) for one in found.actions}
    assert told == {
        ("delete", "a", "shadow", None),
        ("reply", "a", "shadow", "A"),
        ("hold", "b", "live", None),
        ("reply", "b", "live", "B"),
    }
    assert found.overridden == ()


def test_a_rule_on_hold_holds_the_item_and_tells_what_it_wanted() -> None:
    found = decided("name: a\nmode: hold\ndelete: true\nmessage: Hi\n")
    assert [(one.action, one.mode) for one in found.actions] == [
        ("hold", "live"),
        ("notify_moderators", "live"),
        ("delete", "hold"),
        ("message", "hold"),
    ]
    assert found.actions[1].options["text"] == "the rule 'a' is on hold and would have: delete, message"


def test_seen_as_live_trials_are_shown_as_they_would_act() -> None:
    ruleset = load_text("name: a\nmode: hold\ndelete: true\n---\nname: b\nmode: off\nlock: true\n").as_live()
    found = decide(ruleset, make_event({}))
    assert isinstance(found, Decision)
    assert [(one.action, one.mode) for one in found.actions] == [("delete", "live")]


UNCHANGING = [
    ("lock: true", {"topic": {"locked": True}}),
    ("unlock: true", {}),
    ("unpin: true", {}),
    ("approve: true", {}),
    ("hold: true", {"pending": True}),
    ("move: General", {}),
    ("move: 1", {}),
    ("retitle: A quiet corner", {}),
    ("add_to_group: members", {}),
    ("remove_from_group: Muted", {}),
]


@pytest.mark.parametrize(("action", "event"), UNCHANGING)
def test_what_the_event_shows_to_be_so_is_not_done(action: str, event: dict[str, Any]) -> None:
    found = decided(f"name: a\n{action}\n", event)
    assert (found.actions, found.overridden[0].by) == ((), "no change")


def test_a_hold_keeps_a_pending_item_from_being_approved() -> None:
    found = decided("name: a\napprove: true\n---\nname: b\nhold: true\n", {"pending": True})
    assert found.actions == ()
    assert {(one.action, one.by) for one in found.overridden} == {("approve", "b"), ("hold", "no change")}


def test_texts_are_joined_and_duplicates_dropped() -> None:
    rules = "name: a\nreply: One\nmessage: M\n---\nname: b\npriority: 1\nreply: Two\n---\nname: c\nreply: One\nmessage: {subject: S, body: N}\n"
    found = {one.action: one for one in decided(rules).actions}
    assert found["reply"].options == {"text": "Two\n\nOne"}
    assert (found["reply"].rule, found["reply"].also) == ("b", ("a", "c"))
    assert found["message"].options == {"subject": "S", "body": "M\n\nN"}


def test_deleting_the_first_post_ends_the_topic() -> None:
    rules = "name: a\ntype: topic\ndelete: true\nlock: true\nretitle: X\nreply: Sorry\n"
    found = decided(rules, TOPIC_EVENT)
    assert [(one.action, one.target.kind) for one in found.actions] == [("delete", "topic"), ("message", "user")]
    assert found.actions[1].options["body"] == "Sorry"
    assert [(one.action, one.by) for one in found.overridden] == [("lock", "a"), ("retitle", "a")]


TARGETS = [
    ("delete: true", {}, ("post", 9001)),
    ("delete: true", TOPIC_EVENT, ("topic", 601)),
    ("topic: {delete: true}", {}, ("topic", 501)),
    ("lock: true", {}, ("topic", 501)),
    ("topic: {pin: true}", {}, ("topic", 501)),
    ("reply: Hi", {}, ("topic", 501)),
    ("message: Hi", {}, ("user", 101)),
    ("author: {add_to_group: X}", {}, ("user", 101)),
    ("topic: {author: {add_to_group: X}}", {}, ("user", 102)),
    ("then: [{topic: {author: {message: Hi}}}]", {}, ("user", 102)),
    ("notify_moderators: Hi", {}, ("forum", 0)),
    ("type: conversation\ndelete: true", {"type": "message.created"}, ("conversation", 301)),
]


@pytest.mark.parametrize(("rule", "event", "target"), TARGETS)
def test_targets(rule: str, event: dict[str, Any], target: tuple[str, int]) -> None:
    found = only(f"name: a\n{rule}\n", event).target
    assert (found.kind, found.id) == target


def test_an_action_without_a_target_is_dropped() -> None:
    found = decided("name: a\nmessage: Hi\n", {"author": {"id": None}})
    assert (found.actions, found.overridden[0].by) == ((), "no target")


SPELLINGS = [
    ("action: remove", ["delete"]),
    ("action: spam", ["delete"]),
    ("action: filter", ["hold"]),
    ("action: approve\npending: true", ["approve"]),
    ("action: report\nreport_reason: Look", ["notify_moderators"]),
    ("modmail: Look", ["notify_moderators"]),
    ("comment: Hi", ["reply"]),
    ("remove: true", ["delete"]),
    ("parent_submission: {set_locked: true, set_sticky: true}", ["lock", "pin"]),
    ("lock: false", ["unlock"]),
    ("then: lock", ["lock"]),
    ("then: {reply: Hi}", ["reply"]),
    ("then: [lock, reply: Hi, add_to_group: [X, Y]]", ["lock", "reply", "add_to_group", "add_to_group"]),
]


@pytest.mark.parametrize(("rule", "words"), SPELLINGS)
def test_actions_are_spelled_in_many_ways(rule: str, words: list[str]) -> None:
    event = {"pending": "pending: true" in rule, "topic": {"locked": "lock: false" in rule}}
    assert [action for action, _ in acts(f"name: a\n{rule}\n", event)] == words


def test_named_conditions() -> None:
    rules = "conditions: {a: {author.name: x}, b: {any: [{is: a}, {author.post_count: 100}]}}\n---\nname: r\nis: [a, b]\nhold: true\n"
    assert acts(rules) == [("hold", "r")]
    assert acts(rules, {"author": {"post_count": 1}}) == []


def test_reasons() -> None:
    assert only("name: a\nhold: 'New: {{author.name}}'\n").reason == "New: wren"
    assert only("name: a\naction: remove\naction_reason: Spam & more\n").reason == "Spam & more"


def test_the_trace_says_which_check_on_what_and_how_far_off() -> None:
    checks = (
        decided("name: a\nbody: Casino\nauthor: {post_count: '< 5'}\nhold: true\n", {"body": "My CASINO"})
        .trace[0]
        .checks
    )
    assert [(one.check, one.line, one.verdict, one.found) for one in checks] == [
        ("body: Casino", 2, True, "CASINO"),
        ("author.post_count: < 5", 3, False, None),
    ]
    assert checks[1].why == "author.post_count is 100, off by 95"
