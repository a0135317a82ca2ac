"""From YAML text to checked rules: every fault of a folder at once, each with its place and its remedy.

`rules.ruleset` is the door to this package; nothing else imports it, save `rules.testing` and `rules.reference`, which
read the same YAML with the same care.
"""
