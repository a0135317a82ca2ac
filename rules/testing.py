"""Stories: `*.test.yaml` beside rules, run against them; what they leave out is filled as `rules.samples` says.

    - story: a newcomer's links wait for a moderator
      events:
        - {type: post.created, body: "see http://a.example", author: {postCount: 1}, expect: [hold]}
        - {type: post.created, at: 5 minutes, body: thanks, expect: []}

`expect` is the set of action names, or a mapping from rule to actions; an event without it is not judged. What happens
in a story is remembered to its end, for counts and points. Rules are taken as live, whatever their mode, save those
that are off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.actions.table import ACTIONS
from rules.decision import Decision, Needs
from rules.event import Event
from rules.facts import NOTHING_MORE
from rules.loading.faults import Faults, RulesInvalid
from rules.loading.files import RuleFile, find_rule_files, find_test_files, locate, read_text
from rules.loading.nodes import Mapping as MappingNode
from rules.loading.nodes import Node, Scalar, plain, read_documents
from rules.loading.nodes import Sequence as SequenceNode
from rules.remember import decide_with, happening_of
from rules.ruleset import Ruleset, load
from rules.samples import SampleError, make_event
from rules.state.memory import MemoryState
from rules.state.state import State

Expected = frozenset[str] | dict[str, frozenset[str]] | None


@dataclass(frozen=True, slots=True)
class Scene:
    """One event of a story, as written."""

    story: str
    number: int
    written: Mapping[str, Any]
    expected: Expected
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Result:
    """How one scene went. `problem` says in a line what was not as expected; None when all was."""

    scene: Scene
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was tested in one folder: how many rules and examples, and how each scene of its stories went."""

    where: str
    rules: int
    examples: int
    results: tuple[Result, ...]


def run_tests(paths: Sequence[Path]) -> Iterator[Trial]:
    """Test the rules in `paths`: their examples as they load, then the stories beside them.

    Stories are told to the rules of their own folder. Raises RulesInvalid for rules or stories that do not load.
    """
    for given in paths:
        faults = Faults()
        files = find_test_files([Path(given)], faults)
        stories = {folder: [file for file in files if file.path.parent == folder] for folder in _folders(files)}
        for rules in _rule_folders(Path(given), stories):
            yield _trial(rules, stories.get(locate(rules), stories.get(locate(rules).parent, [])), faults)


def _folders(files: Iterable[RuleFile]) -> list[Path]:
    return list(dict.fromkeys(file.path.parent for file in files))


def _rule_folders(given: Path, stories: Mapping[Path, object]) -> list[Path]:
    """What is loaded: the path itself; or, where stories stand in folders below it, each of these."""
    below = [folder for folder in stories if locate(given).is_dir() and folder != locate(given)]
    if not below:
        return [given]
    own = [
        file for file in find_rule_files([given], Faults()) if not any(file.path.is_relative_to(one) for one in below)
    ]
    return [*([given] if own else []), *below]


def _trial(rules: Path, files: list[RuleFile], faults: Faults) -> Trial:
    ruleset = load([rules]).as_live()
    scenes = [scene for file in files for scene in read_stories(file, faults)]
    if faults.failed:
        raise RulesInvalid(faults.in_order())
    results = tuple(_results(scenes, ruleset))
    return Trial(rules.as_posix(), len(ruleset.rules), sum(len(rule.examples) for rule in ruleset.rules), results)


def _results(scenes: Iterable[Scene], ruleset: Ruleset) -> Iterator[Result]:
    """How each scene goes, what happened before it in its story remembered."""
    state = MemoryState()
    for scene in scenes:
        if scene.number == 1:
            state = MemoryState()
        yield Result(scene, judge(scene, ruleset, state))


def judge(scene: Scene, ruleset: Ruleset, state: State) -> str | None:
    """What is not as the scene expects; None if all is. `state` is carried through the story."""
    try:
        event = make_event(scene.written, number=scene.number)
    except SampleError as error:
        return f"this is no event: {error}"
    decision = decide_alone(ruleset, event, state, f"event {scene.number}")
    if scene.expected is None:
        return None
    by_rule = _by_rule(decision)
    found: Expected = by_rule if isinstance(scene.expected, dict) else frozenset().union(*by_rule.values())
    return None if found == scene.expected else f"expected {_spelled(scene.expected)}, found {_spelled(by_rule)}"


def decide_alone(ruleset: Ruleset, event: Event, state: State, place: str, *, explain: bool = False) -> Decision:
    """The decision without a forum to ask; an event without an id is a happening of its own, named by its `place`."""
    event_id = happening_of(event, event.id or place)
    decision = decide_with(ruleset, event, NOTHING_MORE, state, event_id, explain=explain)
    assert not isinstance(decision, Needs)
    return decision


def _by_rule(decision: Decision) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for action in decision.actions:
        for rule in (action.rule, *action.also):
            found.setdefault(rule, set()).add(action.action)
    return {rule: frozenset(actions) for rule, actions in found.items()}


def _spelled(expected: Expected) -> str:
    if isinstance(expected, dict):
        return ", ".join(f"{rule}: [{', '.join(sorted(found))}]" for rule, found in expected.items()) or "nothing"
    return ", ".join(sorted(expected or ())) or "nothing"


def read_stories(file: RuleFile, faults: Faults) -> Iterator[Scene]:
    """The scenes of a file's stories. Faults are recorded."""
    text = read_text(file, faults)
    for document in read_documents(text, file.name, faults) if text is not None else []:
        if not isinstance(document, SequenceNode):
            faults.error("shape", document, "a test file is a list of stories", "- story: ...")
            continue
        for item in document.items:
            yield from _story(item, faults)


def _story(item: Node, faults: Faults) -> Iterator[Scene]:
    name = item.get("story") if isinstance(item, MappingNode) else None
    events = item.get("events") if isinstance(item, MappingNode) else None
    if not isinstance(item, MappingNode) or not isinstance(name, Scalar) or not isinstance(events, SequenceNode):
        faults.error("shape", item, "a story has a name and events", "{story: ..., events: [{..., expect: [hold]}]}")
        return
    for key, _ in item.entries:
        if key.value not in ("story", "events"):
            faults.unknown("unknown-key", key, "key of a story", key.value, ("story", "events"))
    for number, event in enumerate(events.items, 1):
        if isinstance(event, MappingNode):
            expected = _expected(event.get("expect"), faults)
            yield Scene(name.value, number, plain(event), expected, event.file, event.line)
        else:
            faults.error("shape", event, "an event is a mapping", "{type: post.created, expect: []}")


def _expected(node: Node | None, faults: Faults) -> Expected:
    if isinstance(node, MappingNode):
        return {key.value: _actions(value, faults) for key, value in node.entries}
    return None if node is None else _actions(node, faults)


def _actions(node: Node, faults: Faults) -> frozenset[str]:
    items = node.items if isinstance(node, SequenceNode) else [node]
    words = [item for item in items if isinstance(item, Scalar)]
    for word in words:
        if word.value not in ACTIONS:
            faults.unknown("unknown-action", word, "action", word.value, ACTIONS)
    return frozenset(word.value for word in words)
