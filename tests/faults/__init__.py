"""The fault harness: the promises of the service, tried with real processes while everything around it fails.

`plan` is what members do and what the forum must look like afterwards, `ground` the processes, `forum` and `wire` the
stand-ins that misbehave on order, `schedule` and `injections` the faults, `verdict` compares the forum's own final state
with the plan. `python -m tests.faults --help` runs it; every number comes from one printed seed. Queue-and-limits.md,
section F, lists what must be shown.
"""
