"""What the pods are: secured, told apart, probed, given time to stop, and replaced when what they read changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from service.limiter import PATIENCE_SECONDS
from service.queue import JOB_TIMEOUT_SECONDS, QUEUES
from tests.chart.rendering import CASES, COMPONENTS, NAMESPACE, RELEASE, Object, as_json, release

every_case = pytest.mark.parametrize("case", CASES)

HOUSE = as_json("rules", {"house": {"rules.yaml": "{name: a, body: b, delete: true}"}})


@every_case
def test_pods_meet_the_restricted_security_profile(case: str) -> None:
    for pod in release(case).pods():
        assert pod.spec["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
        assert {kind for volume in pod.spec["volumes"] for kind in volume} <= {"name", "emptyDir", "projected"}


@every_case
def test_containers_meet_the_restricted_security_profile(case: str) -> None:
    for container in containers(case):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        }


@every_case
def test_containers_may_use_as_much_memory_as_they_ask_for(case: str) -> None:
    for container in containers(case):
        resources = container["resources"]
        assert resources["limits"]["memory"] == resources["requests"]["memory"]
        assert resources["requests"]["cpu"]


def test_by_default_no_container_has_a_cpu_limit() -> None:
    assert all("cpu" not in container["resources"]["limits"] for container in containers("minimal"))


@every_case
def test_nothing_is_named_twice(case: str) -> None:
    for pod in release(case).pods():
        assert no_twins(volume["name"] for volume in pod.spec["volumes"])
        assert no_twins(container["name"] for container in pod.containers)
        for container in pod.containers:
            assert no_twins(one["name"] for one in container.get("env", []))
            assert no_twins(one["mountPath"] for one in container["volumeMounts"])
            assert no_twins(one["name"] for one in container.get("ports", []))
            assert no_twins(one["containerPort"] for one in container.get("ports", []))
            assert {one["name"] for one in container["volumeMounts"]} <= {one["name"] for one in pod.spec["volumes"]}


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ({}, "modbot:0.1.0"),
        ({"repository": "registry.example/modbot", "tag": "0.1.0-rc1"}, "registry.example/modbot:0.1.0-rc1"),
        ({"tag": "0.1.0", "digest": f"sha256:{'a' * 64}"}, f"modbot@sha256:{'a' * 64}"),
    ],
)
def test_the_image_is_a_version_or_a_digest(image: Object, name: str) -> None:
    sets = [as_json("image", image)] if image else []
    assert {container["image"] for container in containers("minimal", *sets)} == {name}


@every_case
def test_every_object_has_the_standard_labels_and_its_namespace(case: str) -> None:
    for one in release(case).objects:
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/instance"] == RELEASE
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/version"] == "0.1.0"
        assert {"app.kubernetes.io/name", "app.kubernetes.io/component", "helm.sh/chart"} <= labels.keys()
        assert one["metadata"]["namespace"] == NAMESPACE


@every_case
def test_each_selector_matches_its_own_pods_and_no_others(case: str) -> None:
    found = release(case)
    for component, deployment in found.every("Deployment").items():
        selectors = [deployment["spec"]["selector"]["matchLabels"]]
        selectors += [
            one["labelSelector"]["matchLabels"]
            for one in found.pod(component).spec.get("topologySpreadConstraints", [])
        ]
        if found.every("PodDisruptionBudget"):
            selectors.append(found.every("PodDisruptionBudget")[component]["spec"]["selector"]["matchLabels"])
        if component == "web":
            selectors.append(found.every("Service")["web"]["spec"]["selector"])
        for selector in selectors:
            assert [pod.name for pod in found.pods() if selector.items() <= pod.labels.items()] == [component]


def test_selectors_survive_upgrades() -> None:
    """A Deployment's selector cannot be changed: these three labels stay."""
    selector = release("minimal").every("Deployment")["web"]["spec"]["selector"]["matchLabels"]
    assert selector == {
        "app.kubernetes.io/name": "modbot",
        "app.kubernetes.io/instance": RELEASE,
        "app.kubernetes.io/component": "web",
    }


def test_there_is_a_deployment_for_the_web_and_for_each_role() -> None:
    deployments = release("minimal").every("Deployment")
    replicas = {name: one["spec"]["replicas"] for name, one in deployments.items()}
    assert replicas == {"web": 2, "evaluate": 2, "urgent": 2, "bulk": 1}
    assert set(COMPONENTS) == {"web", *QUEUES}
    assert {one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] for one in deployments.values()} == {0}


