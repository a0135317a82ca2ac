"""The rules in use, reloaded when their files change. A bad change never goes live: the last good rules stay.

Imported by `workers`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.loading.faults import Faults, RulesInvalid
from rules.loading.files import find_rule_files
from rules.mode import Mode
from rules.ruleset import Ruleset, load
from service import metrics
from service.settings import Settings
from service.standing import NONE_HELD, Held, Standings, modes_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the files are looked at, at most."""

STANDING_SECONDS = 1.0
"""How old the knowledge may be of which rules are held back. A brake is asked before each action all the same."""

Signature = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class _Loaded:
    ruleset: Ruleset
    signature: Signature
    looked: float
    adopted: bool = False
    asked: float = float("-inf")
    held: Held = NONE_HELD
    in_use: Ruleset | None = None


class LiveRules:
    """Each forum's rules, from the folders that its settings name."""

    def __init__(
        self, settings: Settings, folder: Path, standings: Standings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Load every forum's rules. Raises RulesInvalid: a worker without rules does not start."""
        self._settings = settings
        self._standings = standings
        self._folder = folder
        self._clock = clock
        self._loaded: dict[str, _Loaded] = {}
        for name in settings.forums:
            signature = self._signature(name)
            self._use(name, self._load(name), signature)

    def current(self, forum: str) -> Ruleset:
        """The forum's rules as they are in use, after a look whether their files or standings have changed."""
        loaded = self._looked_at(forum)
        if loaded.in_use is None or self._clock() - loaded.asked >= STANDING_SECONDS:
            self.hold_back(forum)
        assert loaded.in_use is not None
        return loaded.in_use

    def as_written(self, forum: str) -> Ruleset:
        """The forum's rules as their files have them, whatever modbot itself holds back."""
        return self._looked_at(forum).ruleset

    def held(self, forum: str) -> Held:
        """The rules that were held back at the last look, and why."""
        return self._loaded[forum].held

    def hold_back(self, forum: str) -> None:
        """Look now which rules are held back; rules that were just loaded are taken into use first."""
        loaded = self._loaded[forum]
        if not loaded.adopted:
            self._standings.adopt(forum, loaded.ruleset)
            loaded.adopted = True
        before, loaded.held, loaded.asked = loaded.held, self._standings.of(forum, loaded.ruleset), self._clock()
        if loaded.in_use is None or loaded.held.standings != before.standings:
            loaded.in_use = loaded.ruleset.held_back(modes_of(loaded.held.standings))
            self._tell_modes(forum, loaded.in_use)

    def _looked_at(self, forum: str) -> _Loaded:
        loaded = self._loaded[forum]
        if self._clock() - loaded.looked >= LOOK_SECONDS:
            loaded.looked = self._clock()
            signature = self._signature(forum)
            if signature != loaded.signature:
                self._reload(forum, signature)
        return self._loaded[forum]

    def _reload(self, forum: str, signature: Signature) -> None:
        try:
            self._use(forum, self._load(forum), signature)
        except RulesInvalid as invalid:
            self._loaded[forum].signature = signature  # told once, not at every look
            metrics.rules_reload_successful.labels(forum).set(0)
            for fault in invalid.faults:
                log.error("rules not reloaded, the last good ones stay: %s", fault, extra={"forum": forum})

    def _load(self, forum: str) -> Ruleset:
        section = self._settings.forums[forum]
        can, on = section.actions, section.on
        return load(self._paths(forum), actions=can, events=on.events, platform=section.platform, lacks=on.lacks)

    def _use(self, forum: str, ruleset: Ruleset, signature: Signature) -> None:
        self._loaded[forum] = _Loaded(ruleset, signature, self._clock())
        metrics.rules_reload_successful.labels(forum).set(1)
        metrics.rules_reload_success_timestamp.labels(forum).set_to_current_time()
        metrics.create_rules(forum, (rule.name for rule in ruleset.rules))
        metrics.rules_info.clear()
        for name, loaded in self._loaded.items():
            metrics.rules_info.labels(name, loaded.ruleset.digest).set(1)
        self._tell_modes(forum, ruleset)
        log.info("rules loaded", extra={"forum": forum, "rules": len(ruleset.rules), "digest": ruleset.digest})

    @staticmethod
    def _tell_modes(forum: str, ruleset: Ruleset) -> None:
        for mode in Mode:
            metrics.rules_loaded.labels(forum, mode).set(sum(rule.mode is mode for rule in ruleset.rules))

    def _paths(self, forum: str) -> list[Path]:
        return [self._folder / path for path in self._settings.forums[forum].rules]

    def _signature(self, forum: str) -> Signature:
        folders = {file.path.parent for file in find_rule_files(self._paths(forum), Faults())}
        return tuple(sorted(stamp for folder in folders for stamp in _stamps(folder)))


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    """What tells a change of the folder's files, word lists included."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                stat = entry.stat()
            except OSError:
                continue  # gone between listing and looking: its absence changes the signature
            yield entry.path, stat.st_mtime_ns, stat.st_size
