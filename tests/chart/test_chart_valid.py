"""The chart is accepted: by helm's lint, by the strict schemas of Kubernetes, inside another chart, as a package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from service import __version__
from tests.chart.rendering import (
    CASES,
    CHART,
    KUBERNETES,
    VALIDATE,
    Refused,
    as_json,
    helm,
    release,
    rendered,
    values_of,
)

PASSED = re.compile(r"passed for resource (\S+) against version (\S+)$", re.MULTILINE)


@pytest.mark.parametrize("case", [None, *CASES])
def test_lint_finds_nothing(case: str | None) -> None:
    values = ("--values", values_of(case)) if case else ()
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *values)


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("case", CASES)
def test_every_object_is_valid_on_every_supported_kubernetes(case: str, version: str, tmp_path: Path) -> None:
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(rendered(case, version), encoding="utf-8")
    done = subprocess.run(
        [str(VALIDATE), "-k", version, "--strict", str(manifests)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    minor = version.rpartition(".")[0]
    objects = [(f"{one['kind'].lower()}/{one['metadata']['name']}", minor) for one in release(case).objects]
    assert PASSED.findall(done.stdout) == objects  # a kind without a schema would only be warned of


def test_names_that_yaml_would_read_as_something_else_stay_names(tmp_path: Path) -> None:
    """`NO` is a word and `1.5` a file, also for readers of YAML 1.1, as kubectl and the validator are."""
    odd = [
        as_json("env", {"NO": "1"}),
        as_json("rules", {"1": {"5": "a"}}),
        as_json("existingRules", {"2": {"configMap": "on", "keys": ["3"]}}),
    ]
    manifests = tmp_path / "manifests.yaml"
    options = [word for one in odd for word in ("--set-json", one)]
    manifests.write_text(rendered("minimal", "1.34.0", *options), encoding="utf-8")
    done = subprocess.run(
        [str(VALIDATE), "-k", "1.34.0", "--strict", str(manifests)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_a_misspelt_field_would_not_pass(tmp_path: Path) -> None:
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(rendered("minimal").replace("enableServiceLinks", "enableServiceLink"), encoding="utf-8")
    done = subprocess.run(
        [str(VALIDATE), "-k", "1.34.0", "--strict", str(manifests)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "'enableServiceLink' was unexpected" in done.stdout


@pytest.mark.parametrize("case", CASES)
def test_no_field_is_empty(case: str) -> None:
    """Server-side apply, Helm 4's way, keeps empty fields as wishes of their own."""

    def empty(value: object) -> bool:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return value is None or value in ({}, [], "") or any(map(empty, inside))

    assert [one["metadata"]["name"] for one in release(case).objects if empty(one)] == []


def test_the_schema_describes_the_values_that_there_are() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = YAML(typ="safe", pure=True).load(CHART / "values.yaml")
    assert set(schema["properties"]) - {"global", "enabled"} == set(values)
    for name, described in schema["properties"].items():
        if name != "config" and described.get("additionalProperties") is False:
            assert set(described["properties"]) == set(values[name]), name


def test_every_value_has_its_comment_above_it() -> None:
    lines = (CHART / "values.yaml").read_text(encoding="utf-8").splitlines()
    keys = [(above, line) for above, line in pairwise(lines) if re.match(r"( {2})?\w+:", line)]
    assert len(keys) > 50
    assert [line for above, line in keys if not above.lstrip().startswith("# ")] == []


def test_the_chart_deploys_this_version() -> None:
    assert YAML(typ="safe", pure=True).load(CHART / "Chart.yaml")["appVersion"] == __version__


def test_an_older_kubernetes_is_refused() -> None:
    with pytest.raises(
        Refused, match=r"chart requires kubeVersion: >=1\.29\.0-0 which is incompatible with Kubernetes v1\.28\.0"
    ):
        rendered("minimal", "1.28.0")


def test_it_may_be_part_of_another_chart(tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "charts/modbot")
    dependency = "dependencies: [{name: modbot, version: 0.1.0, condition: modbot.enabled}]"
    (tmp_path / "Chart.yaml").write_text(
        f"apiVersion: v2\nname: site\nversion: 1.0.0\n{dependency}\n", encoding="utf-8"
    )
    minimal = values_of("minimal").read_text(encoding="utf-8").replace("\n", "\n  ")
    (tmp_path / "values.yaml").write_text(
        f"global: {{site: a}}\nmodbot:\n  enabled: true\n  {minimal}", encoding="utf-8"
    )
    assert "kind: Deployment" in helm("template", "site", tmp_path)
    assert helm("template", "site", tmp_path, "--set", "modbot.enabled=false").strip() == ""


def test_the_package_holds_the_chart_alone(tmp_path: Path) -> None:
    helm("package", CHART, "--destination", tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        names = {Path(name).relative_to("modbot").parts[0] for name in package.getnames()}
    assert names == {"Chart.yaml", "README.md", "templates", "values.schema.json", "values.yaml", ".helmignore"}


def test_the_tools_are_pinned_with_hashes_and_no_address() -> None:
    text = (CHART / "tools.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = re.findall(r"^\S+==", text, flags=re.MULTILINE)
    assert {"helm-binary==", "kubernetes-validate=="} <= set(pins)
    assert len(re.findall(r"^\S+==[^\n]*\\\n    --hash=sha256:", text, flags=re.MULTILINE)) == len(pins)