@pytest.mark.parametrize("component", COMPONENTS)
def test_probes_ask_the_admin_port(component: str) -> None:
    container = release("minimal").component(component)
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert ports == ({"webhooks": 8080, "admin": 9090} if component == "web" else {"admin": 9091})
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    live, ready = {"path": "/livez", "port": "admin"}, {"path": "/readyz", "port": "admin"}
    assert probes == {"startup": live, "liveness": live, "readiness": ready}


@pytest.mark.parametrize("role", QUEUES)
def test_a_worker_has_the_time_to_finish_its_job(role: str) -> None:
    assert grace(role) == JOB_TIMEOUT_SECONDS + PATIENCE_SECONDS + 15
    assert grace(role, as_json(f"workers.{role}.terminationGracePeriodSeconds", 90)) == 90


@pytest.mark.parametrize(("drain", "seconds"), [(0, 15), (10, 25), (12.5, 28), (300, 315)])
def test_the_web_process_has_the_time_to_drain(drain: float, seconds: int) -> None:
    assert grace("web", as_json("config.drain_seconds", drain)) == seconds


@pytest.mark.parametrize(
    ("change", "replaced"),
    [
        ([as_json("config.log_level", "debug")], set(COMPONENTS)),
        ([as_json("rules", {"house": {"rules.yaml": "{name: a, body: c, delete: true}"}})], set(QUEUES)),
        ([as_json("rules.house.rules\\.yaml", "{}"), as_json("restartOnRuleChange", False)], set()),
        ([as_json("service.port", 81)], set()),
    ],
    ids=["config", "rules", "rules that are read while running", "something else"],
)
def test_pods_are_replaced_when_what_they_read_changes(change: list[str], replaced: set[str]) -> None:
    start = [HOUSE, *(one for one in change if one.startswith("restart"))]
    before, after = release("minimal", *start), release("minimal", HOUSE, *change)
    assert {name for name in COMPONENTS if before.pod(name).annotations != after.pod(name).annotations} == replaced


def test_labels_and_annotations_of_the_user_never_replace_the_charts() -> None:
    web = release("full").pod("web")
    assert web.labels["team"] == "forum"
    assert web.labels["app.kubernetes.io/component"] == "web"
    assert web.annotations["example.com/scrape"] == "true"
    assert len(web.annotations["checksum/config"]) == 64


@pytest.mark.parametrize(
    ("off", "gone"),
    [
        ("podDisruptionBudget.enabled", {("PodDisruptionBudget", name) for name in COMPONENTS}),
        ("rulesCheck.enabled", {("Job", "rules-check"), ("ConfigMap", "rules-check")}),
        ("helmTest.enabled", {("Pod", "test")}),
        ("ingress.enabled", {("Ingress", "web")}),
        ("serviceAccount.create", {("ServiceAccount", "account")}),
        ("topologySpread.enabled", set()),
    ],
)
def test_a_switch_removes_exactly_its_objects(off: str, gone: set[tuple[str, str]]) -> None:
    assert names("full") - names("full", as_json(off, False)) == gone
    assert not names("full", as_json(off, False)) - names("full")


def test_spreading_may_be_switched_off() -> None:
    assert len(release("minimal").pod("web").spec["topologySpreadConstraints"]) == 2
    assert "topologySpreadConstraints" not in release("everything-off").pod("web").spec


def test_only_webhooks_can_be_reached_from_outside() -> None:
    full = release("full")
    assert [(one["port"], one["targetPort"]) for one in full.every("Service")["web"]["spec"]["ports"]] == [
        (8000, "webhooks")
    ]
    (rule,) = full.every("Ingress")["web"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert (rule["host"], path["path"], path["backend"]["service"]["port"]["name"]) == (
        "forum-bot.example",
        "/webhooks",
        "webhooks",
    )


def test_names_fit_however_long_the_release_is_called() -> None:
    long = release("minimal", as_json("fullnameOverride", "a" * 63), HOUSE)
    assert max(len(one["metadata"]["name"]) for one in long.objects) <= 63
    assert len({(one["kind"], one["metadata"]["name"]) for one in long.objects}) == len(long.objects)


def containers(case: str, *sets: str) -> list[Object]:
    """Every container of the release."""
    return [container for pod in release(case, *sets).pods() for container in pod.containers]


def names(case: str, *sets: str) -> set[tuple[str, str]]:
    found = release(case, *sets)
    return {(kind, name) for kind in {one["kind"] for one in found.objects} for name in found.every(kind)}


def grace(component: str, *sets: str) -> Any:
    return release("minimal", *sets).pod(component).spec["terminationGracePeriodSeconds"]


def no_twins(found: Any) -> bool:
    return all(count == 1 for count in Counter(found).values())
