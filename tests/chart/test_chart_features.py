"""What may be switched on: each switch brings exactly its objects, and these say what they should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.queue import QUEUES
from tests.chart.rendering import CHART, COMPONENTS, Object, Release, as_json, names, release
from tests.operations.prometheus import promtool

COMPONENT, PART_OF = "app.kubernetes.io/component", "app.kubernetes.io/part-of"


@pytest.mark.parametrize(
    ("case", "off", "gone"),
    [
        ("full", "podDisruptionBudget.enabled", {("PodDisruptionBudget", name) for name in COMPONENTS}),
        ("full", "rulesCheck.enabled", {("Job", "rules-check"), ("ConfigMap", "rules-check"), ("NetworkPolicy", "rules-check")}),
        ("full", "helmTest.enabled", {("Pod", "test"), ("NetworkPolicy", "test")}),
        ("full", "ingress.enabled", {("Ingress", "web")}),
        ("full", "httpRoute.enabled", {("HTTPRoute", "web")}),
        ("full", "serviceAccount.create", {("ServiceAccount", "account")}),
        ("full", "topologySpread.enabled", set()),
        ("full", "networkPolicy.enabled", {("NetworkPolicy", name) for name in ("web", "workers", "test", "rules-check")}),
        ("full", "web.autoscaling.enabled", {("HorizontalPodAutoscaler", "web")}),
        ("full", "keda.enabled", {("TriggerAuthentication", "keda"), *(("ScaledObject", role) for role in QUEUES)}),
        ("full", "serviceMonitor.enabled", {("ServiceMonitor", "web"), ("Service", "admin")}),
        ("full", "podMonitor.enabled", {("PodMonitor", "workers")}),
        ("full", "prometheusRule.enabled", {("PrometheusRule", "alerts")}),
        ("full", "dashboard.enabled", {("ConfigMap", "dashboard")}),
    ],
)  # fmt: skip
def test_a_switch_removes_exactly_its_objects(case: str, off: str, gone: set[tuple[str, str]]) -> None:
    on, without = names(case), names(case, as_json(off, False))
    assert (on - without, without - on) == (gone, set())


def test_the_development_redis_is_one_pod_that_a_trial_alone_has() -> None:
    yours = [as_json("devRedis.enabled", False), as_json("redis.url", "redis://valkey:6379/0")]
    added = names("trial") - names("trial", *yours)
    assert added == {("Deployment", "dev-redis"), ("Service", "dev-redis"), ("NetworkPolicy", "dev-redis")}
    trial = release("trial")
    assert trial.every("Deployment")["dev-redis"]["spec"]["strategy"] == {"type": "Recreate"}
    args = trial.component("dev-redis")["args"]
    assert args[args.index("--maxmemory-policy") + 1] == "noeviction"
    for component in COMPONENTS:
        assert {"name": "MODBOT_REDIS_URL", "value": "redis://forum-modbot-dev-redis:6379/0"} in trial.component(component)["env"]  # fmt: skip


def test_spreading_may_be_switched_off() -> None:
    assert len(release("minimal").pod("web").spec["topologySpreadConstraints"]) == 2
    assert "topologySpreadConstraints" not in release("everything-off").pod("web").spec


def test_only_webhooks_can_be_reached_from_outside() -> None:
    full = release("full")
    ports = full.every("Service")["web"]["spec"]["ports"]
    assert [(one["port"], one["targetPort"]) for one in ports] == [(8000, "webhooks")]
    (rule,) = full.every("Ingress")["web"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    backend = path["backend"]["service"]
    assert (rule["host"], path["path"], backend["name"], backend["port"]["name"]) == (
        "forum-bot.example",
        "/webhooks",
        "forum-bot-web",
        "webhooks",
    )


def test_a_gateway_routes_webhooks_only() -> None:
    spec = release("gateway").every("HTTPRoute")["web"]["spec"]
    assert spec == {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": ["modbot.example"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/webhooks"}}],
                "backendRefs": [{"name": "forum-modbot-web", "port": 80}],
            }
        ],
    }


def test_an_autoscaler_owns_the_count_of_what_it_scales() -> None:
    """A count in the Deployment would be put back at each upgrade, and conflict under server-side apply."""
    counted = {name for name, one in release("keda").every("Deployment").items() if "replicas" in one["spec"]}
    assert counted == set()
    web = release("keda").every("HorizontalPodAutoscaler")["web"]["spec"]
    assert (web["scaleTargetRef"]["name"], web["minReplicas"], web["maxReplicas"]) == ("forum-modbot-web", 2, 6)
    workers = release("keda").every("ScaledObject")
    for role in QUEUES:
        spec = workers[role]["spec"]
        assert spec["scaleTargetRef"]["name"] == f"forum-modbot-{role}"
        assert spec["maxReplicaCount"] == 8
        assert spec["triggers"][0]["metadata"]["listName"] == f"rq:queue:{role}"
    assert workers["bulk"]["spec"]["minReplicaCount"] == 0


@pytest.mark.parametrize(
    ("url", "metadata"),
    [
        ("redis://valkey", {"address": "valkey:6379", "databaseIndex": "0", "enableTLS": "false"}),
        ("redis://valkey:7000/", {"address": "valkey:7000", "databaseIndex": "0", "enableTLS": "false"}),
        ("rediss://redis.data.svc/2", {"address": "redis.data.svc:6379", "databaseIndex": "2", "enableTLS": "true"}),
    ],
)
def test_keda_is_told_the_address_in_parts(url: str, metadata: Object) -> None:
    (trigger,) = release("keda", as_json("redis.url", url)).every("ScaledObject")["urgent"]["spec"]["triggers"]
    assert metadata.items() <= trigger["metadata"].items()
    assert "authenticationRef" not in trigger


def test_keda_reads_the_password_from_a_secret() -> None:
    full = release("full")
    (trigger,) = full.every("ScaledObject")["urgent"]["spec"]["triggers"]
    assert trigger["authenticationRef"] == {"name": "forum-bot-keda"}
    assert full.every("TriggerAuthentication")["keda"]["spec"] == {
        "secretTargetRef": [{"parameter": "password", "name": "forum-bot-redis", "key": "redis-password"}]
    }


@pytest.mark.parametrize("case", ["full", "trial"])
def test_every_pod_has_exactly_one_network_policy(case: str) -> None:
    found = release(case)
    for pod in found.pods():
        policies = [
            one for one in found.every("NetworkPolicy").values() if selects(one["spec"]["podSelector"], pod.labels)
        ]
        assert len(policies) == 1, pod.name
        assert policies[0]["spec"]["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.parametrize(
    ("case", "policy", "ingress", "egress"),
    [
        ("ha", "web", {"webhooks", "admin"}, {53, 6379}),
        ("ha", "workers", {"admin"}, {53, 6379, 443}),
        ("ha", "test", set(), {53, 8080, 6379, 443}),
        ("ha", "rules-check", set(), set()),
        ("full", "workers", {"admin"}, {53, 6380, 443, 4318}),
        ("full", "web", {"webhooks", "admin"}, {53, 6380, 4318}),
        ("trial", "dev-redis", {"redis"}, set()),
    ],
)
def test_a_network_policy_opens_these_ports_alone(case: str, policy: str, ingress: set[Any], egress: set[Any]) -> None:
    spec = release(case).every("NetworkPolicy")[policy]["spec"]
    for direction, ports in (("ingress", ingress), ("egress", egress)):
        assert {port["port"] for rule in spec.get(direction, []) for port in rule["ports"]} == ports


def test_the_release_test_may_reach_what_it_asks_for() -> None:
    ha = release("ha")
    web, test = (ha.every("NetworkPolicy")[name]["spec"] for name in ("web", "test"))
    (webhooks,) = [rule["from"] for rule in web["ingress"] if rule["ports"][0]["port"] == "webhooks"]
    assert any(selects(peer["podSelector"], ha.pod("test").labels) for peer in webhooks if "podSelector" in peer)
    (to_web,) = [rule["to"] for rule in test["egress"] if rule["ports"][0]["port"] == 8080]
    assert selects(to_web[0]["podSelector"], ha.pod("web").labels)


def test_redis_for_trials_lets_in_every_pod_that_asks_it() -> None:
    trial = release("trial")
    (rule,) = trial.every("NetworkPolicy")["dev-redis"]["spec"]["ingress"]
    (peer,) = rule["from"]
    asking = {pod.name for pod in trial.pods() if any("env" in one for one in pod.containers)}
    assert {pod.name for pod in trial.pods() if selects(peer["podSelector"], pod.labels)} == asking
    assert asking == {*COMPONENTS, "test"}


def test_prometheus_finds_every_process_under_one_job() -> None:
    full = release("full")
    service, pods = full.every("ServiceMonitor")["web"], full.every("PodMonitor")["workers"]
    seen = [name for name, one in full.every("Service").items() if selects(service["spec"]["selector"], one["metadata"]["labels"])]  # fmt: skip
    assert seen == ["admin"]
    assert [one["name"] for one in full.every("Service")["admin"]["spec"]["ports"]] == ["admin"]
    assert {pod.name for pod in full.pods() if selects(pods["spec"]["selector"], pod.labels)} == set(QUEUES)
    for monitor, endpoints in ((service, "endpoints"), (pods, "podMetricsEndpoints")):
        assert (monitor["spec"]["jobLabel"], monitor["spec"]["podTargetLabels"]) == (PART_OF, [COMPONENT])
        assert monitor["spec"][endpoints] == [{"port": "admin", "path": "/metrics", "interval": "15s"}]
        assert monitor["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    for labels in (full.every("Service")["admin"]["metadata"]["labels"], full.pod("urgent").labels):
        assert labels[PART_OF] == "modbot"


def test_alerts_are_those_of_the_file_with_links() -> None:
    *groups, extra = alert_groups(release("full"))
    written = YAML(typ="safe", pure=True).load(CHART / "files/alerts.yaml")["groups"]
    links = {"dashboard_url": "https://grafana.example/d/modbot"}
    for group in written:
        for rule in group["rules"]:
            if name := rule.get("alert"):
                runbook = {"runbook_url": f"https://wiki.example/modbot/runbook#{name.lower()}"}
                rule["annotations"] = rule["annotations"] | links | runbook
    assert groups == written
    assert extra["rules"][0]["annotations"] == {"summary": "{{ $labels.queue }} is long"}


def test_an_alert_may_be_left_out() -> None:
    def alerts(*sets: str) -> list[str]:
        found = release("full", *sets)
        return [one["alert"] for group in alert_groups(found) for one in group["rules"] if "alert" in one]

    every = alerts()
    assert "TargetDown" in every
    left = alerts(as_json("prometheusRule.disabled.TargetDown", True))
    assert left == [name for name in every if name != "TargetDown"]


def test_prometheus_takes_the_alerts(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(json.dumps({"groups": alert_groups(release("full"))}), encoding="utf-8")
    status, said = promtool("check", "rules", str(rules))
    assert status == 0, said


def test_grafana_gets_the_dashboard_of_the_file_byte_for_byte() -> None:
    dashboard = release("full").every("ConfigMap")["dashboard"]
    assert dashboard["data"] == {"modbot.json": (CHART / "files/dashboard.json").read_text(encoding="utf-8")}
    assert json.loads(dashboard["data"]["modbot.json"])["uid"] == "modbot"
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboard["metadata"]["annotations"] == {"grafana_folder": "Forums"}


def test_objects_of_the_users_own_are_filled_in() -> None:
    extra = release("full").every("ConfigMap")["extra"]
    assert extra == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "forum-bot-extra", "labels": {"team": "forum"}},
        "data": {"release": "forum"},
    }


def selects(selector: Object, labels: Any) -> bool:
    """Whether a label selector takes an object with these labels."""
    inside = all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", []))
    return inside and selector.get("matchLabels", {}).items() <= labels.items()


def alert_groups(found: Release) -> list[Object]:
    groups: list[Object] = found.every("PrometheusRule")["alerts"]["spec"]["groups"]
    return groups
