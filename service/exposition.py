"""How metrics are shown: the page that Prometheus scrapes, and docs/metrics.md (`python -m service.exposition`).

Imported by `service.app`, `service.serve`, `workers` and tests.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from prometheus_client import generate_latest

from service import __version__, metrics, readings
from service.instruments import DEFINITIONS, PARTS, REGISTRIES, Definition, Part, create_children
from service.labels import Named, Values


def open_metrics(process: Part, forums: Collection[str]) -> None:
    """Make a process's metrics ready at its start: zeros for what has not happened yet, and which program this is."""
    create_children(process, forums)
    if process is Part.WEB:
        metrics.create_refusals()
    readings.build_info.labels(__version__, os.environ.get("MODBOT_REVISION") or "unknown").set(1)


def page(process: Part) -> bytes:
    """The metrics of a process in Prometheus' text format."""
    return b"".join(generate_latest(REGISTRIES[part]) for part in PARTS[process])


def reference() -> str:
    """The text of docs/metrics.md."""
    return "\n".join(_reference()) + "\n"


def _reference() -> Iterator[str]:
    yield "# Metrics"
    yield ""
    yield "Made from service/metrics.py and service/readings.py by `python -m service.exposition > docs/metrics.md`."
    yield ""
    yield "Every process serves `/metrics` on its admin port. What is read from Redis is the same on every web process:"
    yield "query it with `max by (...)`, never with `sum`. Beside these there are the client's own `process_*` metrics."
    for part in Part:
        yield f"\n## Exported by: {part.value}"
        for definition in DEFINITIONS:
            if definition.part is part:
                yield from _section(definition)


def _section(definition: Definition) -> Iterator[str]:
    yield f"\n### {definition.name}"
    yield f"{definition.kind.capitalize()}. {definition.text}"
    if definition.labels or definition.buckets:
        yield ""
    for name, values in definition.labels.items():
        yield f"- `{name}`: {_in_words(values)}"
    if definition.buckets:
        yield f"- buckets: {', '.join(f'{bound:g}' for bound in definition.buckets)} s"


def _in_words(values: Values) -> str:
    return values.what if isinstance(values, Named) else ", ".join(f"`{value}`" for value in values)


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - the page is this program's output
