"""What text is searched with: `rules.text.match.Matcher`, and hosts and addresses with their own sense of "within"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from rules.text.links import within
from rules.text.literals import Literal
from rules.text.match import Hit
from rules.text.normalise import Text


class Pattern(Protocol):
    """Something to search a text for. `sight` is how it looks at a text, as `rules.conditions.clues` has it."""

    @property
    def sight(self) -> frozenset[str] | None:
        """The flags of the form that is searched; None where the text is read as a host or an address."""

    def find(self, text: Text) -> Sequence[Hit]:
        """Every place where a value occurs. May raise TimedOut."""

    def values_hit(self, text: Text) -> set[str]:
        """The values that occur. May raise TimedOut."""

    def signs(self, among: Iterable[str]) -> Sequence[Literal | str] | None:
        """What a text that holds one of the values `among` must hold one of; None where that cannot be said."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Domains: a host is hit by itself and by any domain above it, unless an excepted one holds it too."""

    domains: frozenset[str]
    excepted: frozenset[str] = frozenset()
    sight: None = None

    def find(self, text: Text) -> list[Hit]:
        """The host as one hit for each domain that holds it."""
        host = text.visible
        return [Hit(value, 0, len(host), host) for value in sorted(self.values_hit(text))]

    def values_hit(self, text: Text) -> set[str]:
        """The domains that hold the host."""
        above = self._above(text.visible)
        return set() if above & self.excepted else above & self.domains

    def signs(self, among: Iterable[str]) -> list[str]:  # noqa: ARG002 (domains are not spelled as the values are)
        """Every domain."""
        return sorted(self.domains)

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
    sight: None = None

    def find(self, text: Text) -> list[Hit]:
        """The address as one hit for each network that holds it."""
        address = text.visible
        return [Hit(value, 0, len(address), address) for value in sorted(self.values_hit(text))]

    def signs(self, among: Iterable[str]) -> None:
        """Nothing: a network has no one spelling."""

    def values_hit(self, text: Text) -> set[str]:
        """The networks that hold the address; none of what is no address."""
        try:
            address = ip_address(text.visible.strip())
        except ValueError:
            return set()
        if any(address in network for _, network in self.excepted):
            return set()
        return {value for value, network in self.networks if address in network}
