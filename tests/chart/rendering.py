"""Renders the chart with the real helm, and finds one's way in what comes out. Without helm, skips whoever imports it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm"
HELM = ROOT / ".venv-chart/bin/helm"
VALIDATE = ROOT / ".venv-chart/bin/kubernetes-validate"
JSONSCHEMA = ROOT / ".venv-chart/bin/jsonschema"

if not (HELM.exists() and VALIDATE.exists()):
    pytest.skip("helm is not set up: `make chart` does it, and runs these", allow_module_level=True)

CASES = ("minimal", "full", "ha", "gateway", "keda", "digest", "trial", "everything-off")
KUBERNETES = ("1.29.0", "1.32.0", "1.34.0", "1.37.0")
COMPONENTS = ("web", "evaluate", "urgent", "bulk")
RELEASE, NAMESPACE = "forum", "moderation"

DEBUG = "Use --debug flag to render out invalid YAML"

Object = dict[str, Any]


class Refused(Exception):
    """Helm does not render the chart; the text is what it says."""


def helm(*words: str | Path) -> str:
    """What helm prints; no cluster and no settings of this machine are looked at. Raises Refused."""
    done = subprocess.run(
        [str(HELM), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"HOME": "/nonexistent", "KUBECONFIG": "/dev/null"},
        check=False,
    )
    if done.returncode:
        raise Refused((done.stderr or done.stdout).strip().removesuffix(DEBUG).strip())
    return done.stdout


def values_of(case: str) -> Path:
    """The values file of a case."""
    return CHART / "ci" / f"{case}-values.yaml"


def rendered(case: str, version: str = KUBERNETES[-1], *options: str | Path, chart: Path = CHART) -> str:
    """The manifests as text. Raises Refused."""
    files = ("--values", values_of(case), "--kube-version", version)
    return helm("template", RELEASE, chart, "--namespace", NAMESPACE, *files, *options)


@dataclass(frozen=True)
class Pod:
    """A pod, or the template of one."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Object

    @property
    def containers(self) -> list[Object]:
        found: list[Object] = self.spec["containers"]
        return found


@dataclass(frozen=True)
class Release:
    """The objects of a release."""

    objects: tuple[Object, ...]

    def every(self, kind: str) -> dict[str, Object]:
        """The objects of a kind by their names, without the release's prefix."""
        prefixes = (f"{RELEASE}-modbot-", "forum-bot-")
        return {
            next((name.removeprefix(p) for p in prefixes if name.startswith(p)), name): one
            for one in self.objects
            if one["kind"] == kind and (name := one["metadata"]["name"])
        }

    def pods(self) -> Iterator[Pod]:
        """What every pod will be: of Deployments, jobs and tests."""
        for kind in ("Deployment", "Job"):
            for name, one in self.every(kind).items():
                template = one["spec"]["template"]
                yield Pod(
                    name, template["metadata"]["labels"], template["metadata"].get("annotations", {}), template["spec"]
                )
        for name, one in self.every("Pod").items():
            yield Pod(name, one["metadata"]["labels"], one["metadata"]["annotations"], one["spec"])

    def pod(self, name: str) -> Pod:
        return next(pod for pod in self.pods() if pod.name == name)

    def component(self, name: str) -> Object:
        """The one container of a component."""
        (container,) = self.pod(name).containers
        return container


def names(case: str, *sets: str) -> set[tuple[str, str]]:
    """Every object as its kind and its name without the release's prefix."""
    found = release(case, *sets)
    return {(kind, name) for kind in {one["kind"] for one in found.objects} for name in found.every(kind)}


@cache
def release(case: str, *sets: str) -> Release:
    """A case rendered, with some values set as JSON: `web.replicas=1`."""
    return read(rendered(case, KUBERNETES[-1], *set_options(sets)))


@cache
def read(manifests: str) -> Release:
    """The objects in rendered text. A key that stands twice in a mapping is an error."""
    documents = YAML(typ="safe", pure=True).load_all(manifests)
    return Release(tuple(one for one in documents if one))


def set_options(sets: Iterable[str]) -> list[str]:
    """Helm's options that set some values as JSON."""
    return [word for one in sets for word in ("--set-json", one)]


def as_json(name: str, value: object) -> str:
    """One value as `release` and helm's --set-json take it."""
    return f"{name}={json.dumps(value)}"
