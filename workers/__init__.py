"""The jobs, and the processes that run them: everything that causes an effect.

May import `service` and `rules`; nothing imports this package. The web edge enqueues its functions by dotted name, and
the commands start it as a process: `python -m workers`.
"""
