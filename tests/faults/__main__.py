"""`python -m tests.faults [FORM] [--events N] [--kills N] [--restarts N] [--limit N] [--seed N]`: run the harness.

FORM is `long` (default), `short`, `limit` (the proof at 3 requests a second), or `mutations` (each must be caught).
Exit status 1 if a promise was broken, or a mutation was not caught.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import random
import signal
import sys

from rich.console import Console

from service.demo.stage import StageTrouble
from service.embedded import NoServer
from tests.faults.forms import FORMS
from tests.faults.mutations import MUTATIONS, Mutation, copied
from tests.faults.run import Result, Trial, run
from tests.faults.telling import Teller

console = Console()
logging.getLogger("service.supervisor").setLevel(logging.ERROR)  # what is killed starts again: the table tells


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("form", nargs="?", choices=[*FORMS, "mutations"], default="long")
    parser.add_argument("--events", type=int)
    parser.add_argument("--kills", type=int, help="single kills: those of all workers at once come on top")
    parser.add_argument("--restarts", type=int, help="of Redis")
    parser.add_argument("--limit", type=int, help="requests a second that the forum allows")
    parser.add_argument("--rate", type=float, help="events a second")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the table")
    parser.add_argument("--only", choices=list(MUTATIONS), help="one mutation")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process and no folder is left behind
    try:
        if options.form == "mutations":
            return _mutations(options)
        return _run(_trial(options.form, options), as_json=options.json)
    except (NoServer, StageTrouble) as trouble:
        console.print(f"faults: {trouble}", markup=False, highlight=False, soft_wrap=True)
        return 1


def _trial(form: str, options: argparse.Namespace) -> Trial:
    """The form with what the options change; with more or fewer events come more or fewer faults."""
    trial = FORMS[form]
    events = options.events or trial.events
    wanted = {"kill": options.kills, "restart_redis": options.restarts}
    faults = trial.faults.scaled(events / trial.events)
    faults = dataclasses.replace(faults, **{name: number for name, number in wanted.items() if number is not None})
    terrain = dataclasses.replace(trial.terrain, per_second=options.limit or trial.terrain.per_second)
    rate = options.rate or trial.rate
    return dataclasses.replace(trial, events=events, rate=rate, faults=faults, terrain=terrain, seed=options.seed)


def _run(trial: Trial, *, as_json: bool) -> int:
    if not as_json:
        console.print(f"{trial.events} events, {trial.terrain.per_second} requests a second, seed {trial.seed}")
    teller = Teller(console, quiet=as_json)
    result = _run_on(trial, None, teller)
    (teller.as_json if as_json else teller.result)(result)
    return 1 if result.problems() else 0


def _run_on(trial: Trial, mutation: Mutation | None, teller: Teller) -> Result:
    with copied(mutation) as code:
        return run(dataclasses.replace(trial, terrain=dataclasses.replace(trial.terrain, code=code)), teller.progress)


def _mutations(options: argparse.Namespace) -> int:
    """Try the harness on each mutation, or on one: what it does not catch it would not catch in a change either."""
    names = [options.only] if options.only else list(MUTATIONS)
    return 1 if [name for name in names if not _is_caught(name, options)] else 0


def _is_caught(name: str, options: argparse.Namespace) -> bool:
    mutation, teller = MUTATIONS[name], Teller(console)
    result = _run_on(_trial(mutation.form, options), mutation, teller)
    teller.mutation(name, mutation.breaks, result)
    return bool(result.problems())


if __name__ == "__main__":
    sys.exit(main())
