"""The grammar of a check's key: `~title+body#label (includes, fold)`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.loading.faults import Faults
from rules.loading.nodes import Scalar

KEY = re.compile(
    r"(?P<negated>~)?(?P<fields>[^\s~#()+]+(?:\+[^\s~#()+]+)*)(?:#(?P<label>[\w-]+))?(?:\s*\((?P<modifiers>[^()]*)\))?",
)
LONGEST_KEY = 500


@dataclass(frozen=True, slots=True)
class Key:
    """A key taken apart. `spelled` is the fields as written, the name of the check where it has no label."""

    node: Scalar
    fields: tuple[str, ...]
    negated: bool = False
    label: str | None = None
    modifiers: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """The fields as written."""
        return "+".join(self.fields)

    @property
    def called(self) -> str:
        """How a template names this check."""
        return self.label or self.spelled


def read_key(node: Scalar, faults: Faults) -> Key | None:
    """The key in `node`; None after recording why it is none."""
    text = node.value.strip()
    match = KEY.fullmatch(text) if len(text) <= LONGEST_KEY else None
    if match is None:
        remedy = "write field, field#label or field+field, then (modifiers), as in: ~title+body#spam (includes, fold)"
        if "(" in text and ")" not in text:
            remedy = 'inside { } a key with a comma needs quotes: {"title (includes, fold)": x}'
        faults.error("key", node, "this is not the key of a check or an action", remedy)
        return None
    label = match["label"]
    if label is not None and label.isdigit():
        faults.error("label", node, "a label of digits alone is taken for a group number", f"write #n{label}")
        return None
    return Key(
        node=node,
        fields=tuple(match["fields"].split("+")),
        negated=match["negated"] is not None,
        label=label,
        modifiers=tuple(word for part in (match["modifiers"] or "").split(",") if (word := part.strip())),
    )
