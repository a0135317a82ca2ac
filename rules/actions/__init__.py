"""What rules can do, in one visible table: `rules.actions.table.ACTIONS`.

An action is one class: its word, what it acts on, what it takes, how it competes and how safely it can be repeated.
Deciding reads this table to plan, workers read it to carry out; the loader, schema, reference, support matrix and tests
are computed from it.
"""
