"""Bodies are read as Python's own reader of JSON reads them, however odd, and faster where they are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.forums.values import MOST_NESTED, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(value=JSON, ascii_only=st.booleans())
def test_what_is_written_is_read(value: Any, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    assert read_json(raw) == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": 123456789012345678901234567890}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1e999}',
        b'{"a": -0.0}',
        b"\xef\xbb\xbf" + b"[" * MOST_NESTED + b"]" * MOST_NESTED,
    ],
)
def test_odd_texts_are_read_as_python_reads_them(raw: bytes) -> None:
    assert read_json(raw) == json.loads(raw)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"NaN", b'{"a": Infinity}', b"1 2", b"'a'", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the body is refused
        read_json(raw)


@pytest.mark.parametrize("levels", [MOST_NESTED + 2, 500, 990])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "odd"])
def test_what_nests_too_deeply_is_refused_however_shallow_the_calls_are(mark: bytes, levels: int) -> None:
    with pytest.raises(ValueError, match=r"^nested too deeply$"):
        read_json(mark + b"[" * levels + b"]" * levels)
