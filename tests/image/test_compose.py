"""docker-compose.yaml against the program, the chart's alerts and the image: every name in it exists."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from service.cli import app
from service.processes import WORKERS
from service.settings import Settings
from tests.image.building import ROOT

yaml = YAML(typ="safe", pure=True)
COMPOSE: dict[str, Any] = yaml.load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "modbot"}
SCRAPES: dict[str, Any] = yaml.load(COMPOSE["configs"]["prometheus"]["content"])


def option(service: dict[str, Any], name: str) -> str:
    words: list[str] = service["command"]
    return words[words.index(name) + 1]


def test_it_has_a_web_process_and_every_role_as_often_as_modbot_up() -> None:
    workers = {name: service for name, service in OURS.items() if service["command"][0] == "work"}
    roles = {option(one, "--role"): one.get("deploy", {}).get("replicas", 1) for one in workers.values()}
    assert roles == dict(WORKERS)
    assert [name for name, one in OURS.items() if one["command"][0] == "serve"] == ["web"]


@pytest.mark.parametrize("name", OURS)
def test_its_commands_are_the_program_s(name: str) -> None:
    words = OURS[name]["command"]
    command: Any = typer.main.get_command(app)
    found = command.commands[words[0]]
    found.make_context(words[0], list(words[1:]))


@pytest.mark.parametrize("name", OURS)
def test_its_variables_are_settings_and_its_mounts_lie_where_the_image_looks(name: str) -> None:
    service = OURS[name]
    assert set(service["environment"]) <= {f"MODBOT_{field.upper()}" for field in Settings.model_fields}
    assert service["environment"]["MODBOT_REDIS_URL"].startswith("redis://redis:6379/")
    assert "./modbot.yaml:/etc/modbot/modbot.yaml:ro" in service["volumes"]
    assert all(volume.split(":")[1].startswith("/etc/modbot/") for volume in service["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_modbot_runs_without_rights_and_is_watched(name: str) -> None:
    service = OURS[name]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][:2] == ["CMD", "python3"], "without a shell"
    assert f":{option(service, '--admin-port')}/" in service["healthcheck"]["test"][-1]


def test_nothing_but_webhooks_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8080:8080"], "prometheus": ["127.0.0.1:9095:9090"]}


def test_redis_keeps_what_it_is_given() -> None:
    redis = SERVICES["redis"]
    assert option(redis, "--appendonly") == "yes"
    assert option(redis, "--appendfsync") == "always"
    assert option(redis, "--maxmemory-policy") == "noeviction"
    assert redis["volumes"] == ["redis-data:/data"]


def test_prometheus_reads_every_process_and_the_alerts() -> None:
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["prometheus"]["volumes"])
    (alerts,) = (path for path, at in mounted.items() if [at] == SCRAPES["rule_files"])
    assert (ROOT / alerts).is_file()
    (job,) = SCRAPES["scrape_configs"]
    assert job["job_name"] == "modbot", "the alerts name it"
    ports = {name: str(found["port"]) for found in job["dns_sd_configs"] for name in found["names"]}
    assert ports == {name: option(service, "--admin-port") for name, service in OURS.items()}


def test_every_volume_that_is_named_is_declared() -> None:
    named = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert named == set(COMPOSE["volumes"])


def compose() -> list[str]:
    """A program here that reads such files; skips where there is none."""
    if (
        shutil.which("docker")
        and not subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        return ["docker", "compose"]
    return [shutil.which("podman-compose") or pytest.skip("neither docker compose nor podman-compose is here")]


def test_compose_takes_it() -> None:
    words = [*compose(), "--file", str(ROOT / "docker-compose.yaml"), "config", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, shlex.join(words) + done.stderr
