"""Links of an item: addresses behind links and addresses written out. Conditions import `find_links` and `within`.

What counts as a link is section 4 of the rule language; addresses are read as browsers read them (WHATWG URL:
backslashes as slashes, missing slashes, user parts, percent-encoded hosts), because that is where a click leads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

from rules.text.markup import Anchor
from rules.text.normalise import Text
from rules.text.tlds import TLDS

Place = Literal["body", "title"]

_TAIL: Final = r"""(?:[/?#\\][^\s<>"]*)?"""
_BARE: Final = re.compile(
    r"""(?P<scheme>https?:[/\\]{2}[^\s<>"]+)"""
    r"|(?<![\w@.%+/\\-])(?P<host>[\w-]{1,63}(?:[.\u3002\uff0e\uff61][\w-]{1,63})+)(?P<behind>\.?(?::\d{1,5})?"
    + _TAIL
    + r")",
    re.IGNORECASE,
)
_MARK: Final = re.compile(r"[.:\u3002\uff0e\uff61][\w/\\-]")
"""What every address has inside, and most texts have not: they need no closer look."""

_ASCII_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"https?:[/\\]*(?P<authority>[^/\\?#]*)(?P<path>[^?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_UNSEEN: Final = re.compile("[\t\n\r\u00ad\u200b-\u200f\u2060\ufeff]")
_PORT: Final = re.compile(r":\d*$")
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_TRAILING: Final = ".,;:!?'*_~`\u2019\u201d\u00bb\u2026\u3002\uff0c"
_LONGEST_LABEL: Final = 63


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `host` is lower-case and decoded, without port, user part or last dot, `path` empty or from `/`."""

    url: str
    host: str
    path: str
    text: str
    where: Place
    text_mismatch: bool = False

    @property
    def key(self) -> str:
        """What is the same for the same link: no scheme, `www.`, port, fragment or last `/`."""
        query = self.url.partition("#")[0].partition("?")[2]
        return (self.host.removeprefix("www.") + self.path + (f"?{query}" if query else "")).removesuffix("/")


def find_links(body: str | Text | None, title: str | None = None) -> tuple[Link, ...]:
    """The links of a body (HTML, or a Text made of it) and a title, in the order of their places."""
    found: list[Link] = []
    if body is not None:
        found += _body_links(body if isinstance(body, Text) else Text.from_html(body))
    found += (link for _, link in _bare_links(title or "", "title"))
    return tuple(found)


def within(host: str, domain: str) -> bool:
    """Whether a host is a domain or below it; both lower-case and decoded."""
    return host == domain or host.endswith(f".{domain}")


def read_host(domain: str) -> str:
    """A host as links have it: lower-case, IDNA-decoded, without user part, port and trailing dot."""
    authority = _PORT.sub("", unquote(domain.rpartition("@")[2]))
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", authority)).lower().replace("\u3002", ".")
    return ".".join(_label(label) for label in plain.rstrip(".").split("."))


def _body_links(text: Text) -> list[Link]:
    shown = [(anchor, link) for anchor in text.page.anchors if (link := _anchor_link(anchor, text.visible))]
    placed = [(anchor.start, link) for anchor, link in shown]
    covered = iter(sorted((anchor.start, anchor.end) for anchor, _ in shown))
    start = end = -1
    for place, link in _bare_links(text.visible, "body"):
        while end <= place and (span := next(covered, None)):
            start, end = span
        if not start <= place < end:
            placed.append((place, link))
    return [link for _, link in sorted(placed, key=lambda item: item[0])]


def _anchor_link(anchor: Anchor, visible: str) -> Link | None:
    """The link behind an anchor; none if it leads nowhere on the web or, being relative, into the forum itself."""
    text = visible[anchor.start : anchor.end]
    address = _UNSEEN.sub("", anchor.href).strip()
    if address[:2] in {"//", "\\\\", "/\\", "\\/"}:
        return _link(f"http:{address}", text, "body")
    if _ADDRESS.match(address):
        return _link(address, text, "body")
    bare = None if _SCHEME.match(address) and "." not in address.partition(":")[0] else _BARE.match(address)
    return _link(f"http://{address}", text, "body") if bare and _is_known(bare["host"] or "") else None


def _bare_links(text: str, where: Place) -> Iterator[tuple[int, Link]]:
    for match in _BARE.finditer(text) if _MARK.search(text) else ():
        written = match[0]
        if match["host"]:
            written = _written_out(match, text)
        written = _without_trailing(written)
        link = (
            _link(written if match["scheme"] else f"http://{written}", written, where, bare=True) if written else None
        )
        if link:
            yield match.start() + match[0].find(written), link


def _written_out(match: re.Match[str], text: str) -> str:
    """The address without a scheme that this is, or nothing: an e-mail address, a file name, two sentences."""
    if text[match.end() : match.end() + 1] == "@":
        return ""
    if _is_known(match["host"]):
        return match[0]
    if match["host"].isascii():
        return ""
    # In scripts without spaces an address may touch the words beside it.
    inner = next((part for part in _ASCII_HOST.finditer(match["host"]) if _is_known(part[0])), None)
    if inner is None:
        return ""
    touches_end = inner.end() == len(match["host"])
    return inner[0] + (match["behind"] if touches_end else "")


def _is_known(host: str) -> bool:
    labels = read_host(host).split(".")
    return len(labels) > 1 and (labels[0] == "www" or labels[-1] in TLDS)


def _link(url: str, text: str, where: Place, *, bare: bool = False) -> Link | None:
    parts = _ADDRESS.match(url)
    host = read_host(parts["authority"]) if parts else ""
    if parts is None or not host:
        return None
    shown = host if bare else next((_host_of(address) for address in _shown_addresses(text)), host)
    path = parts["path"].replace("\\", "/")
    absolute = f"{url.partition(':')[0].lower()}://{parts['authority']}{path}{parts['rest']}"
    return Link(absolute, host, path, text, where, _differs(shown, host))


def _differs(shown: str, host: str) -> bool:
    shown, host = shown.removeprefix("www."), host.removeprefix("www.")
    return not (within(shown, host) or within(host, shown))


def _shown_addresses(text: str) -> Iterator[str]:
    for match in _BARE.finditer(text):
        written = match["scheme"] or _written_out(match, text)
        if written:
            yield written


def _host_of(address: str) -> str:
    parts = _ADDRESS.match(address) or _ADDRESS.match(f"http://{address}")
    return read_host(_without_trailing(parts["authority"])) if parts else ""


def _without_trailing(address: str) -> str:
    """The address without the punctuation of the sentence round it; a bracket belongs to it if it was opened inside."""
    surplus = {shut: address.count(shut) - address.count(opened) for shut, opened in _CLOSING.items()}
    end = len(address)
    while end and (address[end - 1] in _TRAILING or surplus.get(address[end - 1], 0) > 0):
        if address[end - 1] in surplus:
            surplus[address[end - 1]] -= 1
        end -= 1
    return address[:end]


def _label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > _LONGEST_LABEL:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower() or label
    except UnicodeError:
        return label
