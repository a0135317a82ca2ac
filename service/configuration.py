"""Reads `modbot.yaml`: finds it, fills in `{env: NAME}` and `{file: PATH}`, validates, and places every fault.

Imported by the commands, the worker program and tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, get_args

from pydantic import ValidationError

from rules.loading.faults import Fault, Faults, Invalid, Spot, closest
from rules.loading.nodes import Mapping, Node, Scalar, Sequence, plain, read_documents
from service.settings import ForumSection, Section, Settings

FILE = "modbot.yaml"
MAX_BYTES = 1024 * 1024


class ConfigurationInvalid(Invalid):
    """The configuration cannot be used."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, and the folder that their rule paths start from."""

    settings: Settings
    path: Path

    @property
    def folder(self) -> Path:
        """The configuration file's folder."""
        return self.path.parent


def find(path: str | None, environ: MappingType[str, str] = os.environ) -> Path:
    """The configuration's file: the given one, else MODBOT_CONFIG's, else modbot.yaml here. It need not exist."""
    return Path(path or environ.get("MODBOT_CONFIG") or FILE)


def read(path: Path, environ: MappingType[str, str] = os.environ) -> Configuration:
    """Read and validate the configuration. Raises ConfigurationInvalid with every fault at once."""
    faults = Faults()
    root = _root(path, faults)
    values = _resolve(root, path.parent, environ, faults) if root else {}
    if root:
        values.update(_overrides(environ))
    unresolved = faults.failed
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        if root:
            _place(error, root, faults)
    if faults.failed or unresolved:
        raise ConfigurationInvalid(faults.in_order())
    return Configuration(settings, path.resolve())


def _root(path: Path, faults: Faults) -> Mapping | None:
    spot = Spot(str(path))
    try:
        content = path.read_bytes()[: MAX_BYTES + 1]
        text = content.decode("utf-8")
    except OSError as error:
        faults.error(
            "unreadable",
            spot,
            f"{error.strerror}",
            "name the file with --config or MODBOT_CONFIG; README has an example",
        )
        return None
    except UnicodeDecodeError:
        faults.error("unreadable", spot, "is not UTF-8 text")
        return None
    if len(content) > MAX_BYTES:
        faults.error("unreadable", spot, f"is over {MAX_BYTES} bytes")
        return None
    documents = read_documents(text, str(path), faults)
    if len(documents) == 1 and isinstance(documents[0], Mapping):
        return documents[0]
    if not faults.failed:
        faults.error("shape", spot, "must hold one mapping", "begin with `redis_url:` and `forums:`")
    return None


def _resolve(node: Node, folder: Path, environ: MappingType[str, str], faults: Faults) -> Any:
    """The node as plain values, with env and file references filled in."""
    if isinstance(node, Mapping):
        names = [key.value for key, _ in node.entries]
        if names in (["env"], ["file"]) and isinstance(node.entries[0][1], Scalar):
            return _reference(names[0], node.entries[0][1], folder, environ, faults)
        return {key.value: _resolve(value, folder, environ, faults) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_resolve(item, folder, environ, faults) for item in node.items]
    return plain(node)


def _reference(kind: str, node: Scalar, folder: Path, environ: MappingType[str, str], faults: Faults) -> str:
    if kind == "env":
        if node.value not in environ:
            faults.error(
                "env", node, f"the environment variable {node.value} is not set", "set it, or use {file: PATH}"
            )
        return environ.get(node.value) or "unset"
    try:
        return (folder / node.value).read_text(encoding="utf-8").rstrip("\r\n") or "unset"
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        faults.error(
            "file", node, f"the file cannot be read: {reason}", "check the path; it starts at this file's folder"
        )
        return "unset"


def _overrides(environ: MappingType[str, str]) -> dict[str, str]:
    """Top-level values from MODBOT_REDIS_URL, MODBOT_LOG_LEVEL and the like."""
    names = {f"MODBOT_{name.upper()}": name for name in Settings.model_fields if name not in MAPPINGS}
    return {name: environ[variable] for variable, name in names.items() if environ.get(variable)}


def _place(error: ValidationError, root: Mapping, faults: Faults) -> None:
    for item in error.errors(include_url=False, include_input=False):
        path = [part for part in item["loc"] if part != "[key]"]
        place, name = _node_at(root, path), ".".join(str(part) for part in path)
        if item["type"] == "missing":
            faults.error("missing", place, f"{name} is missing")
        elif item["type"] == "extra_forbidden":
            near = closest(str(path[-1]), _siblings(path))
            faults.error("unknown-key", place, f"there is no setting {name}", f"did you mean {near}?" if near else None)
        else:
            faults.error("value", place, f"{name}: {item['msg'].removeprefix('Value error, ')}")


def _node_at(root: Mapping, path: list[Any]) -> Node:
    """The deepest key or list item on the path that is written in the file."""
    place: Node = root
    node: Node = root
    for part in path:
        if isinstance(node, Mapping) and (entry := next((e for e in node.entries if e[0].value == part), None)):
            place, node = entry
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            place = node = node.items[part]
        else:
            break
    return place


def _siblings(path: list[Any]) -> set[str]:
    """The settings that exist beside the last part of the path."""
    section: Any = Settings
    for part in path[:-1]:
        section = FORUMS if section is Settings and part == "forums" else _below(section, part)
    return set(section.model_fields) if _is_section(section) else set()


MAPPINGS = ("forums", "retention")
"""The top-level settings that no variable can override."""

FORUMS = object()
"""Stands for the mapping from forum names to forums."""


def _below(section: Any, part: Any) -> Any:
    """The section that the setting `part` of `section` holds, or None."""
    if section is FORUMS:
        return ForumSection
    field = section.model_fields.get(part) if _is_section(section) else None
    options = [field.annotation, *get_args(field.annotation)] if field else []
    return next((option for option in options if _is_section(option)), None)


def _is_section(value: Any) -> TypeGuard[type[Section]]:
    return isinstance(value, type) and issubclass(value, Section)
