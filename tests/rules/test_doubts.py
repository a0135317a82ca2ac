"""What is refused or doubted beside plain mistakes: words that cannot match, impossible thresholds, lost events."""

from __future__ import annotations

import pytest

from rules.loading.faults import RulesInvalid, Severity
from rules.ruleset import load_text
from service.forums import PLATFORMS

Told = tuple[str, str | None]


def told_of(text: str, severity: Severity, events: frozenset[str] | None = None) -> list[Told]:
    try:
        faults = load_text(text, events=events).warnings
    except RulesInvalid as invalid:
        faults = invalid.faults
    found = [fault for fault in faults if fault.severity is severity]
    return [(str(fault).removeprefix("rules.yaml:"), fault.suggestion) for fault in found]


def rule(body: str) -> str:
    return f"name: a\n{body}\nnotify_moderators: true\n"


DOUBTED = [
    ("body_script: Cyrilic", "2:14: never: body_script can never hold this: there is no such script", "did you mean 'Cyrillic'?"),
    ("author: {country: Norway}", "2:19: never: author.country can never hold this: a country is two letters", "[GB, NO]"),
    ("link: {in: header}", "2:12: never: link.in can never hold this: a link is in body or title", "in: title"),
    ("id: abc", "2:5: never: id can never hold this: an id is a number", None),
    ("attachments: {type: png}", "2:21: never: attachments.type can never hold this: a type is a family, as image, or one of it, as image/png", "attachments: {name (ends-with): .png}"),
    ("domain (includes): 'http://x'", "2:20: never: domain can never hold this: a host has no scheme, port, path or space", "url: ..."),
    ("url: 'a b'", "2:6: never: url can never hold this: an address has no space", "use %20"),
    ("link: {path (starts-with): foo}", "2:28: never: link.path can never hold this: a path begins with /", "/foo"),
    ("body: <b>", "2:7: never: body can never hold this: tags are no visible text", "html: ..."),
    ("body: '&amp;'", "2:7: never: body can never hold this: entities are decoded in visible text", "the character itself, or html: ..."),
    ("body (wildcard): casino", "2:18: idle: wildcard says nothing: no value has a `*`", 'write "casino*"'),
    ("body: {any: [casino], except: [Casino]}", "2:14: never: this value is excepted as well: no hit of it stands", "take it out of except:"),
    ("body: {any: [thorpe], except: [Scunthorpe]}", "2:32: idle: this exception cancels nothing: no hit lies inside it", "a hit lies inside a longer word with (includes), (regex) or (loose) alone"),
    ("author: {post_count: '>= 0'}", "2:22: always: author.post_count is always >= 0", "has: author.post_count asks whether it is known"),
    ("body_caps_share: '<= 100%'", "2:18: always: body_caps_share is always <= 100%", "has: body_caps_share asks whether it is known"),
    ("body_length: '> 5'\nbody_length#b: '< 3'", "3:1: never: no number passes this together with body_length: > 5", "put them into any:, or mend one"),
    ("body_longer_than: 50\nbody_shorter_than: 10", "3:1: never: no number passes this together with body_longer_than: 50", "put them into any:, or mend one"),
    ("body: x\nwhen: [{~body: y}]", "3:9: masks: one of these words lets the whole body pass, whatever else it holds", "except: in the other check cancels single hits"),
    ("body: x\nall: [{~body: y}]", "3:8: masks: one of these words lets the whole body pass, whatever else it holds", "except: in the other check cancels single hits"),
    ("message: \u201cHi\u201d", "2:10: curly-quotes: the curly quotes become part of the text", '"Hi"'),
    ("event: topic.create", "2:8: event: 'topic.create' is no event that is known here, and matches only what a platform calls so", "did you mean 'topic.created'?"),
    ("event: [created, joined]", "2:18: never: `joined` never happens to topics and replies", "it can be approved, created, edited, reported"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message", "suggestion"), DOUBTED)
def test_what_is_likely_a_mistake_loads_with_a_warning(body: str, message: str, suggestion: str | None) -> None:
    assert (message, suggestion) in told_of(rule(body), Severity.WARNING)


UNDOUBTED = [
    "body_script: [cyrillic, HAN]",
    "author: {country: [GB, no]}",
    "attachments: {type: [image, application/zip]}",
    "body: [a & b, '<3', 'x > y', R&D]",
    "html: <b>",
    "body (regex): '<b>'",
    "body (includes): {any: [thorpe], except: [Scunthorpe]}",
    "body_length: '> 5'\nany: [{body_length: '< 3'}, {body: x}]",
    "author: {post_count: '> 5'}\ntopic: {author: {post_count: '< 3'}}",
    "author: {reputation: '>= 0'}",
    "author: {account_age: '> 1 day', account_age#most: '< 1 week'}",
    "author: {satisfy_any_threshold: true, post_count: '< 5', post_count#b: '> 100'}",
    "~body: x",
    "body: x\n~title: y\ntype: topic",
]


@pytest.mark.parametrize("body", UNDOUBTED)
def test_what_can_be_meant_so_loads_in_silence(body: str) -> None:
    assert told_of(rule(body), Severity.WARNING) == []
    assert told_of(rule(body), Severity.ERROR) == []


REFUSED = [
    ("author: {post_count: 2.5}", "2:22: never: author.post_count can never be 2.5", "mend the number"),
    ("author: {post_count: \u201c< 5\u201d}", "2:22: curly-quotes: curly quotes become part of the value", '"< 5"'),
    ("link: {}", "2:7: empty: this checks nothing", "name a check, or delete it"),
    ("body:", "2:1: value: nothing is no text", "name a value, or delete the line"),
    ("examples: {match: []}", "2:19: empty: here stands no example", "name one, or delete the key"),
    ("body (all): {at_least: 2, of: [x, y]}", "2:14: value: `all` and `at_least` exclude each other", "keep one of them"),
    ("body+link.text: x", "2:1: join: what is asked of one link or file is joined with nothing else", "any: [{body: x}, {link: {text: x}}]"),
    ("~any: [{body: x}]", "2:1: modifiers: `any` takes neither ~ nor modifiers", "none: {any: ...}"),
    ("~lock: true", "2:1: action-as-check: 'lock' cannot be asked", "lock: true"),
    ("has: topic", "2:6: unknown-check: 'topic' is a group of checks", "name one of it, as topic.author.name"),
    ("type: [topic, reply]", "2:7: type: `type` is one of topic, reply, post, conversation, user", "`post` is topics and replies; for others write two rules"),
    ("type: text submission", "2:7: type: topics are not told apart as 'text submission'", 'type: topic, and link_count: "> 0"'),
    ("mode: of", "2:7: mode: there is no mode 'of'", "did you mean 'off'?"),
    ("type: topic\nevent: joined", "3:8: never: `joined` never happens to topics", "it can be approved, created, edited, reported"),
    ("type: user\nevent: created", "3:8: never: `created` never happens to users", "it can be edited, group_changed, joined"),
    ("body#x (regex): '(a)(b)'\nreply: '{{match.x.3}}'", "3:8: placeholder: {{match.x.3}}: 'x' has no group '3'", "its groups are 1, 2"),
    ("body: x\nreply: '{{match.1}}'", "3:8: placeholder: {{match.1}}: the check has no group '1'", "groups are those of a regex, as (\\d+)"),
    ("body (regex): (a)\nreply: '{{match-body-3}}'", "3:8: placeholder: {{match-body-3}}: 'body' has no group '2'", "its groups are 1"),
    ("reply: '{{topic.tags}}'", "2:8: placeholder: {{topic.tags}} has no one value, and fills no placeholder", "placeholders are fields of one value, match, link.url and permalink"),
    ("type: user\nmessage: '{{permalink}}'", "3:10: placeholder: {{permalink}} does not exist on all that this rule runs on", "mend type:"),
    ("reply: '{{}}'", "2:8: placeholder: the placeholder '{{}}' names nothing", "write {{author.name}} or {{match|mask}}"),
    ("reply: {{title}}", "2:9: key: a key must be plain text", 'put quotes round it: "{{title}}"'),
    ("body: > 5", "2:9: syntax: this is not YAML: expected a comment or a line break, but found '5'", 'put quotes round a value that begins with > or |, as "> 5"'),
    ("body: [a, b", "3:18: syntax: this is not YAML: expected ',' or ']', but got ':'", "close the bracket [ or { before the next key"),
    ("body: [Help] me", "2:14: syntax: this is not YAML: expected <block end>, but found '<scalar>'", "put quotes round a value that begins with [ or {, and check the indentation"),
    ("body: 'x", "4:1: syntax: this is not YAML: found unexpected end of stream", "close the quote, bracket or brace that was opened before"),
    ("body #a: x", "3:1: syntax: this is not YAML: could not find expected ':'", "a key needs ': ' after it, no space before its #label, and `---` before a new rule"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message", "suggestion"), REFUSED)
def test_a_mistake_is_refused_with_its_remedy(body: str, message: str, suggestion: str | None) -> None:
    assert (message, suggestion) in told_of(rule(body), Severity.ERROR)


FILES = [
    ("lists: {a: [x]}\nname: b", "2:1: unknown-key: 'name' belongs to a rule, and stands among the keys of a file", "part them with a line `---`, or put it under rules:"),
    ("lists: {a: [x]}\n~body (fold): b", "2:1: unknown-key: '~body (fold)' belongs to a rule, and stands among the keys of a file", "part them with a line `---`, or put it under rules:"),
    ("settings: {timezone: London}", "1:22: timezone: there is no such timezone", "did you mean 'Europe/London'?"),
    ("settings: {timezone: Europe/Lundon}", "1:22: timezone: there is no such timezone", "did you mean 'Europe/London'?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "suggestion"), FILES)
def test_a_faulty_file_says_what_to_write(text: str, message: str, suggestion: str) -> None:
    assert (message, suggestion) in told_of(text, Severity.ERROR)


UNUSED = [
    ("lists: {a: []}", "1:12: empty: an empty list checks nothing"),
    ("lists: {a: [$b]}", "1:13: unknown-list: there is no list 'b'"),
    ("conditions: {a: {bodi: x}}", "1:18: unknown-check: there is no check called 'bodi'"),
    ("conditions: {a: {is: a}}", "1:22: circular: the condition leads back to itself: a > a"),
    ("counters: {a: {per: autor}}", "1:21: unknown-per: there is no `per` called 'autor'"),
]


@pytest.mark.parametrize(("text", "message"), UNUSED)
def test_what_no_rule_uses_is_read_all_the_same(text: str, message: str) -> None:
    assert message in [fault for fault, _ in told_of(text, Severity.ERROR)]
    assert "unused" in told_of(text, Severity.WARNING)[0][0]


SENT = [
    ("websitetoolbox", "event: reported", "2:8: unsupported: this forum's platform never sends `reported` of topics and replies"),
    ("websitetoolbox", "event: topic.merged", "2:8: unsupported: this forum's platform never sends `topic.merged` of topics and replies"),
    ("userecho", "type: user", "1:1: unsupported: this forum's platform never sends `joined` of users"),
    ("userecho", "type: conversation", "1:1: unsupported: this forum's platform never sends `created` of conversations"),
    ("userecho", "event: edited", "2:8: unsupported: this forum's platform never sends `edited` of topics and replies"),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "body", "message"), SENT)
def test_a_rule_for_events_that_a_platform_never_sends_is_refused(platform: str, body: str, message: str) -> None:
    events = PLATFORMS[platform].events
    ((fault, remedy),) = told_of(rule(body), Severity.ERROR, events)
    assert fault == message
    assert remedy == f"it sends {', '.join(sorted(events))}"


def test_a_rule_of_whose_events_some_come_loads_with_a_warning() -> None:
    ((fault, _),) = told_of(rule("event: [created, edited]"), Severity.WARNING, PLATFORMS["userecho"].events)
    assert fault == "2:18: unsupported: this forum's platform never sends `edited` of these items"
    assert told_of(rule("event: [created, edited]"), Severity.WARNING, PLATFORMS["websitetoolbox"].events) == []
