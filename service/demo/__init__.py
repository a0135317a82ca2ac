"""The demonstration: the whole service on embedded parts, and a story that shows what it does.

`stage` starts the parts, `story` is what members do and what the forum should look like afterwards, `telling` says it
on the terminal. Imported by `service.cli.demo`; the stage also by the tests with real processes.
"""
