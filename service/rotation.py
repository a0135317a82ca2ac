"""Secrets that change while a process runs: the keys, tokens and signing secrets of `modbot.yaml`'s `{file: PATH}`.

The configuration is read again every few seconds, which takes a millisecond, and a forum's new secrets take the place
of its old ones in `Settings.forums`, from where everybody reads them. Nothing else of the configuration changes without
a restart: not the rest of a forum's section, and not Redis' address. A configuration with a fault changes nothing.
Imported by `service.cli`, `workers` and tests.
"""

from __future__ import annotations

import logging
import threading
import time

from service import logs
from service.configuration import Configuration, ConfigurationInvalid, read
from service.settings import ForumSection

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often the files are read. Kubernetes takes about a minute to bring a changed Secret to its pods."""


class Rotation:
    """Keeps a process's secrets as its files have them."""

    def __init__(self, configuration: Configuration) -> None:
        self._path = configuration.path
        self._forums = configuration.settings.forums
        self._fault = ""

    def start(self) -> None:
        """Look from now on, in a thread of its own."""
        threading.Thread(target=self._run, name="rotation", daemon=True).start()

    def look(self) -> None:
        """Look once. What is new is in use from here on, and hidden in logs from before; a fault is told once."""
        try:
            found = read(self._path).settings.forums
        except ConfigurationInvalid as invalid:
            self._tell(str(invalid))
            return
        self._fault = ""
        for name in self._forums.keys() & found.keys():
            self._take(name, found[name])

    def _take(self, name: str, found: ForumSection) -> None:
        now = with_secrets(self._forums[name], found)
        if now != self._forums[name]:
            logs.hide(now)
            self._forums[name] = now
            log.info("new secrets are in use", extra={"forum": name})

    def _tell(self, fault: str) -> None:
        if fault != self._fault:
            log.warning("the secrets stay as they are: %s", fault)
        self._fault = fault

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look()


def with_secrets(section: ForumSection, found: ForumSection) -> ForumSection:
    """The section with the secrets of another, and nothing else of it."""
    secrets = {"token": found.webhook.token, "signing_secrets": found.webhook.signing_secrets}
    webhook = section.webhook.model_copy(update=secrets)
    return section.model_copy(update={"api_key": found.api_key, "webhook": webhook})
