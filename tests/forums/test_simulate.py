"""`modbot simulate`, as a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx
import pytest


@pytest.mark.processes
def test_it_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "service", "simulate", "websitetoolbox", "--port", "0", "--api-key", "k"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            url = said.split()[4].rstrip(";")
            assert said == f"websitetoolbox is simulated at {url}; Ctrl-C stops it\n"
            assert httpx.get(f"{url}/v1/api/topics/501", headers={"x-api-key": "k"}).json()["title"] == "A quiet corner"
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
    ],
)
def test_wrong_use_is_one_clear_line(arguments: list[str], text: str) -> None:
    command = [sys.executable, "-m", "service", "simulate", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr
