"""The rule language, sections 4 and 5: links, numbers, ages, and what is not known.

Each row is a check as a moderator would write it, an event as a forum sends it, and what the specification says.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.events import AT, DAY, holds, post, topic

CHECKS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("domain: x.com", post(body="http://evilx.com http://x.com.evil.net"), False),
    ("domain: x.com", post(body="http://X.COM:80/a"), True),
    ("domain: x.com", post(body="http://u:p@x.com./a"), True),
    ("domain (full-exact): x.com", post(body="http://a.x.com"), False),
    ("domain (starts-with): shop.", post(body="http://shop.x.com"), True),
    ("domain: münchen.de", post(body="http://xn--mnchen-3ya.de"), True),
    ("domain: xn--mnchen-3ya.de", post(body="http://münchen.de"), True),
    ("link_count: 1", post(body="see www.x.zz"), True),
    ("link_count: 1", post(body="see x.com/a"), True),
    ("link_count: 0", post(body="see a@x.com and file.txt"), True),
    ("link: {~domain: [a.com]}", post(body="http://a.com http://b.com"), True),
    ("link: {~domain: [a.com]}", post(body="http://a.com"), False),
    ("link: {~domain: [a.com]}", post(body="none"), False),
    ("link#short: {domain: bit.ly}\nlink#b: {domain: x.com}", post(body="http://bit.ly http://x.com"), True),
    ("link: {domain: bit.ly, path: /a}", post(body="http://bit.ly/b http://x.com/a"), False),
    ("link: {path (full-exact): /a/b}", post(body="http://x.com/a/b?c=d#e"), True),
    ('link: {url: "c=d"}', post(body='<a href="http://x.com/a?b=1&amp;c=d">x</a>'), True),
    ('link: {url (starts-with): "http://"}', post(body="www.x.com"), True),
    ("link: {text: click}", post(body='<a href="http://x.com/">click here</a>'), True),
    ("link: {text_mismatch: true}", post(body='<a href="http://evil.net">www.bank.com</a>'), True),
    ("link: {text_mismatch: true}", post(body='<a href="http://www.bank.com">bank.com</a>'), False),
    ("link: {text_mismatch: true}", post(body='<a href="http://x.bank.com">bank.com</a>'), False),
    ("link: {text_mismatch: false}", post(body='<a href="http://x.bank.com">click</a>'), True),
    ("link: {in: title}", topic(title="see www.x.com"), True),
    ("link: {in: body}", topic(title="see www.x.com"), False),
    (
        "link: {attachment: true}",
        post(body='<a href="http://f/x.png">x</a>', post__attachments=[{"name": "x", "url": "http://f/x.png"}]),
        True,
    ),
    ("link: {attachment: true}", post(body="http://f.com/x.png"), None),
    ("link: {any: [{domain: x.com}, {path: /q}]}", post(body="http://z.com/q"), True),
    ("link: {none: [{domain: x.com}]}", post(body="http://z.com/q"), True),
    ('link_count: ">= 3"', post(body="http://a.com http://a.com http://a.com"), True),
    ("link.domain: x.com", post(body="http://x.com"), True),
    ("author: {reputation: -5}", post(author__reputation=-5), True),
    ('author: {reputation: "< -2"}', post(author__reputation=-5), True),
    ('author: {satisfy_any_threshold: true, post_count: "> 500", account_age: "> 1 day"}', post(), True),
    ('author: {satisfy_any_threshold: true, post_count: "> 500", reputation: "> 500", name: wren}', post(), False),
    ('author: {satisfy_any_threshold: true, post_count#a: "> 500", reputation#b: "> 5", name: wren}', post(), True),
    ('author: {satisfy_any_threshold: false, post_count: "> 500", account_age: "> 1 day"}', post(), False),
    ('author: {satisfy_any_threshold: true, comment_karma: "> 500", account_age: "> 1 day"}', post(), True),
    ("author: {~country: [GB]}", post(author__countryCode=None), None),
    ("none: {author.country: GB}", post(author__countryCode=None), None),
    ("all: [{author.country: GB}, {body: zzz}]", post(author__countryCode=None), False),
    ("any: [{author.country: GB}, {body: hello}]", post(author__countryCode=None), True),
    ('title_caps_share: "> 80%"', topic(title="HELLO"), True),
    ('title_caps_share: "50%..80%"', topic(title="HELLo"), True),
    ('title_caps_share: "50..80%"', topic(title="HELLo"), True),
    ("topic: {author: {missing: country}}", post(), True),
]


@pytest.mark.parametrize(("checks", "event", "expected"), CHECKS)
def test_links_and_numbers_are_read_as_specified(checks: str, event: dict[str, Any], expected: bool | None) -> None:
    assert holds(checks, event) is expected


AGES = [
    ("< 7 days", 7 * DAY, False),
    ("< 7 days", 7 * DAY - 1, True),
    ("< 7 days", 7 * DAY - 0.5, True),
    (">= 7 days", 7 * DAY, True),
    ("<= 7 days", 7 * DAY, True),
    ("> 7 days", 7 * DAY, False),
    ("> 1 month", 30 * DAY, False),
    (">= 1 month", 30 * DAY, True),
    (">= 1 year", 365 * DAY, True),
    ("< 1 year", 365 * DAY, False),
    ("< 1 week", DAY, True),
    ("1..2 days", DAY, True),
    ("1 day..2 days", 2 * DAY, True),
    ("1..2 days", 2 * DAY + 1, False),
    ("< 90 seconds", 89, True),
    ("> 90 seconds", 91, True),
    ("<= 2 hours", 7200, True),
    ("< 5", DAY, True),
    ("!= 1 day", 5, True),
    ("> 1.5 days", 2 * DAY, True),
]


@pytest.mark.parametrize(("written", "seconds", "expected"), AGES)
def test_an_age_is_measured_at_the_event_s_own_time(written: str, seconds: float, expected: bool) -> None:
    event = post(author__joinDateTimestamp=AT - seconds)
    assert holds(f'author: {{account_age: "{written}"}}', event) is expected


NUMBERS = [
    ("< 121", True),
    ("< 120", False),
    ("<= 120", True),
    ("<= 119", False),
    ("> 119", True),
    ("> 120", False),
    (">= 120", True),
    (">= 121", False),
    ("!= 120", False),
    ("= 120", True),
    ("== 120", True),
    ("120", True),
    ("5..120", True),
    ("120..121", True),
    ("121..130", False),
    (">2.5", True),
    ("> -5", True),
]


@pytest.mark.parametrize(("written", "expected"), NUMBERS)
def test_a_number_is_compared_as_specified(written: str, expected: bool) -> None:
    assert holds(f'author: {{post_count: "{written}"}}', post()) is expected
