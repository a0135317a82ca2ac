"""`modbot rules …`: check, try, test and explain rules. Reads files and prints; calls no forum and no Redis."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from rules.decision import Decision, RuleTrace
from rules.loading.faults import Fault, RulesInvalid, Severity
from rules.reference import PAGE, SCHEMA, reference_page, schema
from rules.ruleset import Ruleset, load
from rules.state.memory import MemoryState
from rules.testing import Trial, decide_alone, run_tests
from service.cli.events import BadLine, Line, read_events
from service.cli.lazy import lazily
from service.forums import PLATFORMS, support
from service.forums.platform import Platform

rules_app = typer.Typer(
    name="rules",
    cls=lazily(
        {
            "import": "service.cli.importing:import_rules",
            "list": "service.cli.standing:list_rules",
            "release": "service.cli.standing:release",
        }
    ),
    help="Check, try, test and list rules.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Paths = Annotated[list[Path], typer.Argument(help="Rule files, folders of them, or shipped packs as packs/starter.")]
OnePath = Annotated[Path, typer.Argument(help="A rule file, a folder of them, or a shipped pack as packs/starter.")]
Events = Annotated[
    str, typer.Option("--events", help="A file of events, one JSON object a line; - reads standard input.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

MARKS = {True: "+", False: "-", None: "?"}


@rules_app.command()
def check(
    paths: Paths,
    platform: Annotated[
        str | None, typer.Option(help="Also ask whether this platform can do what the rules say.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load rules and print every fault with its place. Exit status 1 if they do not load.

    Example: modbot rules check rules/ --platform websitetoolbox
    """
    on = None if platform is None else _platform(platform)
    try:
        ruleset = (
            load(paths, actions=on.actions, events=on.events, platform=platform, lacks=on.lacks) if on else load(paths)
        )
    except RulesInvalid as invalid:
        _print_faults(invalid.faults, as_json=as_json)
        raise typer.Exit(1) from None
    _print_faults(ruleset.warnings, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(ruleset.rules)} rules load (digest {ruleset.digest})")


@rules_app.command(name="eval")
def evaluate(path: OnePath, events: Events, as_json: AsJson = False) -> None:
    """Print what the rules would do about each event of a file. Calls nothing.

    Trials (mode shadow, hold) are shown as if live. A line that is no event is told with its number and left out;
    the exit status is then 1.

    Example: modbot rules eval rules/ --events events.jsonl --json
    """
    ruleset = _loaded([path])
    for line, decision in _decisions(ruleset, events):
        typer.echo(json.dumps(_as_public(line, decision), ensure_ascii=False) if as_json else _told(line, decision))


@rules_app.command(name="test")
def run(paths: Paths, as_json: AsJson = False) -> None:
    """Run the *.test.yaml beside rules, and the rules' own examples. Exit status 1 if one fails.

    Example: modbot rules test packs/starter
    """
    failed = 0
    with clear_faults():
        for trial in run_tests(paths):
            failed += sum(result.problem is not None for result in trial.results)
            _print_trial(trial, as_json=as_json)
    if failed:
        raise typer.Exit(1)


@rules_app.command()
def explain(path: OnePath, events: Events, as_json: AsJson = False) -> None:
    """Tell for each event and rule which check held or failed, on what text, by how much.

    + held, - failed, ? unknown, / passed over. A line that is no event is told with its number and left out; the exit
    status is then 1.

    Example: modbot rules explain rules/ --events events.jsonl
    """
    ruleset = _loaded([path])
    for line, decision in _decisions(ruleset, events, explain=True):
        if as_json:
            typer.echo(json.dumps({"line": line.number, **decision.model_dump(mode="json")}, ensure_ascii=False))
        else:
            typer.echo(_told(line, decision))
            for trace in decision.trace:
                typer.echo("\n".join(_traced(trace)))


@rules_app.command()
def reference(
    as_schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema for editors instead.")] = False,
    platforms: Annotated[bool, typer.Option("--platforms", help="Print what each platform can do instead.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write all three where the source has them (for contributors).")
    ] = False,
) -> None:
    """Print the reference of the rule language, made from the tables that the loader uses.

    Example: modbot rules reference --schema > rules.schema.json
    """
    if write:
        PAGE.write_text(reference_page(), encoding="utf-8")
        SCHEMA.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
        support.PAGE.parent.mkdir(exist_ok=True)
        support.PAGE.write_text(support.support_page(), encoding="utf-8")
        typer.echo(f"wrote {PAGE.name}, {SCHEMA.name} and {support.PAGE.name}")
        return
    page = support.support_page() if platforms else reference_page()
    typer.echo(json.dumps(schema(), indent=2) if as_schema else page, nl=as_schema)


