"""Prometheus' own programs, for the tests of this folder; without them, what needs them is skipped."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "helm/files/alerts.yaml"
DASHBOARD = ROOT / "helm/files/dashboard.json"


def find(program: str) -> str:
    """Where promtool or prometheus is. Skips where it is not."""
    beside = f"{ROOT / '.venv-chart/bin'}"
    found = shutil.which(program) or shutil.which(program, path=beside)
    if found is None:
        pytest.skip(f"{program} is not on PATH: `make chart` gets it from Debian", allow_module_level=True)
    return found


def promtool(*words: str, given: bytes = b"") -> tuple[int, str]:
    """The exit status and all that promtool says."""
    return say("promtool", *words, given=given)


def say(program: str, *words: str, given: bytes = b"") -> tuple[int, str]:
    """The exit status and all that a program says."""
    done = subprocess.run([find(program), *words], input=given, capture_output=True, timeout=60, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()
