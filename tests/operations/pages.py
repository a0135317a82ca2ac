"""Pages of metrics as Prometheus reads them, held against the definitions. For tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from service.exposition import DEFINITIONS  # whoever shows them has them all
from service.instruments import PARTS, Definition, Part
from service.labels import FORUM, MOST_RULES, NO_FORUM, OTHER, RULE, Named

LATER = {"modbot_rule_evaluations_total", "modbot_rules_info", "modbot_build_info"}
"""Metrics of which a label is known once the rules are read, or the program's version is."""

BY_NAME = {one.name.removesuffix("_total"): one for one in DEFINITIONS}

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric's name and its labels in order; of a histogram, of its `_count`."""


def families(page: str) -> list[Metric]:
    """Our metrics on the page."""
    return [one for one in text_string_to_metric_families(page) if one.name.startswith("modbot_")]


def value_of(page: str, name: str, **of: str) -> float:
    """The sum of the samples of this name with these labels, of which there must be one."""
    values = [s.value for f in families(page) for s in f.samples if s.name == name and of.items() <= s.labels.items()]
    assert values, (name, of)
    return sum(values)


def count(page: str) -> int:
    """How many series Prometheus would store."""
    return sum(len(family.samples) for family in text_string_to_metric_families(page))


def exported(process: Part) -> list[Definition]:
    """What a kind of process exports."""
    return [one for one in DEFINITIONS if one.part in PARTS[process]]


def missing(page: str, process: Part, forums: Collection[str]) -> set[Series]:
    """The series that are known before anything has happened, and are not there."""
    return {
        (one.name, tuple(sorted(zip(one.labels, values, strict=True))))
        for one in exported(process)
        for values in one.children(forums)
    } - set(_series(page))


def strange(page: str, forums: Collection[str], rules: Collection[str]) -> list[tuple[str, str, str]]:
    """Names that are not defined, and label values outside of their closed sets."""
    return [
        (sample.name, name, value)
        for family in families(page)
        for sample in family.samples
        for name, value in sample.labels.items()
        if name != "le" and not _is_known(BY_NAME[family.name].labels[name], value, forums, rules)
    ]


def _is_known(values: Any, value: str, forums: Collection[str], rules: Collection[str]) -> bool:
    if values is FORUM:
        return value in {*forums, NO_FORUM}
    if values is RULE:
        return value in {*rules, OTHER} or len(rules) > MOST_RULES
    return isinstance(values, Named) or value in values


def _series(page: str) -> Iterator[Series]:
    for family in families(page):
        for sample in family.samples:
            yield sample.name.removesuffix("_count"), tuple(sorted(sample.labels.items()))
