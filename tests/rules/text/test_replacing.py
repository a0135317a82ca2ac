"""Replacing what is seen of an HTML source: what goes, what stays, and that nothing else is touched."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.text.match import Matcher, Method, Modifiers
from rules.text.normalise import Text
from rules.text.replacing import LONGEST_RESULT, TooLong, as_written, reach_into_words, replace_in_html

NUMBER = "555-123-4567"
TAG = re.compile(r"<!--.*?-->|<script>.*?</script>|</?[a-z](?:[^<>\"]|\"[^\"]*\")*>", re.DOTALL)


@pytest.mark.parametrize(
    ("source", "replace", "result"),
    [
        ("call 555-123-4567 now", [NUMBER], "call [x] now"),
        ("555-123-4567, 555-123-4567", [NUMBER], "[x], [x]"),
        ("<p>555-<b>123</b>-4567</p>", [NUMBER], "<p>[x]<b></b></p>"),
        ("<b>555-</b>123<!-- - -->-4567", [NUMBER], "<b>[x]</b><!-- - -->"),
        ("<p>555-</p><p>123-4567</p>", ["555-\n123-4567"], "<p>[x]</p><p></p>"),
        ("call 555<br>123 4567 now", ["555\n123 4567"], "call [x]<br> now"),
        ('<a href="tel:555-123-4567" title="555-123-4567">555-123-4567</a>', [NUMBER], None),
        ("<script>555-123-4567</script>555-123-4567", [NUMBER], "<script>555-123-4567</script>[x]"),
        ("555&#45;123&#x2d;4567", [NUMBER], "[x]"),
        ("<p>Tom &amp; Jerry &lt;3 &copy;</p>", ["Tom & Jerry"], "<p>[x] &lt;3 &copy;</p>"),
        ("Tom&nbsp;&amp;&nbsp;Jerry", ["Tom & Jerry"], "[x]"),
        ("<p>one\n  two</p>", ["one two"], "<p>[x]</p>"),
        ("one\ntwo", ["one\ntwo"], "[x]"),
        ("da\u200bmn it", ["da\u200bmn"], "[x] it"),
        ("damn damned Damn DAMN", ["damn", "DAMN"], "[x] damned Damn [x]"),
        ("free money, free", ["free", "free money"], "[x], [x]"),
        ("AT&T: R&D <3", ["AT&T"], "[x]: R&amp;D &lt;3"),
        ("a\r\nb damn", ["damn"], "a\nb [x]"),
    ],
)
def test_what_is_seen_is_replaced_and_the_rest_stays(source: str, replace: list[str], result: str | None) -> None:
    wanted = source.replace(f">{NUMBER}<", ">[x]<") if result is None else result
    assert replace_in_html(source, replace, "[x]") == wanted


@pytest.mark.parametrize(
    ("source", "replace"),
    [
        ("a quiet word", [NUMBER]),
        ("<a href='555-123-4567'>call</a>", [NUMBER]),
        ("<!-- damn --><style>damn</style><b title=damn>x</b>", ["damn"]),
        ("concatenate", ["cat"]),
        ("Damn", ["damn"]),
        ("anything", []),
        ("anything", ["", " ", "\u200b"]),
        ("", ["damn"]),
        ("a<b damn", ["damn"]),
    ],
)
def test_where_nothing_of_it_is_seen_nothing_is_changed(source: str, replace: list[str]) -> None:
    assert replace_in_html(source, replace, "[x]") is None


def test_inside_words_is_for_hits_that_stand_there() -> None:
    assert replace_in_html("concat cat", ["cat"], "dog", inside_words=True) == "condog dog"


@pytest.mark.parametrize("by", ["[555]", "555", "a 555 b", "<i>555</i>"])
def test_what_stands_in_the_replacement_is_not_replaced_again(by: str) -> None:
    once = replace_in_html("call <b>555</b> or 555.", ["555"], by)
    assert once in (None, f"call <b>{by}</b> or {by}.")
    assert replace_in_html(once or "", ["555"], by) is None


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("<1b onclick=x>", "<b onclick=x>"),
        ("&1lt;b&1gt;", "&lt;b&gt;"),
        ("&1amp;lt;", "&amp;lt;"),
        ("<1!-- x -->", "<!-- x -->"),
        ("<1/p>a", "</p>a"),
    ],
)
def test_taking_text_out_never_makes_a_tag_or_an_entity_of_what_is_left(source: str, seen: str) -> None:
    left = replace_in_html(source, ["1"], "", inside_words=True)
    assert left is not None
    assert Text.from_html(left).visible == seen


def test_the_replacement_is_one_line_so_that_the_lines_of_the_post_stay_lines() -> None:
    assert replace_in_html("one\ndamn\ntwo", ["damn"], " a\r\n b ") == "one\na b\ntwo"


def test_a_result_without_bound_is_refused() -> None:
    with pytest.raises(TooLong, match=r"with 3000 replacements the text would be over 1,000,000 characters"):
        replace_in_html("a " * 3000, ["a"], "b" * (LONGEST_RESULT // 3000))


@pytest.mark.parametrize("piece", ["<b>a</b> ", "&amp;a ", "<a ", "aaaa", "a\n", "<p>a", "&", "<"])
def test_hostile_sources_cost_linear_time(piece: str) -> None:
    source = piece * (30_000 // len(piece))
    replace_in_html(source, ["a", "a" * 5000, "a a " * 1000], "", inside_words=True)


@pytest.mark.parametrize(
    ("text", "spans", "written", "inside"),
    [
        ("foo foobar", [(0, 3)], ("foo",), False),
        ("foo foobar", [(0, 3), (4, 7)], ("foo",), True),
        ("foo bar foo", [(8, 11), (0, 3), (4, 7)], ("foo", "bar"), False),
        ("free money", [(0, 4), (0, 10)], ("free money",), False),
        ("free money", [(0, 6), (4, 10)], ("free money",), False),
        ("a b", [(1, 2), (1, 1)], (), False),
        ("+44 20 7946", [(0, 11)], ("+44 20 7946",), False),
        ("", [], (), False),
    ],
)
def test_hits_become_texts_to_look_for(
    text: str, spans: list[tuple[int, int]], written: tuple[str, ...], inside: bool
) -> None:
    page = Text.from_plain(text)
    assert as_written(page, spans) == written
    assert reach_into_words(page, spans) is inside


PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<p>", "</p>", "<br>", "&amp;", "&lt;", "&#98;", "&nbsp;", "lt;", "é", "\u200b", "&am", "ab1"),
        *('<a href="a1b">', "</a>", "<!-- a1b -->", "<script>a1b</script>", "<pre>", "<i title=a1b>"),
        *"ab1 <>&;#\n",
    ]
)
HTML = st.lists(PIECES, max_size=25).map("".join)
WORDS = st.lists(st.text("ab1é&<", min_size=1, max_size=3), min_size=1, max_size=3)


def bare(text: str) -> str:
    """The text without its spaces: what a tag parts and what joins is for the tags."""
    return "".join(text.split()).replace("\u200b", "")


@given(HTML, WORDS, st.sampled_from(["[x]", "", "x y", "<i>x</i>"]), st.booleans())
@example("&1lt;", ["1"], "", True)
@example("<a<", ["<"], "", True)
def test_only_what_is_sought_is_seen_otherwise(source: str, words: list[str], by: str, inside: bool) -> None:
    before = Text.from_html(source)
    after = replace_in_html(source, words, by, inside_words=inside)
    if after is None:
        return
    assert TAG.findall(after.replace(by, "")) == TAG.findall(source)
    put = bare(Text.from_html(by).visible)
    kept = re.escape(bare(Text.from_html(after).visible))
    parts = kept.split(re.escape(put)) if put else [kept]
    sought = "(?:" + "|".join(map(re.escape, map(bare, words))) + ")"
    if put:
        assert re.fullmatch(f"{sought}+".join(parts), bare(before.visible))
    else:
        assert len(bare(before.visible)) > len(bare(Text.from_html(after).visible))


@given(HTML, WORDS, st.sampled_from(["[x]", "x y", "<i>x</i>", "[a]", "ab1"]))
def test_twice_is_once(source: str, words: list[str], by: str) -> None:
    after = replace_in_html(source, words, by)
    assert after is None or replace_in_html(after, words, by) is None


HITS = [
    (r"\S+", {"regex"}),
    (r"\w\W\w", {"regex"}),
    (r"[ab]\s*1", {"regex", "fold"}),
    (r"\s?<|&", {"regex", "case-sensitive"}),
    ("ab1", {"loose"}),
    ("b*1", {"wildcard", "fold"}),
    ("a b", set()),
]


@pytest.mark.parametrize(("value", "flags"), HITS)
@given(HTML)
def test_every_hit_is_found_again(value: str, flags: set[str], source: str) -> None:
    text = Text.from_html(source)
    spans = [
        (hit.start, hit.end) for hit in Matcher.build([value], Modifiers(Method.INCLUDES, frozenset(flags))).find(text)
    ]
    written = as_written(text, spans)
    after = replace_in_html(source, written, "", inside_words=reach_into_words(text, spans))
    assert (after is None) == (written == ()) == (spans == [])
