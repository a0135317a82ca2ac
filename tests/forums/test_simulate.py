"""`modbot simulate`, as a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx
import pytest

from service.forums import PLATFORMS
from service.forums.faults import CHANCES


@pytest.mark.processes
@pytest.mark.parametrize(
    ("platform", "path", "headers"),
    [
        ("websitetoolbox", "/v1/api/topics/501", {"x-api-key": "k"}),
        ("userecho", "/api/v2/topics/501.json", {"authorization": "Bearer k"}),
    ],
)
def test_it_serves_until_it_is_told_to_stop(platform: str, path: str, headers: dict[str, str]) -> None:
    command = [sys.executable, "-m", "service", "simulate", platform, "--port", "0", "--api-key", "k"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            url = said.split()[4].rstrip(";")
            assert said == f"{platform} is simulated at {url}; Ctrl-C stops it\n"
            assert "A quiet corner" in httpx.get(f"{url}{path}", headers=headers).text
            assert httpx.get(f"{url}/_simulator/report").json()["requests"] == 1
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nowhere", "--port", "0"], "there is no platform 'nowhere'; known: "),
        (
            ["websitetoolbox", "--port", "0", "--faults", "boom=1"],
            "--faults: no such fault: 'boom=1'; a spec holds error=P",
        ),
        (
            ["userecho", "--port", "0", "--webhooks", "127.0.0.1:8080"],
            "--webhooks: the address of a webhook begins with http:// or https:// and names a host",
        ),
    ],
)
def test_wrong_use_is_one_clear_line(arguments: list[str], text: str) -> None:
    command = [sys.executable, "-m", "service", "simulate", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.processes
def test_help_names_the_platforms_and_every_fault() -> None:
    command = [sys.executable, "-m", "service", "simulate", "--help"]
    said = " ".join(subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.split())
    for word in (*PLATFORMS, *(f"{name}=P" for name in CHANCES), "--webhooks", "--secret", "--hurry"):
        assert word in said
