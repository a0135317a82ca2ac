"""How a metric is defined: its name, its closed label values, its buckets, and the processes that export it.

From the definitions come the zeros before the first happening (`create_children`), docs/metrics.md
(`service.exposition`) and the tests. Imported by `service.metrics`, `service.readings`,
`service.exposition`, `service.serve`, `workers` and tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import product
from typing import Any, Final, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from service.labels import FORUM, Named, Values

disable_created_metrics()  # type: ignore[no-untyped-call]


class Part(Enum):
    """Which processes export a metric."""

    EVERY = "every process"
    WEB = "web"
    WORK = "workers"
    SHARED = "web, read from Redis"


PARTS: Final = {
    Part.WEB: (Part.EVERY, Part.WEB, Part.SHARED),
    Part.WORK: (Part.EVERY, Part.WORK),
}
"""What each kind of process exports."""

REGISTRIES: Final = {part: CollectorRegistry() for part in Part}
ProcessCollector(registry=REGISTRIES[Part.EVERY])

Metric = Counter | Gauge | Histogram
M = TypeVar("M", Counter, Gauge)


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric with its full name, its label values and its buckets (histograms only)."""

    name: str
    kind: str
    text: str
    part: Part
    labels: dict[str, Values]
    buckets: tuple[float, ...]
    metric: Metric

    def children(self, forums: Collection[str]) -> Iterator[tuple[str, ...]]:
        """Every combination of label values that is known before anything has happened."""
        return product(*(_known(values, forums) for values in self.labels.values()))


def _known(values: Values, forums: Collection[str]) -> Iterable[str]:
    if isinstance(values, Named):
        return forums if values is FORUM else ()
    return values


DEFINITIONS: Final[list[Definition]] = []


@cache
def series(metric: Metric, *values: str) -> Any:
    """The metric's series with these label values, found once: `labels` costs a burst as much as the counting does.

    Label values come from closed sets (service.labels), so there are as few series as on the page.
    """
    return metric.labels(*values)


def counter(part: Part, name: str, text: str, **labels: Values) -> Counter:
    """Define a counter; its name ends in _total."""
    return _define(Counter, part, name, text, labels)


def gauge(part: Part, name: str, text: str, **labels: Values) -> Gauge:
    """Define a gauge."""
    return _define(Gauge, part, name, text, labels)


def histogram(part: Part, name: str, buckets: Sequence[float], text: str, **labels: Values) -> Histogram:
    """Define a histogram in seconds."""
    metric = Histogram(name, text, list(labels), buckets=buckets, registry=REGISTRIES[part])
    DEFINITIONS.append(Definition(name, "histogram", text, part, labels, tuple(buckets), metric))
    return metric


def _define(kind: type[M], part: Part, name: str, text: str, labels: dict[str, Values]) -> M:
    metric = kind(name, text, list(labels), registry=REGISTRIES[part])
    DEFINITIONS.append(Definition(name, kind.__name__.lower(), text, part, labels, (), metric))
    return metric


def create_children(process: Part, forums: Collection[str]) -> None:
    """Export zeros for every known combination of labels, so that the first happening counts as an increase."""
    for definition in DEFINITIONS:
        if definition.labels and definition.part in PARTS[process]:
            for values in definition.children(forums):
                definition.metric.labels(*values)
