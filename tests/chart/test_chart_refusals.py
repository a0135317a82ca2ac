"""Values that cannot work, each beside what helm says of them."""

from __future__ import annotations

import pytest

from tests.chart.rendering import CHART, Refused, as_json, helm, release

AT = "Error: execution error at (modbot/templates/deployments.yaml:1:4)"
NO_REDIS = "modbot needs a Redis or Valkey of yours: set redis.existingSecret to the Secret that holds its address, or redis.url if the address holds no password; for a trial, devRedis.enabled"
TOO_SHORT = "workers.{0}.terminationGracePeriodSeconds is 49, but a job may run 30 s and wait 5 s for a permit: set 50 or more, or leave it out"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("redis.existingSecret", "", NO_REDIS),
        ("redis.url", "redis://valkey:6379/0", "redis.existingSecret and redis.url are both set: keep one"),
        ("redis", {"existingSecret": "", "url": "redis://:pw@valkey/0"}, "redis.url holds a password: put the address into a Secret and name it in redis.existingSecret"),
        ("config.forums", {}, "config.forums is empty: modbot needs at least one forum; values.yaml has an example"),
        ("config.redis_url", "redis://valkey/0", "config.redis_url would end up in a ConfigMap: use redis.existingSecret or redis.url"),
        ("config.forums.main.api_key", {"env": "OTHER"}, "config refers to {env: OTHER}: name the Secret that holds it in secretEnv.OTHER"),
        ("config.forums.main.api_key", {"file": "secrets/main/api-key"}, "config refers to {file: secrets/main/api-key}: name the Secret and its key in secretFiles.main"),
        ("extraEnv", {"MAIN_API_KEY": "x"}, "the variable MAIN_API_KEY is in extraEnv and in secretEnv: keep one"),
        ("env", {"MAIN_API_KEY": "x"}, "the variable MAIN_API_KEY is in env and in secretEnv: keep one"),
        ("extraEnv", {"MODBOT_DRAIN_SECONDS": "60"}, "the variable MODBOT_DRAIN_SECONDS belongs to the chart: set redis or config instead"),
        ("config.forums.main.rules", ["rules/house"], "config.forums.main.rules names rules/house, but neither rules nor existingRules has a folder house"),
        ("image.tag", "latest", "image.tag is latest, which changes under running pods: name a version, or set image.digest"),
        ("devRedis.image", "valkey/valkey:latest", "devRedis.image is latest, which changes under running pods: name a version or a digest"),
        ("devRedis.enabled", True, "devRedis.enabled is true, but redis names one of yours: keep one"),
        ("ingress.enabled", True, "ingress.enabled is true, but ingress.host is empty: set the host name that the forum calls"),
        ("httpRoute.enabled", True, "httpRoute.enabled is true, but httpRoute.host is empty: set the host name that the forum calls"),
        ("httpRoute", {"enabled": True, "host": "a.example"}, "httpRoute.enabled is true, but httpRoute.parentRefs is empty: name the gateway, as [{name: public, namespace: gateways}]"),
        ("keda.enabled", True, "keda.enabled is true, but KEDA cannot read the address in redis.existingSecret: set keda.address to HOST:PORT"),
        ("web", {"replicas": 0, "autoscaling": {"enabled": True}}, "web.replicas is 0, but web.autoscaling needs at least 1"),
        ("web", {"replicas": 9, "autoscaling": {"enabled": True}}, "web.replicas is 9, above web.autoscaling.maxReplicas, which is 6: raise this one"),
        ("workers.urgent.terminationGracePeriodSeconds", 49, TOO_SHORT.format("urgent")),
        ("workers.bulk.terminationGracePeriodSeconds", 49, TOO_SHORT.format("bulk")),
        ("web.terminationGracePeriodSeconds", 34, "web.terminationGracePeriodSeconds is 34, but stopping takes config.drain_seconds + 25 s: set 35 or more, or leave it out"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_together(name: str, value: object, message: str) -> None:
    assert refusal(as_json(name, value)) == f"{AT}: {message}"


def test_the_defaults_alone_do_not_render() -> None:
    with pytest.raises(Refused) as refused:
        helm("template", "forum", CHART)
    assert str(refused.value) == f"{AT}: {NO_REDIS}"


def test_a_rule_folder_comes_from_one_place() -> None:
    twice = [
        as_json("rules", {"house": {"a.yaml": ""}}),
        as_json("existingRules", {"house": {"configMap": "x", "keys": ["a.yaml"]}}),
    ]
    assert refusal(*twice) == f"{AT}: the folder house is in rules and in existingRules: keep one"


def test_an_alert_that_is_left_out_is_one_that_there_is() -> None:
    said = refusal(as_json("prometheusRule", {"enabled": True, "disabled": {"TargetDwn": True}}))
    assert said.endswith("prometheusRule.disabled.TargetDwn is no alert of files/alerts.yaml")


def test_keda_has_room_for_the_workers_that_there_are_and_no_redis_for_trials() -> None:
    on = [as_json("keda.enabled", True), as_json("keda.address", "valkey:6379")]
    many = as_json("workers.urgent.replicas", 5)
    assert (
        refusal(*on, many) == f"{AT}: workers.urgent.replicas is 5, above keda.maxReplicas, which is 4: raise this one"
    )
    trial = [as_json("devRedis.enabled", True), as_json("redis.existingSecret", "")]
    assert refusal(*on, *trial) == f"{AT}: keda.enabled needs a Redis of yours: devRedis is for trials"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("replicas", 3, "(root): Additional property replicas is not allowed"),
        ("web.replica", 3, "web: Additional property replica is not allowed"),
        ("workers.lookup", {"replicas": 1}, "workers: Additional property lookup is not allowed"),
        ("redis.password", "x", "redis: Additional property password is not allowed"),
        ("web.replicas", "3", "web.replicas: Invalid type. Expected: integer, given: string"),
        ("web.replicas", -1, "web.replicas: Must be greater than or equal to 0"),
        ("ingress.enabled", "false", "ingress.enabled: Invalid type. Expected: boolean, given: string"),
        ("extraEnv", {"a-b": "x"}, 'extraEnv: Property name of "a-b" does not match'),
        ("env", {"PORT": 80}, "env.PORT: Invalid type. Expected: string, given: integer"),
        ("networkPolicy.webhooksFrom", [{"namespace": "a"}], "networkPolicy.webhooksFrom.0: Additional property namespace is not allowed"),
        ("serviceMonitor.interval", "30", "serviceMonitor.interval: Does not match pattern '^[0-9]+(ms|s|m|h)$'"),
        ("prometheusRule.disabled", {"NoWebhooks": "yes"}, "prometheusRule.disabled.NoWebhooks: Invalid type. Expected: boolean, given: string"),
        ("keda.address", "redis://valkey:6379", "keda.address: Does not match pattern '^$|^[^:/@ ]+:[0-9]+$'"),
        ("extraObjects", [{"kind": "ConfigMap"}], "extraObjects.0: apiVersion is required"),
        ("secretEnv", {"KEY": {"secret": "x"}}, "secretEnv.KEY: key is required"),
        ("rules", {"../x": {"a.yaml": ""}}, 'rules: Property name of "../x" does not match'),
        ("rules", {"house": {"../../modbot.yaml": ""}}, 'rules.house: Property name of "../../modbot.yaml" does not match'),
        ("rules", {"house": {}}, "rules.house: Must have at least 1 properties"),
        ("config.forums", {"a b": {}}, 'config.forums: Property name of "a b" does not match'),
        ("config.forums.main.rules", "rules/packs/starter", "config.forums.main.rules: Invalid type. Expected: array, given: string"),
        ("image.digest", "abc", "image.digest: Does not match pattern '^$|^sha256:[0-9a-f]{64}$'"),
    ],
)  # fmt: skip
def test_values_that_the_schema_refuses(name: str, value: object, message: str) -> None:
    assert f"- {message}" in refusal(as_json(name, value)).splitlines()


def refusal(*sets: str) -> str:
    with pytest.raises(Refused) as refused:
        release("minimal", *sets)
    return str(refused.value)
