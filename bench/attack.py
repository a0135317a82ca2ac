"""A raid, as data: who joins, what they post where, and the rules that clean it up.

Imported by `bench.raid`, and by the test that holds the number of its calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raid:
    """New accounts that write posts in turn, all over some topics; every seventh post hits one of the first two."""

    posts: int
    accounts: int
    topics: Sequence[int]

    @property
    def names(self) -> list[str]:
        """The accounts."""
        return [f"raider{number}" for number in range(self.accounts)]

    def happenings(self) -> Iterator[dict[str, str | int]]:
        """The fields of each post, in order."""
        for number in range(self.posts):
            place = number % 2 if number % 7 == 0 else number % len(self.topics)
            message = f"Free casino, number {number}"
            yield {"username": self.names[number % self.accounts], "topicId": self.topics[place], "message": message}


def rules(lock_at: int) -> str:
    """Delete the posts, ban who wrote them, tell the moderators, and lock a topic that had so many."""
    return f"""\
name: raid
body: casino
author: {{account_age: '< 1 day'}}
limit: none
then: [delete, {{add_to_group: Banned}}, {{remove_from_group: Members}}, notify_moderators]
---
name: topic under attack
body: casino
count: {{of: post, by: topic, within: 1 hour, is: '>= {lock_at}'}}
limit: none
moderators_exempt: false
topic: {{lock: true}}
"""
