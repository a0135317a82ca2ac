"""Every platform, for the contract that all keep: those of the table, and the toy; and what there is on each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from rules.decision import Target
from rules.event import Event
from service.forums import PLATFORMS
from service.forums.platform import Options, Platform
from service.forums.port import Accepted, Delivery, Forum, WebhookTrust
from tests.forums.toy import TOY

ALL = [*PLATFORMS.values(), TOY]

EVERY = pytest.mark.parametrize("platform", ALL, ids=[platform.name for platform in ALL])

Answer = Callable[[httpx.Request], httpx.Response]
Answering = Callable[[Platform, Answer], Forum]


@dataclass(frozen=True, slots=True)
class Things:
    """What there is on a platform's simulated forum, by its samples."""

    topic: int
    post: int
    user: int

    @classmethod
    def of(cls, platform: Platform) -> Things:
        topic, post = sample(platform, "topic.created"), sample(platform, "post.created")
        assert topic.topic is not None
        assert post.post is not None
        assert post.author is not None
        return cls(topic.topic.topic_id or 0, post.post.post_id or 0, post.author.user_id or 0)

    def target(self, platform: Platform, word: str) -> Target:
        """Something that the action can be done to."""
        acts_on = ACTIONS[word].acts_on
        if acts_on is ActsOn.PERSON:
            return Target(kind="user", id=self.user)
        if acts_on is ActsOn.ITEM and "R" not in platform.lacks.get(word, ""):
            return Target(kind="post", id=self.post)
        return Target(kind="topic", id=self.topic)


def sample(platform: Platform, name: str) -> Event:
    return event_in(platform, json.dumps(platform.samples[name]).encode(), time.time())


def event_in(platform: Platform, raw: bytes, at: float) -> Event:
    """The event of a delivery, as the web edge and a worker find it."""
    found = platform.identify(Delivery({}, raw, at), WebhookTrust())
    assert isinstance(found, Accepted), found
    event = platform.read(found.name, raw, at)
    assert event.type == found.type
    return event


def all_on(platform: Platform) -> Options:
    """The platform's settings with everything switched on."""
    return platform.options.model_validate(platform.trial)


def read_of(platform: Platform) -> Callable[[Forum], Any]:
    return lambda forum: forum.get_topic(Things.of(platform).topic)


def write_of(platform: Platform) -> Callable[[Forum], Any]:
    return lambda forum: forum.reply(Target(kind="topic", id=Things.of(platform).topic), text="x")
