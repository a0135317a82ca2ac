"""The audit of pinned packages: findings fail it, a service that cannot be reached is said in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit import AWAY, ask, judge

FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["1.2.4"], "aliases": [], "description": "bad"}


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def good(name: str, *flaws: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.2.3", "vulns": list(flaws)}


def unknown(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("said", "trouble", "status", "lines"),
    [
        (report(good("httpx"), good("rq")), "", 0, ["2 pinned packages: no known vulnerability"]),
        (
            report(good("httpx", FLAW), good("rq")),
            "Found 1 known vulnerability",
            1,
            ["httpx 1.2.3 has PYSEC-2026-1: `make lock` takes 1.2.4"],
        ),
        (
            report(good("httpx", {**FLAW, "fix_versions": []})),
            "",
            1,
            ["httpx 1.2.3 has PYSEC-2026-1: there is no fixed release yet"],
        ),
        (
            report(good("httpx"), unknown("rq")),
            "",
            0,
            [
                "not audited, since the vulnerability service does not know them: rq",
                "1 pinned packages: no known vulnerability",
            ],
        ),
        (
            report(good("httpx", FLAW), unknown("rq")),
            "",
            1,
            [
                "httpx 1.2.3 has PYSEC-2026-1: `make lock` takes 1.2.4",
                "not audited, since the vulnerability service does not know them: rq",
            ],
        ),
        (
            report(unknown("httpx"), unknown("rq")),
            "",
            0,
            [f"{AWAY} (what answers in its place knows none of the 2 pinned packages)"],
        ),
        ("", "Traceback ...\nrequests.exceptions.ConnectionError: no such host", 0, [AWAY]),
        ("", "Traceback ...\nKeyError: 'hash'", 1, ["pip-audit failed: KeyError: 'hash'"]),
        ("", "", 1, ["pip-audit failed: pip-audit said nothing"]),
    ],
)
def test_what_is_said_of_an_answer(said: str, trouble: str, status: int, lines: list[str]) -> None:
    assert judge(said, trouble) == (status, lines)


def test_without_a_network_it_is_said_that_nothing_was_audited(monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    done = ask()
    assert judge(done.stdout, done.stderr) == (0, [AWAY])


def test_a_lock_that_cannot_be_read_is_no_service_that_is_away(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("httpx\n", encoding="utf-8")
    done = ask(lock)
    status, (line,) = judge(done.stdout, done.stderr)
    assert (status, line.startswith("pip-audit failed: ")) == (1, True), line
