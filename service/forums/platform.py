"""What a platform is: the value that its folder builds and `PLATFORMS` lists.

What the web edge and the settings need is in the value itself. What calls a forum, reads an event or plays the forum is
named there and loaded when it is first called (`Later`). Imported by platform folders, `service` and tests; imports no
platform.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from rules.event import Event
from service.forums.port import Delivery, Forum, Identified, WebhookTrust

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from service.forums.http import ForumApi, Judge


@dataclass(frozen=True, slots=True)
class Notify:
    """Where notes to the moderators go: a conversation with `users`, or a reply in `topic`."""

    users: tuple[str, ...] = ()
    topic: int | None = None


class Options(BaseModel):
    """A platform's own settings of a forum. This one is of a platform that has none: any key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @property
    def adds(self) -> frozenset[str]:
        """The action words that these settings make possible, beside the platform's `actions`."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """A forum as its client needs it. The key never shows in a repr."""

    api_url: str
    api_key: str = field(repr=False)
    bot_id: int
    bot_username: str
    notify: Notify = Notify()
    options: Options = field(default_factory=Options)


class Hook(Protocol):
    """A webhook registration: its id, where it posts to, and for which events (by name)."""

    @property
    def id(self) -> int | None:
        """The id to delete it by."""

    @property
    def target_url(self) -> str | None:
        """Where it posts to."""

    @property
    def events(self) -> Mapping[str, bool | None] | None:
        """Which events it is for."""


class HookCalls(Protocol):
    """The calls of a platform that has an API for webhook registrations."""

    def all(self) -> Iterable[Hook]:
        """Every registration."""

    def events(self) -> list[str]:
        """The events that can be registered for."""

    def create(self, *, event: str, target_url: str) -> Hook:
        """Register an address for an event."""

    def delete(self, hook_id: int) -> None:
        """Remove a registration."""


@dataclass(frozen=True)
class Later:
    """A function by its `place`, "module:attribute": loaded when it is first called. A test finds each."""

    place: str

    @cached_property
    def itself(self) -> Any:
        """What is there."""
        return resolve_name(self.place)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call it."""
        return self.itself(*args, **options)


def load(*parts: object) -> None:
    """Load at once those parts of a platform that are named by their place."""
    for part in parts:
        if isinstance(part, Later):
            _ = part.itself


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform. `actions` are the action words it can do; the support matrix and the loader's refusals use them."""

    name: str
    api_url: str | None
    """The default API address; None where every site has its own."""
    per_second: int
    per_day: int | None
    actions: frozenset[str]
    identify: Callable[[Delivery, WebhookTrust], Identified]
    """Verifies a delivery and tells which happening it is; never raises."""
    read: Callable[[str, bytes, float], Event]
    """The event of an accepted delivery: its name with the platform, the body, and its receipt in Unix seconds.

    Raises Unreadable. The event's `id` and `forum` are for whoever stored the delivery to say."""
    sign: Callable[[bytes, str], Mapping[str, str]]
    """Headers that sign a body with a secret, as the platform would: for `modbot send`, the demo and tests."""
    headers: Callable[[Account], Mapping[str, str]]
    """Headers of every API request."""
    judge: Judge
    forum: Callable[[], type[Forum]]
    """The class of its forums: the docstrings of its verbs say what they come to there."""
    connect: Callable[[Account], Callable[[ForumApi], Forum]]
    """Opens an account once a process (it keeps catalogues, such as group ids by title); the result serves each job."""
    simulator: Callable[..., Starlette]
    samples: Mapping[str, Mapping[str, Any]]
    """Sample webhook bodies by name."""
    own_samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Samples by the platform's own names of events, where these are not modbot's."""
    options: type[Options] = Options
    """What a forum's `options` are validated by."""
    hooks: Callable[[Account, ForumApi], HookCalls] | None = None
    """Its webhook registrations; None where they are made by hand."""
    lacks: Mapping[str, str] = field(default_factory=dict)
    """Item types, by the letters of rules (T topic, R reply, C conversation, U user), that an action word of `actions`
    cannot be done to here."""
    notifies: frozenset[str] = frozenset({"users", "topic"})
    """The keys of `notify` that it can carry out."""
    api_path: str = ""
    """Where the simulator has its API: the path below its address."""
    trial: Mapping[str, Any] = field(default_factory=dict)
    """Options that fit what the simulator holds, with everything that they can switch on."""

    @property
    def events(self) -> frozenset[str]:
        """The full names of the events that it sends, in modbot's words: those of its samples."""
        return frozenset(self.samples)


def samples_in(package: str) -> Mapping[str, Mapping[str, Any]]:
    """The bodies in the folder samples/ of a platform's package, by the name of their file."""
    folder = files(package).joinpath("samples")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name)
    return {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in paths}
