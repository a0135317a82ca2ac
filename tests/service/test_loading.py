"""What a process loads is what it has a use for: importing more is memory of every process, and time of every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from service.demo.stage import write_configuration
from service.forums import PLATFORMS


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after the code."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def within(modules: set[str], *packages: str) -> list[str]:
    """Those that are in the packages."""
    return sorted(one for one in modules if one in packages or one.startswith(tuple(f"{name}." for name in packages)))


def test_the_command_line_loads_no_command_before_it_is_used() -> None:
    assert within(loaded("import service.cli"), "service") == [
        *("service", "service.cli", "service.cli.lazy", "service.trouble")
    ]


def test_the_web_process_loads_no_rules_and_nothing_of_those_who_carry_them_out() -> None:
    edge = loaded("import service.cli.serve")
    assert within(edge, "rules.loading") == [
        *("rules.loading", "rules.loading.faults", "rules.loading.nodes", "rules.loading.remedies")  # of modbot.yaml
    ]
    assert not within(edge, "re2", "regex", "rapidfuzz", "ahocorasick", "rules.text")
    assert not within(edge, "rules.conditions", "rules.fields", "rules.rule", "rules.ruleset", "rules.state.memory")
    assert not within(edge, "workers", "service.demo", "service.ledger", "service.standing", "service.store")


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_web_process_loads_of_a_platform_what_identifies_a_webhook(name: str) -> None:
    platform, edge = f"service.forums.{name}", loaded("import service.cli.serve")
    assert {one.removeprefix(f"{platform}.") for one in within(edge, platform)} <= {
        *(platform, "inbound", "options", "signature")
    }
    assert not within(edge, "httpx", "rich", "service.forums.http", "service.forums.simulated")


@pytest.mark.parametrize(("role", "calls"), [("evaluate", False), ("urgent", True), ("bulk", True)])
def test_a_worker_has_loaded_what_its_jobs_need_before_the_first(
    tmp_path: Path, redis_url: str, role: str, calls: bool
) -> None:
    found = write_configuration(tmp_path, "https://forum.example", ["rules/packs/starter"], {"main": {}})
    ready = loaded(
        "import os\n"
        f"os.environ['MODBOT_REDIS_URL'] = {redis_url!r}\n"
        "from pathlib import Path\n"
        "from service.configuration import read\n"
        "from workers.worker import Process\n"
        f"Process(read(Path({str(found.path)!r})), {role!r})"
    )
    platform = "service.forums.websitetoolbox"
    assert f"{platform}.reading" in ready
    assert (f"{platform}.client" in ready) is calls
    assert not within(ready, f"{platform}.simulator", "service.demo", "service.cli")
