"""What text is searched with: `rules.text.match.Matcher`, and hosts and addresses with their own sense of "within"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from rules.text.links import within
from rules.text.match import Hit
from rules.text.normalise import Text


class Pattern(Protocol):
    """Something to search a text for."""

    def find(self, text: Text) -> Sequence[Hit]:
        """Every place where a value occurs. May raise TimedOut."""

    def values_hit(self, text: Text) -> set[str]:
        """The values that occur. May raise TimedOut."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Domains: a host is hit by itself and by any domain above it, unless an excepted one holds it too."""

    domains: frozenset[str]
    excepted: frozenset[str] = frozenset()

    def find(self, text: Text) -> list[Hit]:
        """The host as one hit for each domain that holds it."""
        host = text.visible
        return [Hit(value, 0, len(host), host) for value in sorted(self.values_hit(text))]

    def values_hit(self, text: Text) -> set[str]:
        """The domains that hold the host."""
        above = self._above(text.visible)
        return set() if above & self.excepted else above & self.domains

    @staticmethod
    def _above(host: str) -> set[str]:
        labels = host.casefold().split(".")
        names = {".".join(labels[place:]) for place in range(len(labels))}
        return {name for name in names if within(host, name)}


@dataclass(frozen=True, slots=True)
class Addresses:
    """IP networks, by the text they were written as."""

    networks: tuple[tuple[str, IPv4Network | IPv6Network], ...]
    excepted: tuple[tuple[str, IPv4Network | IPv6Network], ...] = ()

    def find(self, text: Text) -> list[Hit]:
        """The address as one hit for each network that holds it."""
        address = text.visible
        return [Hit(value, 0, len(address), address) for value in sorted(self.values_hit(text))]

    def values_hit(self, text: Text) -> set[str]:
        """The networks that hold the address; none of what is no address."""
        try:
            address = ip_address(text.visible.strip())
        except ValueError:
            return set()
        if any(address in network for _, network in self.excepted):
            return set()
        return {value for value, network in self.networks if address in network}
