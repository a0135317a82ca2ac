"""Methods and flags of the rule language, section 3."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.match import FLAGS, Hit, Matcher, Method, Modifiers, PatternError, TimedOut
from rules.text.normalise import Text, normal


def hits(values: str | list[str], text: str, how: str = "includes-word", except_: tuple[str, ...] = ()) -> list[Hit]:
    method, *flags = how.split(", ")
    modifiers = Modifiers(Method(method), frozenset(flags))
    return Matcher.build([values] if isinstance(values, str) else values, modifiers, except_).find(Text.from_html(text))


def found(values: str | list[str], text: str, how: str = "includes-word", except_: tuple[str, ...] = ()) -> list[str]:
    return [hit.text for hit in hits(values, text, how, except_)]


@pytest.mark.parametrize(
    ("how", "value", "text", "expected"),
    [
        # includes-word: an edge is asked only where the value has one
        ("includes-word", "cat", "cat concat cats cat-food cat_ 4cat", ["cat", "cat"]),
        ("includes-word", "c++", "C++, c++x, xc++", ["C++", "c++"]),
        ("includes-word", "$pro", "the $pro US$pro $prom", ["$pro", "$pro"]),
        ("includes-word", "\N{THUMBS UP SIGN}", "ok\N{THUMBS UP SIGN}ok", ["\N{THUMBS UP SIGN}"]),
        ("includes-word", "caf\u00e9", "CAF\u00c9 cafe\u0301s", ["CAF\u00c9"]),
        ("includes-word", "\u514d\u8d39", "\u8fd9\u662f\u514d\u8d39\u7684", ["\u514d\u8d39"]),
        ("includes-word", "iphone", "\u4e70iPhone\u624b\u673a", ["iPhone"]),
        ("includes-word", "\u0e1f\u0e23\u0e35", "\u0e02\u0e2d\u0e07\u0e1f\u0e23\u0e35\u0e19\u0e30",
         ["\u0e1f\u0e23\u0e35"]),
        ("includes-word", "free lance", "<p>free</p> <p>lance</p>", ["free\nlance"]),
        ("includes-word", "don't", "Don\u2019t", ["Don\u2019t"]),
        # the other methods
        ("includes", "cat", "concatenate", ["cat"]),
        ("starts-with", "[Help]", " [help] me [Help]", ["[help]"]),
        ("starts-with", "help", "no help", []),
        ("ends-with", "?", "why? really? ", ["?"]),
        ("full-exact", " Hello there", "hello\nTHERE", ["hello\nTHERE"]),
        ("full-exact", "hello", "hello!", []),
        ("full-text", "solved", "!solved.", ["solved"]),
        ("full-text", "!solved", "!solved.", ["!solved"]),
        ("full-text", "!solved", "solved", []),
        ("full-text", "solved", "is solved", []),
        ("includes-word, case-sensitive", "IT", "it IT", ["IT"]),
        # wildcard
        ("includes-word, wildcard", "sp*m", "spam spaaam sp m spams spam-teams", ["spam", "spaaam", "spam"]),
        ("includes-word, wildcard", "*shop", "myshop, e-shop shops", ["myshop", "e-shop"]),
        ("includes-word, wildcard", "shop*", "shopping myshop", ["shopping"]),
        ("includes-word, wildcard", "caf\u00e9*", "CAF\u00c9bar caf\u00e9", ["CAF\u00c9bar", "caf\u00e9"]),
        ("includes, wildcard", "a*c", "a c xabcx", ["abc"]),
        ("includes-word, wildcard, fold", "v*gra", "v1@gra", ["v1@gra"]),
        ("includes-word, wildcard", "plain", "plain plainly", ["plain"]),
        # fold
        ("includes-word, fold", "viagra", "v1agra VI4GRA vi\u0430gr\u0430", ["v1agra", "VI4GRA", "vi\u0430gr\u0430"]),
        ("includes-word, fold", "cialis", "c1a1is", ["c1a1is"]),
        ("includes-word, fold", "fail", "fall", []),
        ("includes-word, fold", "fr33", "free", ["free"]),
        ("includes-word, fold", "2024", "2024 zoza", ["2024"]),
        ("includes-word, fold", "zoza", "2024", []),
        ("includes-word, fold", "shit", "bu$hit $hit", ["$hit"]),
        ("includes-word, fold", "mp3", "mp3 mpe", ["mp3", "mpe"]),
        ("includes-word, fold", "pro", "$pro @pro", ["pro", "pro"]),
        # loose
        ("includes-word, loose", "free", "f.r.e.e, F R E E, f..ree", ["f.r.e.e", "F R E E"]),
        ("includes-word, loose", "free", "off.r.e.e f.r.e.ed", []),
        ("includes-word, loose", "viagra", "v.1.\u0430.g_r a", ["v.1.\u0430.g_r a"]),
        ("includes-word, loose", "c++", "c.+.+", ["c.+.+"]),
        ("includes-word, loose", "free money", "f.r.e.e m-o-n-e-y freemoney free.money",
         ["f.r.e.e m-o-n-e-y", "free.money"]),
        ("includes-word, loose", "2024", "2.0.2.4", ["2.0.2.4"]),
        ("includes-word, loose", "zoza", "2.0.2.4", []),
        ("includes-word, loose", "...", "a...b", ["..."]),
        ("includes-word, loose", "!solved", "! s o l v e d", ["! s o l v e d"]),
        # no-quotes, no-code
        ("includes-word, no-quotes", "x", "<blockquote>x</blockquote>y x", ["x"]),
        ("includes-word, no-code", "x", "<pre>x</pre>y", []),
    ],
)  # fmt: skip
def test_plain_values(how: str, value: str, text: str, expected: list[str]) -> None:
    assert found(value, text, how) == expected


@pytest.mark.parametrize(
    ("how", "pattern", "text", "expected"),
    [
        ("includes-word, regex", r"\d{3}", "123 1234 a123 (456)", ["123", "456"]),
        ("includes-word, regex", r"\d{3}", "\u00e9 123 \u00e9123 \u0661\u0662\u0663", ["123", "\u0661\u0662\u0663"]),
        ("includes-word, regex", r"\$\d+", "US$50 \u00e9$5 $7", ["$50", "$5", "$7"]),
        ("includes-word, regex", r"\$\d+", "US$50 $7", ["$50", "$7"]),
        ("includes-word, regex", r"!", "!!!", ["!", "!", "!"]),
        ("includes-word, regex", r"cat|concat", "concat cat", ["concat", "cat"]),
        ("includes, regex", r"cat", "concat", ["cat"]),
        ("includes, regex", r"a.b", "a<br>b", ["a\nb"]),
        ("includes, regex", r"^b", "a<br>b", []),
        ("includes, regex", r"a$", "a<br>b", []),
        ("includes, regex", r"\w+", "h\u00e9llo w\u00f6rld", ["h\u00e9llo", "w\u00f6rld"]),
        ("includes, regex", "\\bcaf\u00e9\\b", "caf\u00e9 caf\u00e9s", ["caf\u00e9"]),
        ("includes, regex", r"\p{Cyrillic}+", "abc \u0434\u0430", ["\u0434\u0430"]),
        ("includes, regex", r"a{,2}b", "aab", ["aab"]),
        ("includes, regex", r"[^\W_]+", "\u00e9_a", ["\u00e9", "a"]),
        ("includes, regex", r"x\u0041", "xA", ["xA"]),
        ("includes, regex", "don\u2019t", "don't", ["don't"]),
        ("includes, regex", r"(?<!no )cat", "no cat, cat", ["cat"]),
        ("includes, regex", r"(\w)\1", "hello", ["ll"]),
        ("includes, regex", r"cat", "CAT", ["CAT"]),
        ("includes, regex, case-sensitive", r"cat", "CAT", []),
        ("includes-word, regex, fold", "viagra|caf\u00e9", "v1\u0430gra cafe", ["v1\u0430gra", "cafe"]),
        ("starts-with, regex", r"\[\w+\]", "[x] [y]", ["[x]"]),
        ("ends-with, regex", r"\w\?", "a? b?", ["b?"]),
        ("full-exact, regex", r"a+", "aaa", ["aaa"]),
        ("full-exact, regex", r"a+", "aaab", []),
        ("full-text, regex", r"a+", "! aaa.", ["aaa"]),
        ("full-text, regex", r"(a)\1", "! aa.", ["aa"]),
        ("full-exact, regex", r"^$", "", [""]),
    ],
)  # fmt: skip
def test_regular_expressions(how: str, pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text, how) == expected


def test_groups_are_those_of_the_value_alone_as_written() -> None:
    [hit] = hits(r"(a)|(?P<who>\w+) pays (\d+)", "\u00c9ve pays 50", "includes, regex")
    assert hit.groups == (None, "\u00c9ve", "50")
    assert hit.named == {"who": "\u00c9ve"}
    [hit] = hits(r"(?=x)(x)(?P<n>y)", "xy", "includes, regex")
    assert (hit.groups, hit.named) == (("x", "y"), {"n": "y"})


def test_a_hit_says_which_value_where_and_what_was_written() -> None:
    text = Text.from_html("Say <b>fr\u200bee</b>!")
    hit = Matcher.build(["Free"], Modifiers(Method.INCLUDES_WORD)).first(text)
    assert hit == Hit("Free", 4, 9, "fr\u200bee")
    assert Matcher.build(["money"], Modifiers(Method.INCLUDES_WORD)).first(text) is None


def test_which_values_were_hit() -> None:
    matcher = Matcher.build(["a", "b", "c d"], Modifiers(Method.INCLUDES_WORD))
    assert matcher.values_hit(Text.from_plain("c\nd A")) == {"a", "c d"}


def test_overlapping_values_are_all_found() -> None:
    assert found(["ab", "abc", "bc"], "abc", "includes") == ["abc", "ab", "bc"]


@pytest.mark.parametrize(
    ("how", "value", "except_", "text", "expected"),
    [
        ("includes", "cunt", "Scunthorpe", "Scunthorpe", []),
        ("includes", "cunt", "Scunthorpe", "scunthorpe cunt", ["cunt"]),
        ("includes", "cock", "cockatoo", "cockatoos and cocks", ["cock"]),
        ("includes, fold", "cunt", "Scunthorpe", "\u0405cunth\u00f6rpe", []),
        ("includes, regex", r"\d+", r"20\d\d", "2024 17", ["17"]),
        ("includes, loose", "shell", "she'll", "she'll s.h.e.l.l", ["s.h.e.l.l"]),
    ],
)
def test_except_cancels_the_hits_inside_it(how: str, value: str, except_: str, text: str, expected: list[str]) -> None:
    assert found(value, text, how, (except_,)) == expected


@pytest.mark.parametrize(
    ("how", "value", "message"),
    [
        ("includes, regex", "(a", "'(a' cannot be looked for: a bracket ( is not closed, at character 2"),
        ("includes, regex", "a)", "'a)' cannot be looked for: a bracket ) closes nothing, at character 2"),
        ("includes, regex", "[a", "'[a' cannot be looked for: a bracket [ is not closed, at character 2"),
        ("includes, regex", "*a",
         "'*a' cannot be looked for: nothing stands before *, + or ? to be repeated, at character 1"),
        ("includes, regex", "[z-a]", "'[z-a]' cannot be looked for: a range in [ ] runs backwards, at character 5"),
        ("includes, regex", "", "'' cannot be looked for: it is empty"),
        ("includes, regex, loose", "a",
         "'a' cannot be looked for: regex does not go with wildcard or loose; write one of them"),
        ("includes, wildcard", "*", "'*' cannot be looked for: a wildcard needs something beside *"),
        ("includes", "\u200b", "'\\u200b' cannot be looked for: it is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused(how: str, value: str, message: str) -> None:
    with pytest.raises(PatternError, match=f"^{re.escape(message)}$"):
        hits(value, "", how)


def test_brackets_without_end_are_refused() -> None:
    with pytest.raises(PatternError):
        hits("(" * 100_000, "", "includes, regex")


def test_a_linear_pattern_is_not_slowed_by_any_text() -> None:
    assert found(r"(a+)+$", "a" * 100_000 + "!", "includes, regex") == []
    assert found(r"(a+)+\b!", "\u00e9" + "a" * 100_000, "includes, regex") == []


def test_a_pattern_that_takes_too_long_is_told_from_one_that_does_not_match() -> None:
    matcher = Matcher.build([r"(a+)+\1$", r"!"], Modifiers(Method.INCLUDES, frozenset({"regex"})))
    text = Text.from_plain("a" * 5000 + "!")
    with pytest.raises(TimedOut) as late:
        matcher.find(text)
    assert (late.value.value, [hit.text for hit in late.value.hits]) == (r"(a+)+\1$", ["!"])
    first = matcher.first(text)
    assert first is not None
    assert first.text == "!"


def test_an_except_that_takes_too_long_leaves_no_hit_standing() -> None:
    matcher = Matcher.build(["!"], Modifiers(Method.INCLUDES, frozenset({"regex"})), [r"(a+)+\1$"])
    with pytest.raises(TimedOut) as late:
        matcher.first(Text.from_plain("a" * 5000 + "!"))
    assert late.value.hits == []


METHODS = st.sampled_from(list(Method))
SOME_FLAGS = st.frozensets(st.sampled_from(sorted(FLAGS - {"regex"})))
WILD = st.text(st.one_of(st.characters(), st.sampled_from("ab* .$@01<>&;\u0301\u200d\u00df\ufdfa")), max_size=30)


@given(st.lists(WILD, min_size=1, max_size=4), WILD, METHODS, SOME_FLAGS)
def test_no_value_and_no_text_breaks_the_matcher(
    values: list[str], text: str, method: Method, flags: frozenset[str]
) -> None:
    try:
        matcher = Matcher.build(values, Modifiers(method, flags))
    except PatternError:
        return
    read = Text.from_html(text)
    for hit in matcher.find(read):
        assert read.visible[hit.start : hit.end] == hit.text


@given(WILD, METHODS, st.sampled_from(["", "case-sensitive", "fold"]))
def test_what_is_quoted_normalises_to_what_matched(word: str, method: Method, flag: str) -> None:
    flags = frozenset({flag} - {""})
    try:
        matcher = Matcher.build([word], Modifiers(method, flags))
    except PatternError:
        return
    for hit in matcher.find(Text.from_plain(word)):
        forms = [normal(t, fold=flag == "fold", case_sensitive=flag == "case-sensitive") for t in (hit.text, word)]
        assert forms[1].plain.replace("\n", " ").strip() in forms[0].plain.replace("\n", " ")


@given(st.text(st.sampled_from("ab .")), st.text(st.sampled_from("ab"), min_size=1, max_size=3))
def test_a_word_is_found_as_a_plain_search_finds_it(text: str, word: str) -> None:
    expected = re.findall(rf"(?=\b({word})\b)", text)
    assert found(word, text) == expected
    assert found(word, text, "includes-word, regex") == expected
    assert found(word, text + " \u20ac", "includes-word, regex") == expected
    assert found(f"{word}*", text, "includes, wildcard") == re.findall(rf"{word}\S*", text)


SAMPLE = "some text \u00e9 \u20ac 12"


@given(st.text(max_size=20))
def test_no_regular_expression_breaks_the_engine(pattern: str) -> None:
    with contextlib.suppress(PatternError):
        assert all(text in SAMPLE for text in found(pattern, SAMPLE, "includes-word, regex"))


@pytest.mark.parametrize("pattern", ["!", r"(a+)+\1$"])
def test_a_text_is_searched_once_and_told_the_same_again(pattern: str) -> None:
    matcher = Matcher.build([pattern], Modifiers(Method.INCLUDES, frozenset({"regex"})))
    text, told = Text.from_plain("a" * 5000 + "!"), []
    for _ in range(2):
        try:
            told.append(matcher.find(text))
        except TimedOut as late:
            told.append(late.hits)
    assert told[0] is told[1]
