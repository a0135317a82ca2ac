"""What to write in place of what is no YAML: by the words of the parser's own complaint. Read by `nodes` alone."""

from __future__ import annotations

REMEDIES = (
    ("cannot start any token", "put quotes round the value, and indent with spaces, never tabs"),
    ("mapping values are not allowed", "put quotes round a value that holds ': ', and check the indentation"),
    ("expected alphabetic or numeric character", "put quotes round a value that begins with * or &"),
    ("chomping or indentation", 'put quotes round a value that begins with > or |, as "> 5"'),
    ("a comment or a line break", 'put quotes round a value that begins with > or |, as "> 5"'),
    ("while scanning a simple key", "a key needs ': ' after it, and `---` alone on its line before the next rule"),
    ("but got ':'", "close the bracket [ or { before the next key"),
    ("expected <block end>", "put quotes round a value that begins with [ or {, and check the indentation"),
    ("unexpected end of stream", "close the quote, bracket or brace that was opened before"),
    ("mapping keys are not allowed", "put quotes round a value that begins with ?"),
    (
        "could not find expected ':'",
        "a key needs ': ' after it, no space before its #label, and `---` before a new rule",
    ),
    ("<document start>", "leave lines that begin with % out: rule files are always YAML 1.2"),
)


def remedy_of(problem: str) -> str | None:
    """What to do about what the parser says."""
    return next((remedy for sign, remedy in REMEDIES if sign in problem), None)
