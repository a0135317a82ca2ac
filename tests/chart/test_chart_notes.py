"""What the install prints: what to do next, and what to beware of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.chart.rendering import CHART, as_json, rendered, set_options

FORMS = as_json(
    "rules",
    {
        "house": {
            "list.yaml": "rules: [{name: a, body: b, delete: true}, {name: c, body: d, delete: true}]",
            "apart.yml": "name: e\nbody: f\nhold: true\n---\nname: g\nbody: h\nhold: true\n",
            "words.yaml": "lists: {bad: [x]}",
            "list.test.yaml": "- {story: a, events: []}",
            "words.txt": "x",
        }
    },
)


@pytest.mark.parametrize(
    ("case", "sets", "told"),
    [
        ("minimal", [], "https://YOUR-HOST/webhooks/main/TOKEN"),
        ("minimal", [], "Make the Service forum-modbot-web (port 80) reachable over https"),
        ("gateway", [], "Point the name modbot.example at your gateway"),
        ("gateway", [], "https://modbot.example/webhooks/main/TOKEN"),
        ("minimal", [], "helm -n moderation test forum --logs"),
        ("minimal", [], "Note: main is live: what the rules decide is done."),
        ("full", [], "https://forum-bot.example/webhooks/second_one/TOKEN"),
        ("full", [], "2 forum(s). Of your own: 1 rule(s) in `rules`, 1 folder(s) in ConfigMaps."),
        ("minimal", [FORMS], "Of your own: 4 rule(s) in `rules`"),
        (
            "minimal",
            [as_json("env", {"TZ": "UTC"})],
            "DEPRECATED: `env` is now called `extraEnv`, and goes with chart 1.0.",
        ),
        ("trial", [], "WARNING: devRedis forgets every event, claim and count when it stops."),
        ("full", [], "Note: second_one is in shadow: nothing is done until `mode: live`."),
        (
            "full",
            [as_json("ingress.tlsSecret", ""), as_json("httpRoute.enabled", False)],
            "See that forum-bot.example has a certificate",
        ),
        (
            "ha",
            [as_json("prometheusRule.runbookUrl", "")],
            "Note: the alerts' links are paths in the project. Set prometheusRule.runbookUrl and dashboardUrl",
        ),
        ("everything-off", [], "WARNING: workers.bulk.replicas is 0: its jobs wait in Redis until there is a worker."),
        (
            "minimal",
            [as_json("config.forums.main.api_key", "k")],
            "WARNING: a secret of main stands in a ConfigMap for all to read.",
        ),
        (
            "minimal",
            [as_json("config.forums.main.webhook.signing_secrets", ["s"])],
            "WARNING: a secret of main stands in a ConfigMap for all to read.",
        ),
    ],
)
def test_the_notes_say_what_to_do_next(case: str, sets: list[str], told: str, tmp_path: Path) -> None:
    assert told in notes(case, sets, tmp_path)


@pytest.mark.parametrize("case", ["minimal", "full", "ha", "gateway", "keda", "digest"])
def test_what_is_in_order_draws_no_warning(case: str, tmp_path: Path) -> None:
    told = notes(case, [], tmp_path)
    assert "WARNING" not in told
    assert "DEPRECATED" not in told


def notes(case: str, sets: list[str], folder: Path) -> str:
    """The notes; `helm template` leaves them out, so a copy of the chart renders them as an object."""
    chart = shutil.copytree(CHART, folder / "modbot")
    (chart / "templates/notes.yaml").write_text(
        'notes: {{ include "modbot/templates/NOTES.txt" . | toJson }}', encoding="utf-8"
    )
    options = ["--show-only", "templates/notes.yaml", *set_options(sets)]
    text: str = YAML(typ="safe", pure=True).load(rendered(case, "1.34.0", *options, chart=chart))["notes"]
    return text
