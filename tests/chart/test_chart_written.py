"""What is made from the chart is up to date, and an upgrade from the release before takes its values."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version
from ruamel.yaml import YAML

from tests.chart import written
from tests.chart.rendering import CHART, KUBERNETES, NAMESPACE, RELEASE, ROOT, helm, read, release, rendered

PREVIOUS = Path(__file__).parent / "previous"
AGAIN = "run `.venv/bin/python -m tests.chart.written`, and look at what it changes"


def test_the_readme_has_every_value() -> None:
    text = written.README.read_text(encoding="utf-8")
    assert text == written.readme(text), AGAIN


def test_the_table_has_every_value_that_there_is() -> None:
    def leaves(value: object, name: str) -> set[str]:
        if isinstance(value, dict) and name not in shown:
            return set().union(*(leaves(one, f"{name}.{key}" if name else key) for key, one in value.items()))
        return {name}

    shown = written.defaults()
    assert leaves(YAML(typ="safe", pure=True).load(CHART / "values.yaml"), "") == set(shown)


@pytest.mark.parametrize("case", written.CASES)
def test_the_rendering_is_the_one_that_was_looked_at(case: str) -> None:
    words = [word for one in written.CASES[case] for word in ("--set", one)]
    assert rendered(case, "1.34.0", *words) == (written.GOLDEN / f"{case}.yaml").read_text(encoding="utf-8"), AGAIN


@pytest.mark.parametrize("version", ["0.1.0"])
def test_an_upgrade_takes_the_previous_releases_values(version: str) -> None:
    values = PREVIOUS / f"{version}-values.yaml"
    now = read(helm("template", RELEASE, CHART, "--namespace", NAMESPACE, "--values", values, "--is-upgrade", "--kube-version", KUBERNETES[-1]))  # fmt: skip
    assert {"name": "TZ", "value": "Europe/Berlin"} in now.component("web")["env"]
    objects = {f"{one['kind']}/{one['metadata']['name']}": one["spec"] for one in now.objects if "spec" in one}
    for name, labels in YAML(typ="safe", pure=True).load(PREVIOUS / f"{version}-selectors.yaml").items():
        selector = objects[name]["selector"]
        assert selector.get("matchLabels", selector) == labels, name


def annotation(name: str) -> object:
    """An annotation for Artifact Hub, which are YAML in themselves."""
    found = ABOUT["annotations"].get(f"artifacthub.io/{name}")
    return YAML(typ="safe", pure=True).load(found) if found else None


ABOUT = YAML(typ="safe", pure=True).load(CHART / "Chart.yaml")
KINDS = {"added", "changed", "deprecated", "removed", "fixed", "security"}


def test_artifact_hub_is_told_what_changed_and_whether_it_is_about_security() -> None:
    changes = annotation("changes")
    assert isinstance(changes, list)
    assert all(one.keys() == {"kind", "description"} and one["kind"] in KINDS for one in changes)
    assert annotation("containsSecurityUpdates") is any(one["kind"] == "security" for one in changes)
    assert annotation("prerelease") is (Version(ABOUT["version"]).major == 0)


def test_artifact_hub_is_told_every_image() -> None:
    told = annotation("images")
    assert isinstance(told, list)
    assert {one["image"] for one in told} == {
        container["image"] for pod in release("trial").pods() for container in pod.containers
    }


def test_a_licence_is_named_once_there_is_one_and_no_address_is_made_up() -> None:
    assert (annotation("license") is not None) == any(ROOT.glob("LICEN[CS]E*"))
    assert (annotation("links") is not None) == bool(ABOUT.get("home") or ABOUT.get("sources"))
    assert ABOUT["icon"].startswith("data:image/svg+xml;base64,")