def _platform(name: str) -> Platform:
    if name not in PLATFORMS:
        raise typer.BadParameter(f"there is no platform {name!r}; there are {', '.join(PLATFORMS)}")
    return PLATFORMS[name]


def _loaded(paths: Sequence[Path]) -> Ruleset:
    with clear_faults():
        return load(paths)


@contextmanager
def clear_faults() -> Iterator[None]:
    """Rules that do not load are told on standard error, and end the command."""
    try:
        yield
    except RulesInvalid as invalid:
        _print_faults([fault for fault in invalid.faults if fault.severity is Severity.ERROR], to_errors=True)
        raise typer.Exit(1) from None


def _decisions(ruleset: Ruleset, events: str, *, explain: bool = False) -> Iterator[tuple[Line, Decision]]:
    """Each event of the file with its decision, earlier ones remembered; bad lines go to standard error."""
    live, state, bad = ruleset.as_live(), MemoryState(), False
    for line in read_events(events):
        if isinstance(line, BadLine):
            bad = True
            typer.echo(f"{line.file}:{line.number}: {line.reason}", err=True)
            continue
        yield line, decide_alone(live, line.event, state, f"line {line.number}", explain=explain)
    sys.stdout.flush()
    if bad:
        raise typer.Exit(1)


def _as_public(line: Line, decision: Decision) -> dict[str, Any]:
    shown = {"action", "rule", "target", "options"}
    return {
        "line": line.number,
        "id": line.event.id,
        "actions": [action.model_dump(mode="json", include=shown) for action in decision.actions],
        "overridden": [lost.model_dump(mode="json") for lost in decision.overridden],
        "unknown": list(decision.unknown),
    }


def _told(line: Line, decision: Decision) -> str:
    head = f"line {line.number}  {line.event.type}"
    acts = [
        f"  {one.action} {one.target.kind} {one.target.id} ({one.rule}){_options(one.options)}"
        for one in decision.actions
    ]
    lost = [f"  not {one.action} ({one.rule}): {one.by}" for one in decision.overridden]
    unknown = [f"  unknown: {rule}" for rule in decision.unknown]
    return "\n".join([head, *map(_printable, (acts or ["  nothing"]) + lost + unknown)])


def _options(options: dict[str, Any]) -> str:
    return "".join(f" {name}={str(value)[:200]!r}" for name, value in options.items())


def _traced(trace: RuleTrace) -> Iterator[str]:
    skipped = f" passed over: {trace.skipped}" if trace.skipped else ""
    mark = "/" if trace.skipped else MARKS[trace.verdict]
    yield _printable(f"  {mark} {trace.rule} ({trace.file}:{trace.line}){skipped}")
    for one in trace.checks:
        where = f" (line {one.line})" if one.line else ""
        yield _printable(f"      {MARKS[one.verdict]} {one.check}{where}: {one.why}")
        if one.looked_at and one.verdict is not None:
            yield _printable(f"          in {one.looked_at!r}")


def _printable(text: str) -> str:
    """Forum text in one line, without what could steer a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _print_faults(faults: Sequence[Fault], *, as_json: bool = False, to_errors: bool = False) -> None:
    for fault in faults:
        if as_json:
            fields = {name: getattr(fault, name) for name in Fault.__slots__}
            typer.echo(json.dumps(fields, ensure_ascii=False))
            continue
        kind = "" if fault.severity is Severity.ERROR else f" ({fault.severity.value})"
        typer.echo(_printable(f"{fault}{kind}"), err=to_errors)
        if fault.text:
            typer.echo(_printable(f"    {fault.text}"), err=to_errors)
        if fault.suggestion:
            typer.echo(_printable(f"    > {fault.suggestion}"), err=to_errors)


def _print_trial(trial: Trial, *, as_json: bool) -> None:
    failures = [result for result in trial.results if result.problem]
    if as_json:
        told = [
            {"story": one.scene.story, "event": one.scene.number, "file": one.scene.file, "line": one.scene.line}
            | {"problem": one.problem}
            for one in failures
        ]
        summary = {"rules": trial.rules, "examples": trial.examples, "events": len(trial.results), "failed": told}
        typer.echo(json.dumps({"path": trial.where, **summary}, ensure_ascii=False))
        return
    for one in failures:
        place = f"{one.scene.file}:{one.scene.line}"
        typer.echo(_printable(f"{place}: {one.scene.story}, event {one.scene.number}: {one.problem}"))
    told_events = f"{len(trial.results) - len(failures)} of {len(trial.results)} events of stories as expected"
    typer.echo(f"{trial.where}: {trial.rules} rules, {trial.examples} examples hold, {told_events}")
