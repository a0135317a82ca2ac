"""What is counted where it happens, each metric defined once: names, labels and buckets of operations.md, B.4.

What is read when a process is scraped is defined in `service.readings`. Imported by `service` and `workers`; `rules`
knows nothing of metrics.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.instruments import Part, counter, gauge, histogram
from service.labels import (
    ACTION_WORDS,
    ANSWERS,
    CODES,
    DEATHS,
    DIGEST,
    EVENTS,
    FORUM,
    LANES,
    MODES,
    MOST_RULES,
    NO_FORUM,
    OPERATIONS,
    OTHER,
    OUTCOMES,
    RESULTS,
    RETRIES,
    RULE,
    Capped,
    code_label,
    operation_label,
    retry_label,
)
from service.queue import QUEUES

# The edge.
webhook_requests = counter(
    Part.WEB,
    "modbot_webhook_requests_total",
    "Webhook requests by the event they told of and what was done with them.",
    forum=FORUM,
    event=EVENTS,
    outcome=ANSWERS,
)
webhook_rejections = counter(
    Part.WEB,
    "modbot_webhook_rejections_total",
    "Webhook requests refused, by reason; not_found: no such forum or a wrong token.",
    forum=FORUM,
    reason=(
        *("signature_missing", "signature_mismatch", "timestamp_stale", "body_too_large", "body_malformed"),
        *("source_not_allowed", "not_found"),
    ),
)
webhook_duration = histogram(
    Part.WEB,
    "modbot_webhook_request_duration_seconds",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    "Time to answer a webhook.",
    outcome=ANSWERS,
)
webhook_last_received = gauge(
    Part.WEB,
    "modbot_webhook_last_received_timestamp_seconds",
    "When the last valid delivery came to this process; 0: none yet.",
    forum=FORUM,
)
dedupe_hits = counter(
    Part.EVERY,
    "modbot_dedupe_hits_total",
    "Repeats stopped at the door (ingest) or before acting (execute).",
    forum=FORUM,
    stage=("ingest", "execute"),
)

# Events, jobs, rules, actions.
event_latency = histogram(
    Part.WORK,
    "modbot_event_latency_seconds",
    (0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 1800),
    "Receipt of an event to the end of the last thing done about it.",
    forum=FORUM,
    outcome=("acted", "no_match", "shadow", "held", "failed"),
)
jobs = counter(
    Part.WORK,
    "modbot_jobs_total",
    "Jobs by how they ended; abandoned: their worker died; skipped: nothing was left to do.",
    queue=QUEUES,
    outcome=("ok", "retried", "failed", "timeout", "abandoned", "skipped"),
)
job_queue_wait = histogram(
    Part.WORK,
    "modbot_job_queue_wait_seconds",
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800),
    "Time a job waited in its queue.",
    queue=QUEUES,
)
job_duration = histogram(
    Part.WORK,
    "modbot_job_duration_seconds",
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    "Time a job ran.",
    queue=QUEUES,
)
rule_evaluations = counter(
    Part.WORK,
    "modbot_rule_evaluations_total",
    "Events on which a rule matched, failed or took too long.",
    forum=FORUM,
    rule=RULE,
    result=RESULTS,
)
evaluation_duration = histogram(
    Part.WORK,
    "modbot_ruleset_evaluation_duration_seconds",
    (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
    "Time to evaluate all rules on one event.",
)
actions = counter(
    Part.WORK,
    "modbot_actions_total",
    "Actions by outcome; suppressed: by a brake, or staff decided meanwhile.",
    forum=FORUM,
    action=ACTION_WORDS,
    outcome=OUTCOMES,
)
rules_loaded = gauge(Part.WORK, "modbot_rules_loaded", "Rules in use by mode.", forum=FORUM, mode=MODES)
rules_reload_successful = gauge(
    Part.WORK, "modbot_rules_last_reload_successful", "1 if the last load of the rules succeeded.", forum=FORUM
)
rules_reload_success_timestamp = gauge(
    Part.WORK,
    "modbot_rules_last_reload_success_timestamp_seconds",
    "When rules were last loaded with success.",
    forum=FORUM,
)
rules_info = gauge(Part.WORK, "modbot_rules_info", "1 for the rules in use.", forum=FORUM, digest=DIGEST)

# The forum and its limit.
forum_requests = counter(
    Part.WORK,
    "modbot_forum_requests_total",
    "Requests to the forum, by our verb and what came back.",
    forum=FORUM,
    operation=OPERATIONS,
    code=CODES,
)
forum_request_duration = histogram(
    Part.WORK,
    "modbot_forum_request_duration_seconds",
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    "Time of a request to the forum, from its permit to its answer.",
    forum=FORUM,
    operation=OPERATIONS,
)
forum_retries = counter(
    Part.WORK,
    "modbot_forum_retries_total",
    "Work put off after a failure; try_later: no permit was near, or the forum was away.",
    forum=FORUM,
    reason=(*RETRIES.values(), "error"),
)
limiter_wait = histogram(
    Part.WORK,
    "modbot_rate_limiter_wait_seconds",
    (0.005, 0.05, 0.1, 0.25, 0.35, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
    "Wait for a permit; 0.35 is one slot of the limit.",
    forum=FORUM,
    lane=LANES,
)
limiter_permits = counter(
    Part.WORK,
    "modbot_rate_limiter_permits_total",
    "Permits asked for, by outcome; timeout: none was near, and the job was given back.",
    forum=FORUM,
    lane=LANES,
    outcome=("granted", "timeout", "backend_error"),
)
dead_lettered = counter(
    Part.WORK,
    "modbot_dead_lettered_jobs_total",
    "Work that ended as a dead letter.",
    forum=FORUM,
    reason=DEATHS,
)
retention_trimmed = counter(
    Part.WORK,
    "modbot_retention_trimmed_events_total",
    "Ended events that were dropped: kept for as many days as are asked for, or Redis short of memory.",
    reason=("age", "memory"),
)

metrics_dropped = counter(
    Part.EVERY, "modbot_metrics_dropped_total", "Observations of a rule beyond the 200 that have series of their own."
)

UNFORESEEN = (NO_FORUM, OTHER, "error")
"""The labels of a request that ended in an error of ours."""

_rules = Capped(MOST_RULES, set())


def create_refusals() -> None:
    """Export zeros for requests that belong to no forum."""
    webhook_requests.labels(NO_FORUM, OTHER, "rejected")
    webhook_requests.labels(*UNFORESEEN)
    webhook_rejections.labels(NO_FORUM, "not_found")


def create_rules(forum: str, rules: Iterable[str]) -> None:
    """Export zeros for the rules of a forum."""
    for rule in rules:
        if _rules.admits(forum, rule):
            for result in RESULTS:
                rule_evaluations.labels(forum, rule, result)


def count_rule(forum: str, rule: str, result: str) -> None:
    """Count an event on which the rule matched, or failed; beyond MOST_RULES all rules are one."""
    known = _rules.admits(forum, rule)
    rule_evaluations.labels(forum, rule if known else OTHER, result).inc()
    if not known:
        metrics_dropped.inc()


def count_action(forum: str, action: str, outcome: str) -> None:
    """Count an action that has ended; a text that was joined into another is counted with that one."""
    if outcome in OUTCOMES:
        actions.labels(forum, action, outcome).inc()


def count_retry(forum: str, failure: Exception) -> None:
    """Count work that is put off because of the failure."""
    forum_retries.labels(forum, retry_label(failure)).inc()


def count_call(forum: str, operation: str, code: str, seconds: float) -> None:
    """Count a request to the forum by its status, or by `rate_limited`, `timeout` or `connect`."""
    known = operation_label(operation)
    forum_requests.labels(forum, known, code_label(code)).inc()
    forum_request_duration.labels(forum, known).observe(seconds)


def observe_permit(forum: str, lane: str, outcome: str, seconds: float) -> None:
    """Count a permit that was granted or not, and the time it was waited for."""
    limiter_permits.labels(forum, lane, outcome).inc()
    limiter_wait.labels(forum, lane).observe(seconds)
