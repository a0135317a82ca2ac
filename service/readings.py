"""What is read, not counted: the shared state as Redis has it, and how a process itself is (operations.md, B.4).

What Redis holds is the same on every web process, which reads it when it is scraped (`service.gauges`). What is counted
where it happens is in `service.metrics`. Imported by `service.gauges`, `service.durability`, `service.serve`,
`service.exposition` and tests.
"""

from __future__ import annotations

from service.instruments import Part, counter, gauge
from service.labels import DEATHS, FORUM, REVISION, VERSION
from service.queue import QUEUES

# What waits, and who works.
queue_jobs = gauge(
    Part.SHARED,
    "modbot_queue_jobs",
    "Jobs in the queue and with a worker; work put off until a time (scheduled) or until facts have come (deferred).",
    queue=QUEUES,
    state=("queued", "started", "scheduled", "deferred"),
)
queue_oldest = gauge(
    Part.SHARED, "modbot_queue_oldest_job_age_seconds", "Age of the first job in the queue; 0: none.", queue=QUEUES
)
workers = gauge(
    Part.SHARED, "modbot_workers", "Worker processes that have been heard of.", state=("idle", "busy", "suspended")
)
heartbeat = gauge(
    Part.SHARED,
    "modbot_pipeline_heartbeat_timestamp_seconds",
    "When the last heartbeat entered the queues, and when one last came out of all of them.",
    stage=("enqueued", "finished"),
)
dead_letters = gauge(
    Part.SHARED, "modbot_dead_letters", "Work that ended undone and waits for a person.", forum=FORUM, reason=DEATHS
)
held_items = gauge(Part.SHARED, "modbot_held_items", "Items that wait for a moderator's word.", forum=FORUM)
paused = gauge(Part.SHARED, "modbot_paused", "1 while actions on the forum are stopped by an operator.", forum=FORUM)

# The forum's limit.
limiter_rate = gauge(
    Part.SHARED, "modbot_rate_limiter_permits_per_second", "The configured limit of requests.", forum=FORUM
)
limiter_waiters = gauge(
    Part.SHARED, "modbot_rate_limiter_waiters", "Requests that stand in line for a permit.", forum=FORUM
)
daily_used = gauge(
    Part.SHARED, "modbot_forum_daily_requests_used", "Permits of the last 24 hours, by whole hours.", forum=FORUM
)
daily_limit = gauge(
    Part.SHARED, "modbot_forum_daily_requests_limit", "Requests allowed in 24 hours; 0: no such limit.", forum=FORUM
)
forum_paused_until = gauge(
    Part.SHARED,
    "modbot_forum_paused_until_timestamp_seconds",
    "Until when nobody calls the forum, since it said that we are too fast; 0: no pause.",
    forum=FORUM,
)

# The process itself, and its view of Redis.
redis_up = gauge(Part.EVERY, "modbot_redis_up", "1 if Redis answered at the last look.")
redis_evicts = gauge(Part.EVERY, "modbot_redis_evicts", "1 if Redis may drop keys when it is full; NaN: not known.")
redis_loss = gauge(Part.EVERY, "modbot_redis_loss_seconds", "What a power cut can cost; +Inf: all, NaN: not known.")
scrape_duration = gauge(
    Part.SHARED, "modbot_state_scrape_duration_seconds", "Time that the last reading of the shared state took."
)
scrape_errors = counter(
    Part.SHARED, "modbot_state_scrape_errors_total", "Readings of the shared state that failed; the last values stay."
)
build_info = gauge(Part.EVERY, "modbot_build_info", "1 for the program that runs.", version=VERSION, revision=REVISION)
