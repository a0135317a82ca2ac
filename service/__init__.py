"""The shell round the rules: settings, web edge, queue, limiter, ledger, forums, metrics, logs and the commands.

May import `rules`; never imports `workers` (they are enqueued by dotted name and started as processes).
"""

__version__ = "0.1.0"
