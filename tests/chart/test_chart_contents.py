"""What the pods find inside: modbot.yaml, rules and Secrets as modbot itself reads them, and commands that run."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from rules.ruleset import load
from service.configuration import read
from service.supervisor import Child, wait_until
from tests.chart.rendering import (
    CASES,
    COMPONENTS,
    ROOT,
    Object,
    Pod,
    Release,
    as_json,
    release,
    values_of,
)

ELSEWHERE = {"shared-rules": {"rules.yaml": "{name: shared, body: casino, hold: true}"}}
"""What ConfigMaps that exist before the release hold."""

BROKEN = as_json("rules", {"house": {"rules.yaml": "{name: a, bdy: b, delete: true}"}})
HOUSE = as_json("config.forums.main.rules", ["rules/house"])


@pytest.mark.parametrize("case", CASES)
def test_modbot_reads_its_configuration_and_rules_without_a_fault(case: str, tmp_path: Path) -> None:
    for component in COMPONENTS:
        pod = release(case).pod(component)
        folder = mount(pod, release(case), tmp_path / component)
        settings = read(folder / "modbot.yaml", environ_of(pod.containers[0])).settings
        assert settings.redis_url.get_secret_value() == environ_of(pod.containers[0])["MODBOT_REDIS_URL"]
        for forum in settings.forums.values():
            assert load(
                [folder / path for path in forum.rules], actions=forum.on.actions, platform=forum.platform
            ).rules


def test_values_arrive_as_they_were_written(tmp_path: Path) -> None:
    pod = release("full").pod("web")
    folder = mount(pod, release("full"), tmp_path / "etc")
    given = YAML(typ="safe", pure=True).load(values_of("full"))
    assert YAML(typ="safe", pure=True).load(folder / "modbot.yaml") == given["config"]
    assert (folder / "rules/house/words.txt").read_text(encoding="utf-8") == given["rules"]["house"]["words.txt"]
    assert (folder / "rules/house/rules.yaml").read_text(encoding="utf-8") == given["rules"]["house"]["rules.yaml"]


@pytest.mark.parametrize("case", CASES)
def test_every_secret_is_one_that_the_values_name(case: str) -> None:
    given = YAML(typ="safe", pure=True).load(values_of(case))
    named = {(one["secret"], one["key"]) for one in given.get("secretEnv", {}).values()}
    named |= {(one["secret"], key) for one in given.get("secretFiles", {}).values() for key in one["keys"]}
    if redis := given.get("redis", {}).get("existingSecret"):
        named.add((redis, given["redis"].get("key", "redis-url")))
    for component in COMPONENTS:
        env, pod = release(case).component(component)["env"], release(case).pod(component)
        references = [one["valueFrom"].get("secretKeyRef") for one in env if "valueFrom" in one]
        used = {(one["name"], one["key"]) for one in references if one}
        used |= {(one["secret"]["name"], item["key"]) for one in secret_sources(pod) for item in one["secret"]["items"]}
        assert used == named


@pytest.mark.parametrize("case", ["minimal", "full"])
def test_the_rules_check_lets_good_rules_pass(case: str, tmp_path: Path) -> None:
    for done in run_all(release(case).pod("rules-check"), release(case), tmp_path):
        assert done.returncode == 0, done.stdout + done.stderr
        assert "rules load" in done.stdout


def test_the_rules_check_stops_bad_rules(tmp_path: Path) -> None:
    bad = release("minimal", BROKEN, HOUSE)
    (done,) = run_all(bad.pod("rules-check"), bad, tmp_path)
    assert done.returncode == 1
    assert "rules/house/rules.yaml:1:11" in done.stdout


def test_the_rules_check_brings_the_new_rules_along() -> None:
    """A hook runs before the release's own ConfigMaps are replaced: what it reads must be a hook too, and come first."""
    full = release("full")
    config, job = full.every("ConfigMap")["rules-check"], full.every("Job")["rules-check"]
    assert config["data"] == full.every("ConfigMap")["rules"]["data"]
    for one in (config, job):
        assert one["metadata"]["annotations"]["helm.sh/hook"] == "pre-upgrade"
    (volume,) = [one for one in full.pod("rules-check").spec["volumes"] if one["name"] == "config"]
    assert {one["configMap"]["name"] for one in volume["projected"]["sources"]} == {
        config["metadata"]["name"],
        *ELSEWHERE,
    }
    weights = [int(one["metadata"]["annotations"]["helm.sh/hook-weight"]) for one in (config, job)]
    assert weights == sorted(set(weights))


def test_the_tests_configuration_check_passes(tmp_path: Path) -> None:
    off = release("full", as_json("helmTest.live", False))
    pod = off.pod("test")
    (config,) = [one for one in pod.containers if one["name"] == "config"]
    done = run(config, mount(pod, off, tmp_path / "etc"))
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"modbot\.yaml: 2 forums, \d+ rules, no faults\n", done.stdout)


