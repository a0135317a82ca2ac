"""Builds the image without a daemon, and runs it: buildah and podman on a base image that debootstrap makes.

`python -m tests.image.building` (`make image`) sets up what the tests of this folder need: the base image, under the
name in the Dockerfile's FROM line, in a store of this project's own. Without it they are skipped. The Python inside is
Debian's, so the official image, its fixes and other architectures are not tested by this (operations.md, A.3).
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORE = ROOT / ".image"
BASE = "docker.io/library/python:3.12-slim-bookworm"
IMAGE = "localhost/modbot:test"
PROGRAMS = ("buildah", "podman", "runc", "debootstrap")
PACKAGES = "buildah podman runc debootstrap catatonit netavark"

PIP = ("/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

# Podman's own limits need a right that a sandbox lacks; crun refuses hybrid cgroups.
SETTINGS = {
    "storage.conf": f'[storage]\ndriver = "overlay"\ngraphroot = "{STORE}/images"\nrunroot = "{STORE}/run"\n',
    "containers.conf": (
        '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]\n'
        '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\nruntime = "runc"\n'
    ),
}

LOCKED_DOWN = ("--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges")
"""How the chart and docker-compose.yaml run it."""


class NotSetUp(Exception):
    """The image cannot be built here; the text says why, and what to do."""


def refuse() -> None:
    """Raise NotSetUp where a program or the base image is not there."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing or os.geteuid():
        raise NotSetUp(f"needs root and {', '.join(missing or PROGRAMS)} (Debian: apt-get install {PACKAGES})")
    if not (STORE / "images").is_dir() or not run("buildah", "images", "--quiet", "--filter", f"reference={BASE}"):
        raise NotSetUp("the base image is not set up: `make image` does it, and runs these")


def run(*words: str | Path, seconds: float = 300) -> str:
    """What a program prints, with this project's store. Raises AssertionError with all that it said if it fails."""
    settings = {"CONTAINERS_STORAGE_CONF": STORE / "storage.conf", "CONTAINERS_CONF": STORE / "containers.conf"}
    env = {**os.environ, **{name: str(path) for name, path in settings.items()}}
    done = subprocess.run(
        [str(word) for word in words], env=env, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{words[:3]}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout.strip()


def set_up() -> None:
    """Make the base image, unless it is there. Raises NotSetUp."""
    STORE.mkdir(exist_ok=True)
    for name, text in SETTINGS.items():
        (STORE / name).write_text(text, encoding="utf-8")
    (STORE / "images").mkdir(exist_ok=True)
    try:
        refuse()
    except NotSetUp as missing:
        if "base image" not in str(missing):
            raise
        _make_base(STORE / "rootfs")
    run("buildah", "rmi", "--prune")  # what former builds have left


def _make_base(folder: Path) -> None:
    print(f"making {BASE} of Debian's packages")  # noqa: T201 - the progress of `make image`
    shutil.rmtree(folder, ignore_errors=True)
    packages = "--include=python3,python3-venv,ca-certificates"
    run("debootstrap", "--variant=minbase", packages, "bookworm", folder, seconds=900)
    container = run("buildah", "from", "scratch")
    run("buildah", "add", "--quiet", container, folder, "/")
    run("buildah", "commit", "--quiet", container, BASE)
    run("buildah", "rm", container)
    shutil.rmtree(folder)


@cache
def context() -> str:
    """A copy of what the builder is sent, so that all builds of a run are of one state of the tree."""
    folder = tempfile.mkdtemp(prefix="modbot-image-")
    atexit.register(shutil.rmtree, folder)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in ["Dockerfile", ".dockerignore", *(line[1:] for line in ignored if line.startswith("!"))]:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, Path(folder, name))
    return folder


@cache
def build(name: str = IMAGE, *options: str) -> str:
    """Build the unmodified Dockerfile; returns the image's id. All times in it are those of the epoch."""
    mounts = [*_mounted([str(Path(path).expanduser()) for path in PIP], "/etc/pip.conf"), *_mounted([AUTHORITIES])]
    words = ["bud", "--quiet", "--pull-never", "--isolation", "chroot", "--timestamp", "0", *mounts, *options]
    return run("buildah", *words, "--tag", name, context(), seconds=900).splitlines()[-1]


def _mounted(paths: Iterable[str], at: str = "") -> list[str]:
    """The first of this machine's files that there is, for pip inside the build."""
    found = next((path for path in paths if Path(path).is_file()), None)
    return ["--volume", f"{found}:{at or found}:ro"] if found else []


def contain(*words: str | Path, options: Iterable[str | Path] = ()) -> str:
    """What the image prints when it runs `words` as it would in production."""
    return run("podman", "run", "--rm", "--network", "host", *LOCKED_DOWN, *options, IMAGE, *words)


if __name__ == "__main__":
    try:
        set_up()
    except NotSetUp as missing:
        sys.exit(f"modbot: {missing}")
