"""What is made from the chart and checked in: the README's table of values, and two renderings to compare with.

`python -m tests.chart.written` writes them anew; `git diff` then shows what a change of the chart does. Imported by tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

CHART = Path(__file__).parents[2] / "helm"
README = CHART / "README.md"
GOLDEN = Path(__file__).parent / "golden"
LINE = re.compile(r"(?P<indent> *)(?P<key>\w+):(?: (?P<default>.+))?")
BOUNDS = ("<!-- values: made by `python -m tests.chart.written` -->\n", "<!-- end of values -->\n")

CASES = {"minimal": (), "full": ("prometheusRule.enabled=false", "dashboard.enabled=false")}
"""Rendered cases with values set. The full one leaves the files out that the chart only hands on."""


def rows(values: str) -> Iterator[tuple[str, str, str]]:
    """Each value's path, default and comment. What only holds other values has no default, and a copy may have no comment."""
    path: list[str] = []
    comment: list[str] = []
    for line in values.split("\n\n", 1)[1].splitlines():
        if found := LINE.fullmatch(line):
            path[len(found["indent"]) // 2 :] = [found["key"]]
            yield ".".join(path), found["default"] or "", " ".join(comment)
        is_comment = line.lstrip().startswith("# ")
        comment = [*comment, line.lstrip().removeprefix("# ")] if is_comment else []


def table() -> str:
    """The values as a table in Markdown. A pipe and an angle bracket would end a cell or begin a tag."""

    def cell(text: str) -> str:
        return text.replace("|", "\\|").replace("<", "&lt;")

    values = (CHART / "values.yaml").read_text(encoding="utf-8")
    lines = [
        f"| {f'`{name}`' if default else f'**{name}**'} | {f'`{cell(default)}`' if default else ''} | {cell(comment)} |\n"
        for name, default, comment in rows(values)
    ]
    return "".join(["| value | default | |\n", "|---|---|---|\n", *lines])


def readme(text: str) -> str:
    """The README with its table made anew."""
    before, rest = text.split(BOUNDS[0])
    return before + BOUNDS[0] + table() + BOUNDS[1] + rest.split(BOUNDS[1])[1]


def defaults() -> dict[str, object]:
    """What values.yaml says, by path, as far as the table has a row for it."""
    root = YAML(typ="safe", pure=True).load(CHART / "values.yaml")
    found: dict[str, object] = {}
    for name, default, _ in rows((CHART / "values.yaml").read_text(encoding="utf-8")):
        if not default:
            continue
        at = root
        for key in name.split("."):
            at = at[key]
        found[name] = at
    return found


def write() -> None:
    """Write everything anew."""
    from tests.chart.rendering import rendered  # needs helm

    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    for case, sets in CASES.items():
        text = rendered(case, "1.34.0", *(word for one in sets for word in ("--set", one)))
        (GOLDEN / f"{case}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