@pytest.mark.processes
def test_the_pods_commands_run_and_helm_test_sees_it(tmp_path: Path, redis_url: str) -> None:
    minimal = release("minimal", as_json("config.drain_seconds", 0))
    with started(minimal.pod("web"), minimal, tmp_path / "web", redis_url) as (admin, public):
        assert_probes_answer(minimal.component("web"), admin)
        (script, url), command = (one := minimal.pod("test").containers[0])["args"], one["command"]
        assert url == "http://forum-modbot-web:80/webhooks/helm-test/none"
        for port, status in ((public, 0), (admin, 1)):
            at = f"http://127.0.0.1:{port}/webhooks/helm-test/none"
            assert (
                subprocess.run([sys.executable, *command[1:], script, at], capture_output=True, check=False).returncode
                == status
            )
    with started(minimal.pod("urgent"), minimal, tmp_path / "urgent", redis_url) as (admin, _):
        assert_probes_answer(minimal.component("urgent"), admin)


def mount(pod: Pod, found: Release, folder: Path) -> Path:
    """The pod's /etc/modbot as the kubelet lays a projected volume out: all behind links, to be replaced at once."""
    (volume,) = [one for one in pod.spec["volumes"] if one["name"] == "config"]
    real = folder / "..2026"
    real.mkdir(parents=True)
    (folder / "..data").symlink_to(real.name)
    for source in volume.get("projected", {"sources": []})["sources"]:
        if "secret" in source:
            data = {item["key"]: "text of a secret\n" for item in source["secret"]["items"]}
        else:
            data = dict(config_map(found, source["configMap"]["name"]))
        for item in next(iter(source.values())).get("items", [{"key": key, "path": key} for key in data]):
            path = real / item["path"]
            assert not path.exists(), "two sources project to one path"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(data[item["key"]], encoding="utf-8")
    for one in real.iterdir():
        (folder / one.name).symlink_to(Path("..data") / one.name)
    return folder


def secret_sources(pod: Pod) -> list[Object]:
    """The Secrets among the sources of the pod's /etc/modbot."""
    (volume,) = [one for one in pod.spec["volumes"] if one["name"] == "config"]
    return [one for one in volume.get("projected", {"sources": []})["sources"] if "secret" in one]


def config_map(found: Release, name: str) -> Mapping[str, str]:
    """A ConfigMap's data: of the release, else of those that exist before it."""
    own = [one["data"] for one in found.objects if one["kind"] == "ConfigMap" and one["metadata"]["name"] == name]
    return own[0] if own else ELSEWHERE[name]


def environ_of(container: Object) -> dict[str, str]:
    """The container's environment, with texts in the place of Secrets."""
    return {
        one["name"]: one.get("value", f"redis://{one['name'].lower().replace('_', '-')}:6379/0")
        for one in container.get("env", [])
    }


def run(container: Object, etc: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run what the container runs, with /etc/modbot at `etc`."""
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "MODBOT_CONFIG": str(etc / "modbot.yaml")}
    return subprocess.run(
        [sys.executable, "-m", "service", *container["args"]],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=etc,
        env=env | environ_of(container) | environ,
        check=False,
    )


def run_all(pod: Pod, found: Release, folder: Path) -> list[subprocess.CompletedProcess[str]]:
    etc = mount(pod, found, folder / "etc")
    assert all(container["workingDir"] == "/etc/modbot" for container in pod.containers)
    return [run(container, etc) for container in pod.containers]


@contextlib.contextmanager
def started(pod: Pod, found: Release, folder: Path, redis_url: str) -> Iterator[tuple[int, int]]:
    """The pod's process on ports of this machine: its admin port and its public one."""
    etc, (admin, public) = mount(pod, found, folder), (free_port(), free_port())
    (container,) = pod.containers
    ports = ["--admin-port", str(admin), *(["--port", str(public)] if container["args"] == ["serve"] else [])]
    env = environ_of(container) | {
        "MODBOT_REDIS_URL": redis_url,
        "MODBOT_CONFIG": str(etc / "modbot.yaml"),
        "MODBOT_HOST": "0.0.0.0",
        "PYTHONPATH": str(ROOT),
    }
    child = Child(pod.name, [sys.executable, "-m", "service", *container["args"], *ports], env)
    child.start()
    try:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{admin}/livez"), 20)
        yield admin, public
    finally:
        child.terminate()
        child.wait(pod.spec["terminationGracePeriodSeconds"])
    assert child.exit_status() == 0


def assert_probes_answer(container: Object, admin: int) -> None:
    for name in ("startup", "liveness", "readiness"):
        url = f"http://127.0.0.1:{admin}{container[f'{name}Probe']['httpGet']['path']}"
        assert wait_until(partial(answers, url), 10), url


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url).is_success
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
