"""HTML made visible: what a browser shows, and where quotes, code and links stand in it. Only `rules.text` imports it.

One pass over hostile input, without recursion and without going back: whatever a browser would swallow for want of an
end (an unclosed comment, tag or script) ends the page here too.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Final

Span = tuple[int, int]

_BLOCK_NAMES: Final = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre search
    section select summary table tbody td tfoot th thead title tr ul
"""
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_SWALLOWED: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "iframe", "noembed", "noframes", "template")
}
_NESTING: Final = frozenset({"blockquote", "pre", "code", "div", "aside", "section", "article", "table", "td"})
_CODE: Final = frozenset({"pre", "code"})
_NAME: Final = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*(?:([^\s/>=][^\s/>=]*|=[^\s/>=]*)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s>"'][^\s>]*|(?=>)))?|(>))"""
)
_QUOTE_CLASS: Final = re.compile(r"quote(?:d|box|block|container|content|body|text|wrapper)?(?:\s|$)", re.IGNORECASE)
_BB_TAG: Final = re.compile(r"\[(/?)(quote|code)\b[^\]\n]{0,200}\]", re.IGNORECASE)
_QUOTED_LINE: Final = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
SOURCE_SPACE: Final = re.compile(r"[ \t\n\f\r]+")
_UNEVEN_SPACE: Final = re.compile(r"[ \t\n\f\r](?:[ \t\n\f\r]+|(?<! ))")  # all but a space alone: most are one
_LONG_NUMBER: Final = re.compile(r"&#0*(\d*)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MOST_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link element: its address as written, entities decoded, and the span of its text."""

    href: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """What is seen of a source, with the spans of quotes and code in it and its links."""

    visible: str
    quotes: tuple[Span, ...] = ()
    code: tuple[Span, ...] = ()
    anchors: tuple[Anchor, ...] = ()


@dataclass(slots=True)
class _Open:
    name: str
    kind: str
    start: int


@dataclass(slots=True)
class Writer:
    """Collects the visible text; knows which elements are open."""

    keeps_lines: bool
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    last: str = "\n"
    stack: list[_Open] = field(default_factory=list)
    spans: dict[str, list[Span]] = field(default_factory=lambda: {"quote": [], "code": []})
    anchors: list[Anchor] = field(default_factory=list)
    anchor: tuple[str, int] | None = None
    preformatted: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def write(self, text: str) -> None:
        """Write visible text."""
        if text:
            self.pieces.append(text)
            self.length += len(text)
            self.last = text[-1]

    def words(self, source: str, start: int, end: int) -> None:
        """Write a run of source text: its own spaces and line breaks are one space, except where they are kept."""
        run = source[start:end]
        if not (self.keeps_lines or self.preformatted):
            run = _UNEVEN_SPACE.sub(" ", run)
            if self.last in " \n":
                run = run.removeprefix(" ")
        self.write(decoded(run))

    def line(self) -> None:
        """Begin a new line, unless at the start of one."""
        if self.last != "\n":
            self.write("\n")

    def open(self, name: str, attributes: dict[str, str]) -> None:
        """Bring about what a tag of this name does where it opens."""
        if name in _BLOCKS:
            self.line()
        elif name == "br":
            self.write("\n")
        elif name in {"a", "area"}:
            self.close_anchor()
            if "href" in attributes:
                self.anchor = (attributes["href"], self.length)
        if name in _NESTING:
            self.stack.append(_Open(name, _kind(name, attributes), self.length))
            self.counts[name] = self.counts.get(name, 0) + 1
            self.preformatted += name == "pre"

    def close(self, name: str) -> None:
        """Bring about what it does where it closes."""
        if name in _BLOCKS:
            self.line()
        elif name == "br":
            self.write("\n")
        elif name == "a":
            self.close_anchor()
        if self.counts.get(name):
            while self.pop() != name:
                pass

    def pop(self) -> str:
        """Close the element opened last; its name."""
        opened = self.stack.pop()
        self.counts[opened.name] -= 1
        self.preformatted -= opened.name == "pre"
        if opened.kind:
            self.spans[opened.kind].append((opened.start, self.length))
        return opened.name

    def close_anchor(self) -> None:
        """End the text of a link, if one is open."""
        if self.anchor:
            self.anchors.append(Anchor(self.anchor[0], self.anchor[1], self.length))
            self.anchor = None

    def page(self) -> Page:
        """What was written, with all that is still open closed."""
        self.close_anchor()
        while self.stack:
            self.pop()
        text = "".join(self.pieces)
        lead = len(text) - len(text.lstrip())
        visible = text.strip()

        def moved(start: int, end: int) -> Span:
            return min(max(start - lead, 0), len(visible)), min(max(end - lead, 0), len(visible))

        quotes, code = (tuple(moved(*span) for span in self.spans[kind]) for kind in ("quote", "code"))
        anchors = tuple(Anchor(a.href, *moved(a.start, a.end)) for a in self.anchors)
        bb_quotes, bb_code = _bb_spans(visible)
        return Page(visible, quotes + bb_quotes, code + bb_code, anchors)


def read_html(source: str) -> Page:
    """The visible page of an HTML source. A source without any block tag or break keeps its own line breaks."""
    source = clean(source)
    if "<" not in source:
        return _page_of(decoded(source))
    writer = Writer(keeps_lines=not has_lines(source))
    write_page(source, writer)
    return writer.page()


def write_page(source: str, writer: Writer) -> None:
    """Have a clean source written: its runs of text, and what its tags bring about."""
    place = 0
    while (tag := source.find("<", place)) >= 0:
        writer.words(source, place, tag)
        place = _read_tag(source, tag, writer)
    writer.words(source, place, len(source))


def read_plain(text: str) -> Page:
    """The page of a text without markup; lines that begin with `>` are quotes."""
    page = _page_of(clean(text))
    lines = tuple(line.span() for line in _QUOTED_LINE.finditer(page.visible))
    return Page(page.visible, page.quotes + lines, page.code)


def _page_of(text: str) -> Page:
    visible = text.strip()
    return Page(visible, *_bb_spans(visible))


def clean(source: str) -> str:
    """The source without NUL, with one kind of line break and without halves of a surrogate pair."""
    source = source.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return source if source.isascii() else _SURROGATE.sub("\ufffd", source)


def has_lines(source: str) -> bool:
    """Whether a tag of the source begins a line: its own line breaks are mere spaces then."""
    return any(name[1].lower() in _BLOCKS or name[1].lower() == "br" for name in _NAME.finditer(source))


def _read_tag(source: str, tag: int, writer: Writer) -> int:
    """Read what begins with `<` at `tag`; give the place behind it, or the end of the source if it has no end."""
    name = _NAME.match(source, tag)
    if name:
        return _read_element(source, name, writer)
    follower = source[tag + 1 : tag + 2]
    if source.startswith("<!--", tag):
        return _behind(source, "-->", tag + 2)
    if follower in {"!", "?", "/"} and follower:
        return _behind(source, ">", tag + 1)
    writer.words(source, tag, tag + 1)
    return tag + 1


def _read_element(source: str, name: re.Match[str], writer: Writer) -> int:
    closing, word = source[name.start() + 1] == "/", name[1].lower()
    attributes, place = _read_attributes(source, name.end())
    if place < 0:
        return len(source)
    if closing:
        writer.close(word)
    elif word in _SWALLOWED:
        end = _SWALLOWED[word].search(source, place)
        return _behind(source, ">", end.end()) if end else len(source)
    else:
        writer.open(word, attributes)
    return place


def _read_attributes(source: str, place: int) -> tuple[dict[str, str], int]:
    """The attributes that matter (href, class) and the place behind the tag; -1 if the tag never ends."""
    found: dict[str, str] = {}
    while part := _ATTRIBUTE.match(source, place):
        place = part.end()
        if part[3]:
            return found, place
        word = part[1].lower()
        if word in {"href", "class"} and word not in found:
            found[word] = decoded((part[2] or "").strip("\"'"))
    return found, -1


def _behind(source: str, mark: str, place: int) -> int:
    found = source.find(mark, place)
    return found + len(mark) if found >= 0 else len(source)


def _kind(name: str, attributes: dict[str, str]) -> str:
    if name in _CODE:
        return "code"
    return "quote" if name == "blockquote" or _QUOTE_CLASS.search(attributes.get("class", "")) else ""


def decoded(text: str) -> str:
    """Entities decoded once; a number with more digits than a character can have stands for no character."""
    if "&" not in text:
        return text
    short = _LONG_NUMBER.sub(lambda n: f"&#{n[1]}" if len(n[1]) <= _MOST_DIGITS else "&#0", text)
    return _SURROGATE.sub("\ufffd", html.unescape(short)).replace("\0", "")


def _bb_spans(visible: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Spans of [quote] and [code] with their tags; a tag without its partner is text."""
    spans: dict[str, list[Span]] = {"quote": [], "code": []}
    opened: dict[str, list[int]] = {"quote": [], "code": []}
    for tag in _BB_TAG.finditer(visible) if "[" in visible else ():
        kind = tag[2].lower()
        if not tag[1]:
            opened[kind].append(tag.start())
        elif opened[kind]:
            spans[kind].append((opened[kind].pop(), tag.end()))
    return tuple(spans["quote"]), tuple(spans["code"])
