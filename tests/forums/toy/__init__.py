"""A third platform, as small as one can be: what CONTRIBUTING says of adding one is tried out on it.

It has an inbound half, a client, a simulator and samples of its own and touches nothing else: in `service/forums` it
would be one folder, and one line in PLATFORMS. Its API has topics with posts: GET and POST /toy/topics/ID, GET and POST
/toy/topics/ID/posts, GET and DELETE /toy/posts/ID, GET /toy/users/ID. A `problem` says what is wrong.
"""

from __future__ import annotations

from service.forums.platform import Platform
from tests.forums.toy.client import ToyForum, connect, headers, judge
from tests.forums.toy.inbound import SAMPLES, identify, read, sign
from tests.forums.toy.simulator import simulator

TOY = Platform(
    name="toy",
    api_url=None,
    per_second=5,
    per_day=None,
    actions=frozenset({"delete", "lock", "unlock", "reply", "notify_moderators"}),
    identify=identify,
    read=read,
    sign=sign,
    headers=headers,
    judge=judge,
    forum=lambda: ToyForum,
    connect=connect,
    simulator=simulator,
    samples=SAMPLES,
    lacks={"delete": "T"},
    notifies=frozenset({"topic"}),
    api_path="/toy",
)
