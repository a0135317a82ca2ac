"""HTML made visible, and the normal forms with their way back to what was written."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.normalise import Text, normal

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("source", "visible"),
    [
        ("<p>Hello <b>w</b>orld</p>\n<p>two</p>", "Hello world\ntwo"),
        ("a<br><br/>b", "a\n\nb"),
        ("<p>one\n   two</p>", "one two"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("fish &amp; chips &amp;amp; &#65;&#x42;&copy", "fish & chips &amp; AB\u00a9"),
        ("&lt;b&gt;", "<b>"),
        ("a<!-- b > c -->d<!-->e", "ade"),
        ("a<script>if (a < b) {}</script>b<style>p {}</style>c", "abc"),
        ("a<script>never ends", "a"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ('<img alt="a > b">x', "x"),
        ("<a title='>'>x</a>", "x"),
        ("<?php x ?>a<!doctype html>b</>c", "abc"),
        ("a<b", "a"),
        ("fr\0ee", "free"),
        ("no tags:\r\nits own lines", "no tags:\nits own lines"),
        ("<b>no blocks:</b>\nits own lines", "no blocks:\nits own lines"),
        ("&#00000000065;&#99999999999999;&#" + "9" * 5000 + ";", "A\ufffd\ufffd"),
        ("half a pair \ud800", "half a pair \ufffd"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_browser_shows_it(source: str, visible: str) -> None:
    assert Text.from_html(source).visible == visible


def test_plain_text_is_not_read_as_html() -> None:
    assert Text.from_plain(" 1 <b> &amp; \r\n2 ").visible == "1 <b> &amp; \n2"


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("STRASSE Stra\u00dfe", "strasse strasse"),
        ("\uff26\uff32\uff25\uff25 \U0001d41f\U0001d42b\U0001d41e\U0001d41e \u2460 \ufb01", "free free 1 fi"),
        ("f\u200br\u2060e\u00ade\ufeff", "free"),
        ("a\u200db", "ab"),
        (FAMILY, FAMILY),
        (ENGLAND, ENGLAND),
        ("\u2764\ufe0f", "\u2764"),
        ("\u2018a\u2019 \u201cb\u201d \u00abc\u00bb d\u00b4s `e`", "'a' \"b\" \"c\" d's 'e'"),
        ("a  \t b \n\n c\u00a0d\u2028e", "a b\nc d\ne"),
        ("  a  ", "a"),
        ("e\u0301", "\u00e9"),
        ("e\u200b\u0301", "\u00e9"),
        ("\u1112\u1161\u11ab", "\ud55c"),
    ],
)
def test_the_normal_form(written: str, normalised: str) -> None:
    assert Text.from_plain(written).form().text == normalised


def test_case_stays_where_it_matters() -> None:
    assert Text.from_plain("Ab").form(case_sensitive=True).text == "Ab"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Caf\u00e9 \u00d8re \u0141\u00f3d\u017a \u00e6on", "cafe ore lodz aeon"),
        ("vi\u0430gr\u0430", "viagra"),
        ("\u0412UY", "buy"),
        ("\u0392\u039dY", "bny"),
        ("\u0412\u041e\u0420 \u0432\u043e\u0440", "bop bop"),
        ("fr33 $hit p@ss 2024 $5", "free shit pass 2024 $5"),
        ("\u30ac\u30ae", "\u30ac\u30ae"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"),
    ],
)
def test_the_folded_form(written: str, folded: str) -> None:
    assert Text.from_plain(written).form(fold=True).text == folded


@pytest.mark.parametrize(
    ("source", "without_quotes", "without_code"),
    [
        ("a<blockquote>q<p>r</p></blockquote>b", "a\nb", "a\nq\nr\nb"),
        ("a<blockquote>q<blockquote>r</blockquote>s</blockquote>b", "a\nb", "a\nq\nr\ns\nb"),
        ('a<div class="bbcode_quote x"><div>q</div>r</div>b', "a\nb", "a\nq\nr\nb"),
        ('a<div class="quote-button">q</div>b', "a\nq\nb", "a\nq\nb"),
        ("a [quote=joe]q [quote]r[/quote] s[/quote] b", "a\nb", "a [quote=joe]q [quote]r[/quote] s[/quote] b"),
        ("a [quote]b", "a [quote]b", "a [quote]b"),
        ("a<pre>c</pre><code>d</code>b [code]e[/code]", "a\nc\ndb [code]e[/code]", "a\nb"),
        ("a</div></blockquote>b", "a\nb", "a\nb"),
    ],
)
def test_quotes_and_code_can_be_left_out(source: str, without_quotes: str, without_code: str) -> None:
    text = Text.from_html(source)
    assert text.form(without_quotes=True).text == without_quotes
    assert text.form(without_code=True).text == without_code


def test_quoted_lines_of_plain_text_can_be_left_out() -> None:
    assert Text.from_plain("> q\n > r\nmine").form(without_quotes=True).text == "mine"


def test_a_form_quotes_what_was_written() -> None:
    form = Text.from_html("<p>Buy <b>\uff26R\u200bEE</b>&nbsp; now</p>").form()
    start = form.text.index("free")
    assert form.original(start, start + 4) == "\uff26R\u200bEE"


WILD = st.text(st.one_of(st.characters(), st.sampled_from("<>&;/ab =\"'\n\u0301\u200d\u00df\ufdfa[]")))


@given(WILD)
def test_no_source_breaks_the_reader(source: str) -> None:
    for text in (Text.from_html(source), Text.from_plain(source)):
        for fold in (False, True):
            for kept in (False, True):
                form = text.form(fold=fold, without_quotes=kept, without_code=kept)
                assert form.original(0, len(form.text)) in text.visible


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<p>", "<a href=x>", "<!-- x -->", "</div>", "<br/>", "x", " ", "<i", ">"])
    )
)
def test_no_tag_is_visible(parts: list[str]) -> None:
    assert "<" not in Text.from_html("".join(parts)).visible


@given(WILD)
def test_every_character_comes_from_what_normalises_to_it(source: str) -> None:
    text = Text.from_plain(source)
    form = text.form()
    assert normal(text.visible).text.strip() == form.text
    places = [form.span(place, place + 1) for place in range(len(form.text))]
    assert places == sorted(places)
    for place, character in enumerate(form.text):
        if not character.isspace() and not unicodedata.combining(character):
            assert character in normal(form.original(place, place + 1)).text


@given(WILD)
def test_normalising_twice_changes_nothing(source: str) -> None:
    once = Text.from_plain(source).form().text
    assert Text.from_plain(once).form().text == once


def test_every_character_folds_its_case_in_place() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if character.casefold() != character:
            form = Text.from_plain(f"a{character}b").form()
            assert form.original(0, len(form.text)) == f"a{character}b", hex(code)


HUGE = 256 * 1024


@pytest.mark.parametrize(
    "part",
    ["<div>", "<", "<!--", "<a href='", "<b x=", "&#", "a ", "e\u0301", "\u200b ", "<script", "[quote]", "<a", "</p>",
     "\u1e9e", "<blockquote><div></blockquote>", "\U0001f3f4\U000e0020", "\u0436", "a/", "x\u0301", '<"', "`", "\n"],
)  # fmt: skip
def test_no_source_costs_more_than_its_length(part: str) -> None:
    """A quadratic step would need minutes for these."""
    count = HUGE // len(part.encode())
    for source in (part * count, "<a" + part * count, "<a x" + part * count):
        assert Text.from_html(source).form(fold=True, without_quotes=True).readings
