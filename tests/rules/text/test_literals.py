"""Plain values of many checks in one automaton, and what a text must hold for a value to occur in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text.literals import Literal, Literals
from rules.text.match import Matcher, Method, Modifiers
from rules.text.normalise import Text, normal

PIECES = ["c", "a", "t", "C", "4", "1", "l", "\u0430", "\u0301", "\u00df", "ss", "\ufb01", "\u0130", "\u212a", " ", "\n", ".", "$", "@",
          "\u200d", "\u514d", "\U0001f44d", "'", "\u2019", "\uff0a", "_", "c\u0327"]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _is_something(value: str) -> bool:
    """Whether anything is left of it to look for, folded too."""
    return bool(normal(value.replace("*", ""), fold=True).plain.strip())


values = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join).filter(_is_something)
methods = st.sampled_from(list(Method))
sights = st.sets(st.sampled_from(["fold", "case-sensitive"]), max_size=2)


@given(st.lists(st.tuples(values, methods, st.booleans()), min_size=1, max_size=5, unique=True), sights, texts)
@settings(max_examples=150, deadline=None)
def test_many_checks_in_one_pass_find_what_each_finds_alone(
    sought: list[tuple[str, Method, bool]], sight: set[str], written: str
) -> None:
    text, form_flags = Text.from_plain(written), frozenset(sight)
    checks = [
        (value, Modifiers(method, form_flags | {"loose"} if loose and "fold" in sight else form_flags))
        for value, method, loose in sought
    ]
    literals = [Literal.of(*check) for check in checks]
    form = Modifiers(Method.INCLUDES, form_flags).form_of(text)
    together = Literals(literals, fold="fold" in sight).occurring(form)
    assert together == {Literal.of(value, how) for value, how in checks if Matcher.build([value], how).find(text)}


@given(st.lists(values | st.sampled_from(["c*t", "*a", "c*", "4*\u0430\u0301", "a\uff0a*", "* c"]), min_size=1, max_size=3, unique=True),
       methods, sights, texts)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_text_that_holds_a_value_holds_its_sign(
    sought: list[str], method: Method, sight: set[str], written: str
) -> None:
    modifiers, text = Modifiers(method, frozenset({*sight, "wildcard"})), Text.from_plain(written)
    matcher = Matcher.build(sought, modifiers)
    for value in matcher.values_hit(text):
        signs = matcher.signs([value])
        assert signs is not None
        assert Literals(signs, fold=modifiers.fold).occurring(modifiers.form_of(text))


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("", "free cash", "free cash"),
        ("wildcard", "plain", "plain"),
        ("wildcard", "c*asino*", "asino"),
        ("wildcard, fold", "c*4s\u0456no", "4sino"),
        ("wildcard, loose", "c*sino", None),
        ("regex", "casino", None),
    ],
)
def test_the_sign_of_a_value(how: str, value: str, expected: str | None) -> None:
    modifiers = Modifiers(Method.INCLUDES_WORD, frozenset(how.split(", ")) - {""})
    signs = Matcher.build([value], modifiers).signs([value])
    assert (signs and signs[0].text) == expected
