"""Which files a path means, and their text, bounded. The only reading from disk in `rules`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.loading.faults import Faults, Spot

MOST_BYTES = 4 * 1024 * 1024
MOST_LIST_BYTES = 16 * 1024 * 1024
MOST_FILES = 2_000
PACKS = Path(__file__).parent.parent / "packs"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file: where it is, the name that faults and traces give it, and its place in the folder that was given."""

    path: Path
    name: str
    inside: str


def find_rule_files(paths: Sequence[Path], faults: Faults) -> list[RuleFile]:
    """The rule files under `paths`, test files left out."""
    return list(_find(paths, faults, tests=False))


def find_test_files(paths: Sequence[Path], faults: Faults) -> list[RuleFile]:
    """The `*.test.yaml` files under or beside `paths`."""
    return list(_find(paths, faults, tests=True))


def _find(paths: Sequence[Path], faults: Faults, *, tests: bool) -> Iterator[RuleFile]:
    for given in paths:
        path = locate(given)
        try:
            if path.is_dir():
                yield from _in_folder(path, given, faults, tests=tests)
            elif path.exists():
                yield from _alone(path, given, faults, tests=tests)
            else:
                faults.error("no-file", Spot(str(given)), "there is no such file, folder or shipped pack", _packs())
        except OSError as error:
            faults.error(
                "unreadable", Spot(str(given)), f"this cannot be read: {error.strerror}", "check its permissions"
            )


def locate(path: Path) -> Path:
    """The path itself, or the shipped pack of that name, as rules/packs/starter."""
    if not path.exists() and len(path.parts) > 1 and path.parts[-2] == "packs" and (PACKS / path.name).is_dir():
        return PACKS / path.name
    return path


def _packs() -> str:
    names = sorted(path.name for path in PACKS.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    return "shipped are " + ", ".join(f"packs/{name}" for name in names)


def _in_folder(folder: Path, given: Path, faults: Faults, *, tests: bool) -> Iterator[RuleFile]:
    count = 0
    for path in _walk(folder):
        count += 1
        if count > MOST_FILES:
            faults.error("too-many", Spot(str(given)), f"the folder holds over {MOST_FILES:,} rule files", "join some")
            return
        if _is_test(path) is tests:
            inside = path.relative_to(folder)
            yield RuleFile(path, (given / inside).as_posix(), inside.as_posix())
    if count == 0 and not tests:
        faults.error("no-rules", Spot(str(given)), "the folder holds no rule files", "rules.yaml")


def _walk(folder: Path) -> Iterator[Path]:
    """Rule files in order of their names.

    What starts with a dot is left out, as ConfigMap mounts need; links to folders are not followed: they may lead in
    circles.
    """
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from () if path.is_symlink() else _walk(path)
        elif path.suffix in SUFFIXES:
            yield path


def _alone(path: Path, given: Path, faults: Faults, *, tests: bool) -> Iterator[RuleFile]:
    if not tests and _is_test(path):
        faults.error("test-file", Spot(str(given)), "this holds stories, not rules", "modbot rules test runs them")
    elif not tests or _is_test(path):
        yield RuleFile(path, str(given), path.name)
    else:
        beside = path.with_name(f"{path.stem}.test{path.suffix}")
        if beside.exists():
            yield RuleFile(beside, str(given.with_name(beside.name)), beside.name)


def _is_test(path: Path) -> bool:
    return path.stem.endswith(".test")


def read_text(file: RuleFile, faults: Faults) -> str | None:
    """The text of a rule file; None after recording why there is none."""
    try:
        return read_bounded(file.path, MOST_BYTES)
    except OSError as error:
        faults.error("unreadable", Spot(file.name), f"this cannot be read: {error.strerror}", "check its permissions")
    except ValueError as error:
        faults.error("unreadable", Spot(file.name), str(error), "rule files are text in UTF-8")
    return None


def read_bounded(path: Path, most: int) -> str:
    """A file's text. Raises OSError, and ValueError for what is too large, no file or not UTF-8."""
    if not path.is_file():
        raise ValueError("this is no ordinary file")
    with path.open("rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise ValueError(f"this is larger than {most // 1024:,} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"this is not UTF-8: byte {data[error.start]:#04x} at {error.start}") from None
