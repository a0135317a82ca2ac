"""`state`: each form of the state in turn. What holds for one holds for both."""

from __future__ import annotations

import pytest

from rules.state.memory import MemoryState
from rules.state.state import State
from workers.state import RedisState


@pytest.fixture(params=["memory", "redis"])
def state(request: pytest.FixtureRequest) -> State:
    if request.param == "memory":
        return MemoryState()
    return RedisState(request.getfixturevalue("redis"), "main")
