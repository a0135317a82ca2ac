"""Every metric of this process, defined once: names, labels and buckets of operations.md, B.4.

Labels are closed sets: forum is a configured name, event a known type or `other`, the rest enums. Never an id, a name a
user chose, a URL or an exception's text. Imported by `service` and `workers`; `rules` knows nothing of metrics.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()

EVENT_TYPES = frozenset(
    {
        *("topic.created", "topic.updated", "topic.deleted"),
        *("post.created", "post.updated", "post.approved", "post.deleted"),
        *("user.created", "user.approved", "user.updated", "user.deleted"),
        *("conversation.created", "message.created"),
    }
)

_WAIT = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800)

webhook_requests = Counter(
    "modbot_webhook_requests", "Webhook requests by outcome.", ["forum", "event", "outcome"], registry=REGISTRY
)
webhook_rejections = Counter(
    "modbot_webhook_rejections", "Webhook requests refused, by reason.", ["forum", "reason"], registry=REGISTRY
)
webhook_duration = Histogram(
    "modbot_webhook_request_duration_seconds",
    "Time to answer a webhook.",
    ["outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
webhook_last_received = Gauge(
    "modbot_webhook_last_received_timestamp_seconds", "When the last valid delivery came.", ["forum"], registry=REGISTRY
)
dedupe_hits = Counter(
    "modbot_dedupe_hits",
    "Repeats stopped at the door (ingest) or before acting (execute).",
    ["forum", "stage"],
    registry=REGISTRY,
)
event_latency = Histogram(
    "modbot_event_latency_seconds",
    "Receipt of an event to its last outcome.",
    ["forum", "outcome"],
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 1800),
    registry=REGISTRY,
)
jobs = Counter("modbot_jobs", "Jobs by queue and outcome.", ["queue", "outcome"], registry=REGISTRY)
job_queue_wait = Histogram(
    "modbot_job_queue_wait_seconds", "Time a job waited in its queue.", ["queue"], buckets=_WAIT, registry=REGISTRY
)
job_duration = Histogram(
    "modbot_job_duration_seconds",
    "Time a job ran.",
    ["queue"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
rule_evaluations = Counter(
    "modbot_rule_evaluations",
    "Rules that matched, failed or timed out.",
    ["forum", "rule", "result"],
    registry=REGISTRY,
)
evaluation_duration = Histogram(
    "modbot_ruleset_evaluation_duration_seconds",
    "Time to evaluate one event.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
    registry=REGISTRY,
)
actions = Counter("modbot_actions", "Actions by outcome.", ["forum", "action", "outcome"], registry=REGISTRY)
rules_loaded = Gauge("modbot_rules_loaded", "Rules by mode.", ["forum", "mode"], registry=REGISTRY)
rules_reload_successful = Gauge(
    "modbot_rules_last_reload_successful", "1 if the last load of the rules succeeded.", ["forum"], registry=REGISTRY
)
rules_reload_success_timestamp = Gauge(
    "modbot_rules_last_reload_success_timestamp_seconds", "When rules were last loaded.", ["forum"], registry=REGISTRY
)
rules_info = Gauge("modbot_rules_info", "1 for the digest of the rules in use.", ["forum", "digest"], registry=REGISTRY)
forum_requests = Counter(
    "modbot_forum_requests",
    "Requests to the forum, by our verb and what came back.",
    ["forum", "operation", "code"],
    registry=REGISTRY,
)
forum_request_duration = Histogram(
    "modbot_forum_request_duration_seconds",
    "Time of a request to the forum, the wait for a permit left out.",
    ["forum", "operation"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
forum_retries = Counter(
    "modbot_forum_retries", "Work given back to be tried later.", ["forum", "reason"], registry=REGISTRY
)
limiter_wait = Histogram(
    "modbot_rate_limiter_wait_seconds",
    "Wait for a permit.",
    ["forum", "lane"],
    buckets=(0.005, 0.05, 0.1, 0.25, 0.35, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
    registry=REGISTRY,
)
limiter_permits = Counter(
    "modbot_rate_limiter_permits", "Permits asked for, by outcome.", ["forum", "lane", "outcome"], registry=REGISTRY
)
limiter_rate = Gauge("modbot_rate_limiter_permits_per_second", "The configured limit.", ["forum"], registry=REGISTRY)
dead_lettered = Counter(
    "modbot_dead_lettered_jobs", "Work that ended as a dead letter.", ["forum", "reason"], registry=REGISTRY
)
redis_up = Gauge("modbot_redis_up", "1 if Redis answered at the last look.", registry=REGISTRY)
build_info = Gauge("modbot_build_info", "1 for the version that runs.", ["version"], registry=REGISTRY)


def event_label(event_type: str | None) -> str:
    """The type if it is known, else `other`: a sender chooses the type before the signature is checked."""
    return event_type if event_type in EVENT_TYPES else "other"


def observe_permit(forum: str, lane: str, outcome: str, seconds: float) -> None:
    """Count a permit that was granted or not, and the time it was waited for."""
    limiter_permits.labels(forum, lane, outcome).inc()
    limiter_wait.labels(forum, lane).observe(seconds)
