"""Trouble that ends the program with one line, so that the program knows it without importing whatever meets it.

Imported by `service.cli` and by modules of `service` that raise it.
"""

from __future__ import annotations


class Trouble(Exception):
    """Something outside the program keeps it from running; the text says what, and what to do."""
