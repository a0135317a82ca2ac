"""The Dockerfile against hadolint, and against what the contract says of the image."""

from __future__ import annotations

import re
import subprocess

import pytest

from service.settings import Settings
from tests.image.building import BASE, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
HADOLINT = ROOT / ".venv-chart/bin/hadolint"


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not set up: `make chart` does it")
def test_hadolint_finds_no_fault() -> None:
    done = subprocess.run(
        [str(HADOLINT), "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_tests_build_on_the_image_that_it_names() -> None:
    assert f"python:{re.findall('^ARG PYTHON=(.+)$', DOCKERFILE, re.MULTILINE)[0]}" == BASE.removeprefix(
        "docker.io/library/"
    )
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:${PYTHON}"}


def test_it_names_no_interpreter_by_its_place() -> None:
    assert re.findall(r"/usr/(?:local/)?bin/python\S*", DOCKERFILE) == []


def test_the_variables_that_it_sets_are_settings() -> None:
    beside = {"MODBOT_CONFIG", "MODBOT_HOST", "MODBOT_REVISION"}
    known = {f"MODBOT_{name.upper()}" for name in Settings.model_fields} | beside
    assert set(re.findall(r"\bMODBOT_[A-Z_]+", DOCKERFILE)) <= known


def test_only_what_it_needs_is_sent_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {name for line in re.findall(r"^COPY ([^-].*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
