"""The value of an `edit`: what it replaces, and with what. Only the step reader imports it."""

from __future__ import annotations

import re

from rules.conditions.matching import Matching
from rules.edits import BODY, InsideWords, Replaced
from rules.loading.faults import Faults
from rules.loading.library import Library
from rules.loading.nodes import Mapping, Node, Scalar
from rules.loading.texts import TextReader
from rules.templates import Fillable, Template
from rules.text.markup import read_html
from rules.text.match import Matcher, Method, Modifiers, PatternError

LONGEST_WITH = 1_000
"""Characters of `with`, as written in the rule."""

_EXAMPLE = 'edit: {replace: "{{match}}", with: "[removed]"}'
_MATCH = re.compile(r"\{\{\s*match(?:\.(?P<called>[^{}|]+?))?\s*\}\}")


def read_edit(node: Node, texts: TextReader, library: Library, faults: Faults) -> dict[str, Fillable] | None:
    """The options of an `edit`; None after recording what is wrong."""
    if not isinstance(node, Mapping):
        faults.error("value", node, "`edit` says what to replace, and with what", _EXAMPLE)
        return None
    for name, _ in node.entries:
        if name.value not in ("replace", "with"):
            faults.unknown("unknown-key", name, "word of an edit", name.value, ("replace", "with"))
    replace, by = node.get("replace"), node.get("with")
    if replace is None or by is None:
        faults.error("value", node, f"the edit has no `{'replace' if replace is None else 'with'}`", _EXAMPLE)
        return None
    replaced = _replaced(replace, texts, library, faults)
    text = _with(by, texts, faults)
    if replaced is None or text is None:
        return None
    return {"replace": replaced, "with": text, "inside_words": InsideWords(replaced)}


def _replaced(node: Node, texts: TextReader, library: Library, faults: Faults) -> Replaced | None:
    if isinstance(node, Scalar) and "{{" in node.value:
        return _of_check(node, texts, faults)
    words = library.words(node)
    for word in words:
        if "{{" in word.text:
            faults.error("placeholder", word.place, "among words stands no placeholder", 'replace: "{{match}}"')
    try:
        return Replaced(words=Matcher.build([word.text for word in words], Modifiers(Method.INCLUDES_WORD)))
    except PatternError as error:
        faults.error("pattern", node, f"this cannot be searched for: {error}", "name a word")
        return None


def _of_check(node: Scalar, texts: TextReader, faults: Faults) -> Replaced | None:
    match = _MATCH.fullmatch(node.value.strip())
    if match is None:
        message = "`replace` takes {{match}} or {{match.label}}, nothing beside it, or words"
        faults.error("placeholder", node, message, 'replace: "{{match}}"')
        return None
    leaves = [leaf for leaf in texts.check.leaves() if isinstance(leaf, Matching)] if texts.check else []
    names = {name for leaf in leaves if any(part.field is BODY for part in leaf.parts) for name in leaf.names}
    others = {name for leaf in leaves for name in leaf.names} - names
    called = match["called"]
    known = called is None or (called in (texts.check.names if texts.check else ()) and called not in others)
    if names and known:
        return Replaced(called=called)
    there = ", ".join(f"{{{{match.{name}}}}}" for name in sorted(names)[:5])
    remedy = f"there is {there}" if names else "edit replaces text of the body: write a check on it"
    faults.error("placeholder", node, f"{match[0]} names no check of this rule that finds text in the body", remedy)
    return None


def _with(node: Node, texts: TextReader, faults: Faults) -> Template | None:
    if isinstance(node, Scalar) and node.quoted and not node.value:
        return Template((), html=True)
    text = texts.read(node, html=True)
    if text is None or not isinstance(node, Scalar):
        return None
    shown = "".join(piece if isinstance(piece, str) else "x" for piece in text.pieces).strip()
    if len(node.value) > LONGEST_WITH:
        faults.error("too-long", node, f"`with` has at most {LONGEST_WITH:,} characters", "shorten it")
    elif not re.fullmatch(r"x[^\n]*x", read_html(f"x{shown}x").visible):
        message = "`with` stands in the middle of a line: it has no line break, paragraph or tag that is not closed"
        faults.error("text", node, message, 'with: "[removed]"')
    return text
