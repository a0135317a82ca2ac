"""State of the rule language (section 7): counts, duplicates, points, and what happened once.

`windows`, `counters` and `texts` hold the values and the sums, `state` the protocol, `memory` the form for tests and
backtests; the Redis form is `workers.state`. Pure; anyone may import it.
"""
