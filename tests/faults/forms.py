"""The forms of a run: long for `make faults`, short for `make test`, and the small ones that mutations are tried with."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.ground import Terrain
from tests.faults.injections import Faults
from tests.faults.run import Trial

RAISED = Terrain(per_second=60, way=0.005)

FORMS: Mapping[str, Trial] = {
    "long": Trial(
        events=10_000,
        rate=25,
        terrain=RAISED,
        faults=Faults(
            kill=130, kill_all=8, stop=10, freeze=20, restart_redis=10, freeze_redis=10, cut_web=40, cut_work=60,
            error=100, lost=60, lost_once=60, cut=60, slow=60, limit=4, silent=10, late=10, held_before=8, held_after=8,
        ),
    ),
    "short": Trial(
        events=260,
        rate=11,
        terrain=RAISED,
        faults=Faults(
            kill=6, kill_all=1, stop=1, freeze=2, restart_redis=1, freeze_redis=1, cut_web=3, cut_work=4,
            error=5, lost=4, lost_once=4, cut=3, slow=5, limit=1, silent=1, late=1, held_before=1, held_after=1,
        ),
    ),
    "limit": Trial(
        events=45, rate=30, terrain=Terrain(per_second=3, way=0.03), faults=Faults(kill=2, slow=3, cut=2, error=2)
    ),
    "small": Trial(
        events=100,
        rate=12,
        terrain=RAISED,
        patience=60,
        faults=Faults(restart_redis=1, error=4, lost_once=4, held_before=3, held_after=2, kill=1),
    ),
    "reads": Trial(events=60, rate=12, terrain=RAISED, patience=60, faults=Faults(lost_once=5)),
    "edge": Trial(events=150, rate=100, terrain=RAISED, patience=60, faults=Faults(restart_redis=6)),
}  # fmt: skip
