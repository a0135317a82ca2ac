"""Loading rules that remember: what is refused or doubted, with its exact message and remedy, and what is assumed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.loading.faults import Fault, RulesInvalid, Severity
from rules.ruleset import load_text

COUNT = '{of: post, by: author, within: 10 minutes, is: ">= 5"}'
DUPLICATE = '{of: body, by: site, within: 1 day, is: ">= 3", similar: 90%}'
STRIKES = "strikes: {per: author, expires: 30 days, ladder: [{at: 3, then: [{add_to_group: Muted}]}]}"
KEYS = "author, topic, category, ip, country, email_domain, site, link, domain"


def faults_of(text: str) -> Sequence[Fault]:
    try:
        return load_text(text).warnings
    except RulesInvalid as invalid:
        return invalid.faults


def told(text: str, severity: Severity) -> list[tuple[str, str | None]]:
    found = [fault for fault in faults_of(text) if fault.severity is severity]
    return [(str(fault).removeprefix("rules.yaml:"), fault.suggestion) for fault in found]


def count(**changed: str | None) -> str:
    parts = {"of": "post", "by": "author", "within": "1 day", "is": "'>= 3'"}
    given_parts = {**parts, **{name.rstrip("_"): value for name, value in changed.items()}}
    return f"count: {{{', '.join(f'{name}: {value}' for name, value in given_parts.items() if value)}}}"


def duplicate(more: str, is_: str = "'>= 3'") -> str:
    return f"duplicate: {{of: body, by: site, within: 1 day, is: {is_}, {more}}}"


def rule(body: str) -> str:
    return f"name: a\n{body}\nreply: Hi\n"


BROKEN = [
    (count(of=None), "2:1: count: `count` needs of", f"count: {COUNT}"),
    (count(by=None), "2:1: count: `count` needs by", f"count: {COUNT}"),
    (count(within=None), "2:1: count: `count` needs within", f"count: {COUNT}"),
    (count(is_=None), "2:1: count: `count` needs is", f"count: {COUNT}"),
    ("duplicate: {of: body}", "2:1: count: `duplicate` needs by, within, is", f"duplicate: {DUPLICATE}"),
    ("count: 5", "2:8: shape: `count` takes a mapping", f"count: {COUNT}"),
    ("points: {}", "2:9: shape: `points` takes a mapping", 'points: {strikes: ">= 2"}'),
    (count(of="posts"), "2:13: unknown-of: there is no `of` called 'posts'", "did you mean 'post'?"),
    (count(of="body"), "2:13: unknown-of: there is no `of` called 'body'", "it is one of post, topic, reply, link, mention, attachment, user, message, edit"),
    ("duplicate: {of: post, by: site, within: 1 day, is: '>= 3'}", "2:17: unknown-of: there is no `of` called 'post'", "it is one of body, title"),
    (count(by="autor"), "2:23: unknown-by: there is no `by` called 'autor'", "did you mean 'author'?"),
    (count(by="[author, colour]"), "2:32: unknown-by: there is no `by` called 'colour'", f"it is one of {KEYS}"),
    (count(by="[]"), "2:23: empty: an empty list checks nothing", "name a value, or delete the check"),
    (count(distinct="colour"), "2:68: unknown-distinct: there is no `distinct` called 'colour'", "it is one of topic, category, author, ip, link, domain, body"),
    (count(of="user", distinct="body"), "2:68: distinct: `distinct: body` cannot be told of a user", "it can be author, ip"),
    (count(of="user", by="topic"), "2:23: never: a user has no topic: nothing would ever be counted", "by: author"),
    (count(within="10"), "2:39: span: within: a span is a number and a unit", "write 10 minutes, 1 hour or 7 days"),
    (count(within="31 days"), "2:39: too-long: within is 31 days, and events are kept for 30 days", "within: at most 30 days"),
    (count(within="0 minutes"), "2:39: never: within holds nothing", "within: at most 30 days"),
    (count(is_="many"), "2:50: quantity: is: this is no number", 'write "< 5", "<= 5", "> 5", ">= 5", "!= 5", "5..10" or 5'),
    (count(wher="x"), "2:58: unknown-key: there is no word of `count` called 'wher'", "did you mean 'where'?"),
    (count(kept="yes"), "2:64: yes-no: kept is true or false, without quotes", "kept: true"),
    (count(where="{titel: x}"), "2:66: unknown-check: there is no check called 'titel'", "did you mean 'title'?"),
    (count(where="{title: x}"), "2:66: wrong-type: `title` does not exist on replies", "topic.title speaks of the title above a reply"),
    (count(where=f"{{count: {COUNT}}}"), "2:65: where: what is counted cannot depend on counts", "take it out of where:"),
    (count(where=f"{{none: [count: {COUNT}]}}"), "2:65: where: what is counted cannot depend on counts", "take it out of where:"),
    (f"~{count()}", "2:1: modifiers: `count` takes neither ~ nor modifiers", "turn `is` round"),
    (f"author: {{{count()}}}", "2:10: unknown-check: there is no check under `author` called 'count'", "did you mean 'country'?"),
    (f"type: user\n{count(of='topic', by='topic')}", "3:1: wrong-type: `count` does not exist on users", "mend type: or the check"),
    (duplicate("similar: 120%"), "2:69: share: similar is a share above 0% and up to 100%", "similar: 90%"),
    (duplicate("similar: '> 90%'"), "2:69: share: similar is a share above 0% and up to 100%", "similar: 90%"),
    (duplicate("min_length: 0"), "2:72: value: min_length is a whole number of characters, from 1", "min_length: 20"),
    (duplicate("distinct: topic"), "2:60: unknown-key: there is no word of `duplicate` called 'distinct'", None),
    ("points: {strikes: 2}", "2:10: unknown-counter: there is no counter 'strikes'", f"counters: {{{STRIKES}}}"),
    ("add_points: {strikes: 1}", "2:14: unknown-counter: there is no counter 'strikes'", f"counters: {{{STRIKES}}}"),
    ("add_points: 3", "2:13: value: points are given to a counter", "add_points: {strikes: 1}"),
    ("message: '{{points.strikes}}'", "2:10: placeholder: {{points.strikes}}: there is no counter 'strikes'", f"counters: {{{STRIKES}}}"),
    ("message: '{{count}}'", "2:10: placeholder: {{count}} tells of a count, and the rule has none", "leave it out"),
    (f"{count().replace('count', 'count#day')}\nmessage: '{{{{count.dya}}}}'", "3:10: placeholder: {{count.dya}} names no count of this rule", "there is {{count.day}}"),
    (f"none: [{count()}]\nmessage: '{{{{count}}}}'", "3:10: placeholder: {{count}} tells of a count, and the rule has none", "leave it out"),
    ("once: topic", "2:7: once: once says for what, and if not for ever, how long", "once: per author 1 day"),
    ("once: per reader", "2:7: unknown-per: there is no `per` called 'reader'", "it is one of item, author, topic, category, site"),
    ("once: per author soon", "2:7: span: once: a span is a number and a unit", "write 10 minutes, 1 hour or 7 days"),
    ("once: per author 900 days", "2:7: too-long: once is 900 days, and what was sent is remembered for 400 days", "once: at most 400 days"),
    ("cooldown: never", "2:11: span: cooldown: a span is a number and a unit", "write 10 minutes, 1 hour or 7 days"),
    ("once: per topic\ncooldown: 1 hour", "3:11: duplicate-key: `cooldown` is `once: per site` with a span, and a rule has one of them", "keep one"),
    ("type: user\nonce: per topic\nmessage: x", "3:7: wrong-type: users have no topic", "once: per author"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message", "suggestion"), BROKEN)
def test_a_broken_rule_is_refused_with_its_remedy(body: str, message: str, suggestion: str | None) -> None:
    assert (message, suggestion) in told(rule(body), Severity.ERROR)


RUNG = "{at: 3, then: [lock]}"
COUNTERS = [
    ("{}", "1:21: counter: the counter 'strikes' does not say what it is kept by", STRIKES),
    ("{per: autor}", "1:27: unknown-per: there is no `per` called 'autor'", "did you mean 'author'?"),
    ("{per: author, expires: 30}", "1:44: span: expires: a span is a number and a unit", "write 10 minutes, 1 hour or 7 days"),
    ("{per: author, expires: 500 days}", "1:44: too-long: expires is 500 days, and points are kept for 400 days", "expires: at most 400 days"),
    ("{per: author, laddr: []}", "1:35: unknown-key: there is no key of a counter 'laddr'", "did you mean 'ladder'?"),
    ("{per: author, ladder: []}", "1:43: shape: a ladder is a list of 1 to 20 rungs", "[{at: 3, then: [...]}]"),
    (f"{{per: author, ladder: [{RUNG}, {{at: 2, then: [lock]}}]}}", "1:81: ladder: the rung at 2 stands after the one at 3", "put the rungs in order, each higher than the one before"),
    (f"{{per: author, ladder: [{RUNG}, {RUNG}]}}", "1:81: ladder: the rung at 3 stands after the one at 3", "put the rungs in order, each higher than the one before"),
    ("{per: author, ladder: [{at: 0, then: [lock]}]}", "1:49: value: a rung stands at a whole number from 1 to 1,000,000", "at: 3"),
    ("{per: author, ladder: [{at: 3, than: [lock]}]}", "1:44: shape: a rung says at how many points, and what then", "{at: 3, then: [...]}"),
    ("{per: author, ladder: [{at: 3, then: [remuv]}]}", "1:59: unknown-action: there is no action 'remuv'", "did you mean 'remove'?"),
    ("{per: author, ladder: [{at: 3, then: [{add_points: {strikes: 1}}]}]}", "1:60: ladder: a rung awards no points: it would climb by itself", "take it out"),
    ("{per: author, ladder: [{at: 3, then: [{message: '{{match}}'}]}]}", "1:69: placeholder: {{match}} quotes a check that finds text, and the rule has none", "leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("counter", "message", "suggestion"), COUNTERS)
def test_a_broken_counter_is_refused_with_its_remedy(counter: str, message: str, suggestion: str | None) -> None:
    text = f"counters: {{strikes: {counter}}}\n---\nname: a\nadd_points: {{strikes: 1}}\n"
    assert (message, suggestion) in told(text, Severity.ERROR)


HEAT = "counters: {heat: {per: topic}}\n---\nname: a\n"
MISUSED = [
    (f"{HEAT}type: user\nadd_points: {{heat: 1}}", "5:14: wrong-type: the counter 'heat' is kept by topic, and users have none"),
    (f"{HEAT}type: user\npoints: {{heat: 2}}\nmessage: Hi", "5:1: wrong-type: `points` does not exist on users"),
    (f"{HEAT}type: user\nmessage: '{{{{points.heat}}}}'", "5:10: placeholder: {{points.heat}} does not exist on all that this rule runs on"),
    (f"{HEAT}add_points: {{heat: 0}}", "4:20: value: an award is a whole number, not 0, up to 1,000,000"),
    (f"{HEAT}add_points: {{heat: 1.5}}", "4:20: value: an award is a whole number, not 0, up to 1,000,000"),
    (f"{HEAT}points: {{heaat: 2}}\nreply: Hi", "4:10: unknown-counter: there is no counter 'heaat'"),
    (f"{HEAT}author: {{add_points: {{heat: 1}}}}", "4:10: wrong-place: `add_points` is not done to people"),
    ("counters: [x]\n---\nname: a\nhold: true", "1:11: shape: `counters` is a mapping of names"),
    (f"counters: {{heat: {{per: author}}}}\n---\n{HEAT}hold: true", "3:12: name-twice: counters 'heat' is named before, in rules.yaml:1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISUSED)
def test_a_counter_is_not_misused(text: str, message: str) -> None:
    assert message in [fault for fault, _ in told(text, Severity.ERROR)]


WARNED = [
    (rule(count(is_="'>= 1'")), "2:50: always: the count is always >= 1: the present event counts too"),
    (rule(count(is_="'< 1'")), "2:50: never: the count is never < 1"),
    (rule(count(is_="'>= 0'", of="link")), "2:50: always: the count is always >= 0"),
    (rule(count(is_="'< 0'", of="link")), "2:50: never: the count is never < 0"),
    (rule(count(is_="'> 10000'")), "2:50: never: the count is never > 10000"),
    (rule(duplicate("similar: 90%", is_="'>= 201'")), "2:52: never: the count is never >= 201"),
    ("counters: {s: {per: author}}\n---\nname: a\nhold: true", "1:12: unused: no rule uses 's' of `counters`"),
    ("counters: {s: {per: author}}\n---\nname: a\npoints: {s: 2}\nhold: true", "1:12: idle: no rule awards points to 's': it is always 0"),
    ("name: a\nonce: per topic\nhold: true", "2:1: idle: `once` holds back texts alone, and the rule sends none"),
    ("name: a\ncooldown: 1 hour\nhold: true", "2:1: idle: `cooldown` holds back texts alone, and the rule sends none"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WARNED)
def test_a_doubtful_rule_loads_with_a_warning(text: str, message: str) -> None:
    load_text(text)
    assert message in [fault for fault, _ in told(text, Severity.WARNING)]


QUIET = [
    f"type: reply\n{count(of='topic', is_=chr(39) + '>= 1' + chr(39))}",  # replies look, and may find none
    count(is_="'>= 1'", where="{body: x}"),
    count(of="link", is_="'>= 1'"),
    count(within="30 days"),
    "once: per item",
]


@pytest.mark.parametrize("body", QUIET)
def test_what_is_sensible_is_not_doubted(body: str) -> None:
    assert not told(rule(body), Severity.WARNING)


ASSUMED = [
    (count(), "TR", {"created"}),
    (count(of="topic"), "T", {"created"}),
    (count(of="edit"), "TR", {"edited"}),
    (f"{count()}\n{count(of='edit').replace('count', 'count#edits')}", "TR", {"created", "edited"}),
    (count(of="user"), "U", {"joined"}),
    (count(of="message"), "C", {"created"}),
    (f"type: post\n{count(of='topic')}", "TR", {"created"}),
    (f"event: joined\n{count()}", "U", {"joined"}),
    (f"none: [{count(of='topic')}]", "T", {"created"}),
    ("duplicate: {of: title, by: site, within: 1 day, is: '>= 3'}", "T", {"created"}),
    ("body: x", "TR", {"created", "edited"}),
]


@pytest.mark.parametrize(("body", "types", "events"), ASSUMED)
def test_what_a_rule_that_counts_runs_on(body: str, types: str, events: set[str]) -> None:
    (loaded,) = load_text(f"name: a\n{body}\nnotify_moderators: true\n").rules
    assert (loaded.types, loaded.events) == (types, events)


SAME = [
    (count(), count(is_="'>= 9'"), True),
    (count(by="[author, topic]"), count(by="[topic, author]"), True),
    (count(within="24 hours"), count(), True),
    (count(), count(within="2 days"), False),
    (count(), count(kept="true"), False),
    (count(where="{body: x}"), count(where="{body: y}"), False),
    (count(), count(distinct="topic"), False),
    (duplicate("similar: 90%"), duplicate("similar: 80%"), False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_counts_that_count_the_same_share_a_window(one: str, other: str, same: bool) -> None:
    ruleset = load_text(f"name: a\n{one}\nreply: x\n---\nname: b\n{other}\nreply: x\n")
    assert len(ruleset.watches) == (1 if same else 2)


def test_a_platform_needs_no_verb_for_points() -> None:
    text = "counters: {s: {per: author, ladder: [{at: 1, then: [pin]}]}}\n---\nname: a\nadd_points: {s: 1}\n"
    assert load_text(text, actions=frozenset({"pin"})).rules
    with pytest.raises(RulesInvalid, match="cannot `pin`"):
        load_text(text, actions=frozenset({"lock"}))


@given(
    st.dictionaries(
        st.sampled_from(["of", "by", "within", "is", "where", "distinct", "kept", "similar", "min_length"]),
        st.sampled_from(
            ["post", "body", "user", "author", "link", "[link, domain]", "1 day", "'>= 3'", "90%", "true", "{body: x}"]
        ),
    ),
    st.sampled_from(["count", "duplicate", "points"]),
)
@settings(max_examples=300, deadline=None)
def test_any_words_load_or_are_refused(parts: dict[str, str], word: str) -> None:
    text = f"{word}: {{{', '.join(f'{name}: {value}' for name, value in parts.items())}}}"
    assert all(fault.line >= 1 and fault.message for fault in faults_of(rule(text)))
