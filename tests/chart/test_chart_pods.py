"""What the pods are: secured, told apart, probed, given time to stop, and replaced when what they read changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from service.limiter import PATIENCE_SECONDS
from service.queue import JOB_TIMEOUT_SECONDS, QUEUES
from service.serve import make_server
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


def test_pods_get_a_token_only_where_it_is_asked_for() -> None:
    pods = list(release("minimal", as_json("serviceAccount.automountToken", True)).pods())
    assert {pod.spec["automountServiceAccountToken"] for pod in pods} == {True}


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
def test_no_list_has_two_items_of_one_key(case: str) -> None:
    """Server-side apply, Helm 4's way, merges lists by these keys and refuses twins."""
    for one in release(case).objects:
        for at, items in lists(one, one["kind"]):
            for key in ("name", "mountPath", "containerPort", "port", "parameter", "topologyKey"):
                assert no_twins(item[key] for item in items if key in item), (at, key)


@every_case
def test_what_is_mounted_is_a_volume(case: str) -> None:
    for pod in release(case).pods():
        volumes = {one["name"] for one in pod.spec["volumes"]}
        assert {one["name"] for container in pod.containers for one in container["volumeMounts"]} == volumes


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
        if one["metadata"]["name"].endswith("-extra"):
            continue  # the user's own
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
        if budget := found.every("PodDisruptionBudget").get(component):
            selectors.append(budget["spec"]["selector"]["matchLabels"])
        if service := found.every("Service").get(component):
            selectors.append(service["spec"]["selector"])
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


@pytest.mark.parametrize(("drain", "seconds"), [(0, 25), (10, 35), (12.5, 38), (300, 325)])
def test_the_web_process_has_the_time_to_drain(drain: float, seconds: int) -> None:
    assert grace("web", as_json("config.drain_seconds", drain)) == seconds


def test_the_web_process_has_the_time_to_stop_both_its_servers_after_the_drain() -> None:
    seconds = make_server(Starlette()).config.timeout_graceful_shutdown
    assert seconds
    assert grace("web", as_json("config.drain_seconds", 0)) == 2 * seconds + 5


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


def test_names_fit_however_long_the_release_is_called() -> None:
    long = release("minimal", as_json("fullnameOverride", "a" * 63), HOUSE)
    assert max(len(one["metadata"]["name"]) for one in long.objects) <= 63
    assert len({(one["kind"], one["metadata"]["name"]) for one in long.objects}) == len(long.objects)


def containers(case: str, *sets: str) -> list[Object]:
    """Every container of the release."""
    return [container for pod in release(case, *sets).pods() for container in pod.containers]


def grace(component: str, *sets: str) -> Any:
    return release("minimal", *sets).pod(component).spec["terminationGracePeriodSeconds"]


def no_twins(found: Any) -> bool:
    return all(count == 1 for count in Counter(found).values())


def lists(value: Any, at: str) -> Iterator[tuple[str, list[Object]]]:
    """Every list of mappings inside, with its place. The ports of a NetworkPolicy are a set of rules, without a key."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from lists(one, f"{at}.{key}")
        if isinstance(one, list) and one and isinstance(one[0], dict) and not at.startswith("NetworkPolicy"):
            yield f"{at}.{key}", one
