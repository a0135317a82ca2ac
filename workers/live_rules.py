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
from rules.ruleset import Ruleset, load
from service import metrics
from service.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the files are looked at, at most."""

Signature = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class _Loaded:
    ruleset: Ruleset
    signature: Signature
    looked: float


class LiveRules:
    """Each forum's rules, from the folders that its settings name."""

    def __init__(self, settings: Settings, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Load every forum's rules. Raises RulesInvalid: a worker without rules does not start."""
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._loaded: dict[str, _Loaded] = {}
        for name in settings.forums:
            signature = self._signature(name)
            self._use(name, self._load(name), signature)

    def current(self, forum: str) -> Ruleset:
        """The forum's rules, after a look whether their files have changed."""
        loaded = self._loaded[forum]
        if self._clock() - loaded.looked >= LOOK_SECONDS:
            loaded.looked = self._clock()
            signature = self._signature(forum)
            if signature != loaded.signature:
                self._reload(forum, signature)
        return self._loaded[forum].ruleset

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
        return load(self._paths(forum), actions=section.actions, platform=section.platform)

    def _use(self, forum: str, ruleset: Ruleset, signature: Signature) -> None:
        self._loaded[forum] = _Loaded(ruleset, signature, self._clock())
        metrics.rules_reload_successful.labels(forum).set(1)
        metrics.rules_reload_success_timestamp.labels(forum).set_to_current_time()
        metrics.rules_info.clear()
        for name, loaded in self._loaded.items():
            metrics.rules_info.labels(name, loaded.ruleset.digest).set(1)
        for mode in ("live", "hold", "shadow", "off"):
            count = sum(rule.mode == mode for rule in ruleset.rules)
            metrics.rules_loaded.labels(forum, mode).set(count)
        log.info("rules loaded", extra={"forum": forum, "rules": len(ruleset.rules), "digest": ruleset.digest})

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
