"""How a Redis is named: what a URL with Sentinels says, what it may not leave out, and that its passwords stay hidden."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from service.connections import connect, connect_async, connect_rq, watched
from service.logs import secrets_of

URL = (
    "rediss+sentinel://bot:pass%40word@a.example,b.example:26380/main/2"
    "?ssl_ca_certs=/etc/ca.pem&sentinel_username=eye&sentinel_password=eyes-secret"
)


def test_a_url_with_sentinels_tells_the_master_from_those_who_watch_it() -> None:
    found = watched(URL)
    assert found is not None
    assert (found.name, found.sentinels) == ("main", [("a.example", 26379), ("b.example", 26380)])
    tls = {"ssl": True, "ssl_ca_certs": "/etc/ca.pem"}
    assert found.server == {"username": "bot", "password": "pass@word", "db": 2, **tls}
    assert found.own == {
        "username": "eye",
        "password": "eyes-secret",
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.5,
        **tls,
    }


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://h/0", "unix:///s?db=0"])
def test_other_urls_have_no_sentinels(url: str) -> None:
    assert watched(url) is None


@pytest.mark.parametrize("url", ["redis+sentinel://h:26379", "redis+sentinel:///main"])
def test_a_url_that_does_not_say_enough_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must name Sentinels and a master"):
        watched(url)


def test_a_password_that_is_not_escaped_is_refused_without_being_told() -> None:
    with pytest.raises(ValueError, match="must be written %2F") as refused:
        watched("redis+sentinel://:sec/ret@h:26379/main")
    assert "sec" not in str(refused.value)


def test_no_client_shows_a_password() -> None:
    shown = "".join(repr(kind(URL)) for kind in (connect, connect_rq, connect_async)) + repr(watched(URL))
    assert "pass" not in shown
    assert "secret" not in shown


def test_the_passwords_of_an_address_are_kept_from_the_log() -> None:
    assert set(secrets_of(SecretStr(URL))) == {"pass@word", "pass%40word", "eyes-secret"}
