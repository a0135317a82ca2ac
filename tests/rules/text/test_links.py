"""What counts as a link, where it leads, and what a text says about where it leads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.links import find_links, within


@pytest.mark.parametrize(
    ("source", "urls"),
    [
        ('<a href="https://x.com/a?b=1&amp;c=2">this</a>', ["https://x.com/a?b=1&c=2"]),
        ('<a href="https://x.com/">https://x.com/</a>', ["https://x.com/"]),
        ('<a href="https://x.com">x.com and y.com</a> z.com', ["https://x.com", "http://z.com"]),
        ("www.example.org/x, example.com/a.", ["http://www.example.org/x", "http://example.com/a"]),
        ("(see example.com/a_(b)) <https://y.com>", ["http://example.com/a_(b)"]),
        ("http://x.com http://x.com", ["http://x.com", "http://x.com"]),
        ("http://localhost/x", ["http://localhost/x"]),
        ("www.no-such-tld.zzzz", ["http://www.no-such-tld.zzzz"]),
        ("mail joe@x.com or joe.b@mail.x.com", []),
        ('<a href="mailto:joe@x.com">joe@x.com</a>', []),
        ("e.g. this.That 3.14 a.js ftp://x.com", []),
        ('<a href="/topic/5">x</a><a href="#top">y</a><a href="javascript:alert(1)">z</a><a>w</a>', []),
        ('<a href="//x.com/a">x</a><a href="www.y.com">y</a>', ["http://x.com/a", "http://www.y.com"]),
        ('<a href=" ht\ntps:\\\\x.com\\a">x</a>', ["https://x.com/a"]),
        ("\u8bbf\u95eeexample.com\u5427", ["http://example.com"]),
        ("\u4f8b\u5b50.\u4e2d\u56fd/x", ["http://\u4f8b\u5b50.\u4e2d\u56fd/x"]),
        ("<pre>x.com</pre><script>y.com</script><!-- z.com -->", ["http://x.com"]),
    ],
)
def test_links_of_a_body(source: str, urls: list[str]) -> None:
    assert [link.url for link in find_links(source)] == urls


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("https://WWW.X.com", "www.x.com", ""),
        ("https://joe:pw@x.com.:8080/a/b?c#d", "x.com", "/a/b"),
        ("http://good.com@evil.com/", "evil.com", "/"),
        ("http://xn--bcher-kva.ch", "b\u00fccher.ch", ""),
        ("http://b\u00fccher.ch?q", "b\u00fccher.ch", ""),
        ("http://ev%69l.com/%41", "evil.com", "/%41"),
        ("http://\uff45vil\u3002com", "evil.com", ""),
        ("http:/x.com/a", "x.com", "/a"),
        ("http://xn--/", "xn--", "/"),
    ],
)
def test_the_host_is_where_a_browser_would_go(address: str, host: str, path: str) -> None:
    [link] = find_links(f'<a href="{address}">x</a>')
    assert (link.host, link.path) == (host, path)


@pytest.mark.parametrize(
    ("shown", "mismatch"),
    [
        ("click", False),
        ("https://x.com/elsewhere", False),
        ("www.x.com", False),
        ("shop.x.com", False),
        ("https://good.com", True),
        ("good.com/login", True),
        ("evilx.com", True),
        ("x.com.evil.net", True),
    ],
)
def test_the_shown_host_may_be_neither_above_nor_below(shown: str, mismatch: bool) -> None:
    [link] = find_links(f'<a href="https://x.com/a">{shown}</a>')
    assert (link.text, link.text_mismatch) == (shown, mismatch)


def test_links_of_a_title_are_told_apart() -> None:
    assert [(link.host, link.where) for link in find_links("<p>a.com</p>", "b.com &amp;")] == [
        ("a.com", "body"),
        ("b.com", "title"),
    ]
    assert find_links(None) == ()


@pytest.mark.parametrize("same", ["http://x.com/a", "https://www.x.com/a/", "x.com/a#part"])
def test_one_link_has_one_key(same: str) -> None:
    [link] = find_links(same)
    assert link.key == "x.com/a"


@pytest.mark.parametrize("other", ["x.com/b", "x.com/a?b", "shop.x.com/a"])
def test_another_link_has_another_key(other: str) -> None:
    assert find_links(other)[0].key != "x.com/a"


@pytest.mark.parametrize(
    ("host", "inside"),
    [("x.com", True), ("a.x.com", True), ("evilx.com", False), ("x.com.evil.net", False), ("com", False)],
)
def test_a_host_is_within_a_domain(host: str, inside: bool) -> None:
    assert within(host, "x.com") is inside


@given(st.text(st.one_of(st.characters(), st.sampled_from('<a href="https://x.com">@.:/\\%#?[]'))), st.text())
def test_no_source_breaks_the_reader(source: str, title: str) -> None:
    for link in find_links(source + " http://" + source, title):
        assert link.host
        assert link.host == link.host.lower()


@pytest.mark.parametrize("part", ["a.", "a.com ", "http://", "www.", "a@", "a-", "<a href=x.com>y</a>", ")", "\u4f8b."])
def test_no_source_costs_more_than_its_length(part: str) -> None:
    """A quadratic step would need minutes for these."""
    source = part * (256 * 1024 // len(part))
    for text in (source, f"http://x.com/{source}", f"<a href=http://x.com/>{source}</a>"):
        assert isinstance(find_links(text), tuple)
