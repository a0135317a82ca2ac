"""The chart is accepted: by helm's lint, by the strict schemas of Kubernetes, inside another chart, as a package."""

from __future__ import annotations

import copy
import functools
import json
import re
import shutil
import subprocess
import tarfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service import __version__
from tests.chart.rendering import (
    CASES,
    CHART,
    JSONSCHEMA,
    KUBERNETES,
    VALIDATE,
    Object,
    Refused,
    as_json,
    helm,
    read,
    release,
    rendered,
    set_options,
    values_of,
)

SCHEMAS = Path(__file__).parent / "schemas"
CRDS = sorted(path.stem for path in SCHEMAS.glob("*.json"))
PASSED = re.compile(r"passed for resource (\S+) against version (\S+)$", re.MULTILINE)


@pytest.mark.parametrize("case", [None, *CASES])
def test_lint_finds_nothing(case: str | None) -> None:
    values = ("--values", values_of(case)) if case else ()
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *values)


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_valid_on_every_supported_kubernetes(version: str, tmp_path: Path) -> None:
    """Each object has a schema of Kubernetes or, next test, of a CRD: the validator only warns of a kind it has none for."""
    files, objects = [], []
    for case in CASES:
        manifests = rendered(case, version)
        files.append(tmp_path / f"{case}.yaml")
        files[-1].write_text(manifests, encoding="utf-8")
        objects += [(one["kind"].lower(), one["metadata"]["name"]) for one in read(manifests).objects if not crd(one)]
    done = validate(version, *files)
    assert done.returncode == 0, done.stdout
    assert PASSED.findall(done.stdout) == [(f"{kind}/{name}", version.rpartition(".")[0]) for kind, name in objects]


@pytest.mark.parametrize("kind", CRDS)
def test_every_custom_object_is_valid(kind: str, tmp_path: Path) -> None:
    objects = [one for case in CASES for one in release(case).every(kind).values()]
    assert objects, f"no case has a {kind}"
    done = check(kind, tmp_path, *objects)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("kind", "path", "value", "message"),
    [
        ("ServiceMonitor", ["spec", "endpoints", 0, "intervall"], "15s", "'intervall' was unexpected"),
        ("PodMonitor", ["spec", "podMetricsEndpoints", 0, "interval"], 15, "15 is not of type 'string'"),
        ("PrometheusRule", ["spec", "groups", 0, "rules", 0, "for"], "5 minutes", "'5 minutes' does not match"),
        ("ScaledObject", ["spec", "maxReplicas"], 3, "'maxReplicas' was unexpected"),
        ("TriggerAuthentication", ["spec", "secretTargetRef", 0], {"name": "a"}, "'key' is a required property"),
        ("HTTPRoute", ["spec", "rules", 0, "matches", 0, "path", "type"], "Prefix", "'Prefix' is not one of"),
    ],
)
def test_a_wrong_custom_object_would_not_pass(
    kind: str, path: list[Any], value: object, message: str, tmp_path: Path
) -> None:
    one = copy.deepcopy(next(iter(release("full").every(kind).values())))
    *way, last = path
    functools.reduce(lambda at, step: at[step], way, one)[last] = value
    done = check(kind, tmp_path, one)
    assert done.returncode == 1
    assert message in done.stderr


def test_names_that_yaml_would_read_as_something_else_stay_names(tmp_path: Path) -> None:
    """`NO` is a word and `1.5` a file, also for readers of YAML 1.1, as kubectl and the validator are."""
    odd = [
        as_json("extraEnv", {"NO": "1"}),
        as_json("secretFiles", {"3": {"secret": "off", "keys": ["4"]}}),
        as_json("rules", {"1": {"5": "a"}}),
        as_json("existingRules", {"2": {"configMap": "on", "keys": ["3"]}}),
    ]
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(rendered("minimal", "1.34.0", *set_options(odd)), encoding="utf-8")
    done = validate("1.34.0", manifests)
    assert done.returncode == 0, done.stdout


def test_a_misspelt_field_would_not_pass(tmp_path: Path) -> None:
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(rendered("minimal").replace("enableServiceLinks", "enableServiceLink"), encoding="utf-8")
    done = validate("1.34.0", manifests)
    assert done.returncode == 1
    assert "'enableServiceLink' was unexpected" in done.stdout


@pytest.mark.parametrize("case", CASES)
def test_no_field_is_empty(case: str) -> None:
    """Server-side apply, Helm 4's way, keeps empty fields as wishes of their own."""

    def empty(value: object) -> bool:
        if isinstance(value, list):  # an item of a list may be an empty word
            return not value or any(empty(one) for one in value if isinstance(one, (dict, list)))
        inside = value.values() if isinstance(value, dict) else ()
        return value is None or value in ({}, "") or any(map(empty, inside))

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
    dependency = "dependencies: [{name: modbot, version: 0.2.0, condition: modbot.enabled}]"
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
    assert names == {
        "Chart.yaml",
        "README.md",
        "files",
        "templates",
        "values.schema.json",
        "values.yaml",
        ".helmignore",
    }


def test_the_tools_are_pinned_with_hashes_and_no_address() -> None:
    text = (CHART / "tools.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = re.findall(r"^\S+==", text, flags=re.MULTILINE)
    assert {"helm-binary==", "kubernetes-validate=="} <= set(pins)
    assert len(re.findall(r"^\S+==[^\n]*\\\n    --hash=sha256:", text, flags=re.MULTILINE)) == len(pins)


def crd(one: Object) -> bool:
    """Whether the object's kind is defined by a CRD that we have the schema of."""
    return one["kind"] in CRDS


def validate(version: str, *manifests: Path) -> subprocess.CompletedProcess[str]:
    """Hold manifests against the strict schemas of a Kubernetes."""
    words = [str(VALIDATE), "-k", version, "--strict", *map(str, manifests)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def check(kind: str, folder: Path, *objects: Object) -> subprocess.CompletedProcess[str]:
    """Hold objects against the strict schema of a CRD."""
    words = [str(JSONSCHEMA)]
    for number, one in enumerate(objects):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(one), encoding="utf-8")
        words += ["-i", str(path)]
    return subprocess.run([*words, str(SCHEMAS / f"{kind}.json")], capture_output=True, text=True, check=False)
