"""Rules and templates reach what the language names and nothing else: no attribute, no code, no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rules.loading.faults import RulesInvalid
from rules.ruleset import load, load_text
from tests.rules.events import decided, post

PATHS = [
    "author.__class__",
    "author.name.__class__.__mro__",
    "author['name']",
    "author.name.upper()",
    "__import__('os').system('id')",
    "config",
    "settings.api_key",
    "self",
    "env.PATH",
    "author.model_dump",
    "0.__class__",
    "author.name!r",
    "author.name:>9999999999",
    "%(name)s",
    "body.__init__.__globals__",
]


def faults(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as invalid:
        load_text(text)
    return [fault.code for fault in invalid.value.faults]


@pytest.mark.parametrize("path", PATHS)
def test_a_placeholder_that_the_language_does_not_name_is_refused_when_rules_load(path: str) -> None:
    with pytest.raises(RulesInvalid):
        load_text(f"name: r\nbody: x\nreply: |\n  {{{{{path}}}}}\n")


@pytest.mark.parametrize("filtered", ["upper|attr", "eval", "format: __class__", "system: id", "open: /etc/passwd"])
def test_a_filter_that_there_is_not_is_refused(filtered: str) -> None:
    with pytest.raises(RulesInvalid):
        load_text(f"name: r\nbody: x\nreply: |\n  {{{{author.name|{filtered}}}}}\n")


HOSTILE = [
    "{{author.name}}",
    "{{7*7}}",
    "{0.__class__}",
    "{author.__class__.__init__.__globals__}",
    "${7*7}",
    "%(secret)s",
    "<%= 7*7 %>",
    "{% for x in ().__class__.__base__.__subclasses__() %}",
    "#{7*7}",
    "$(id)",
    "`id`",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_what_is_inserted_is_text_and_never_a_template(said: str) -> None:
    event = post(body="casino")
    event["author"]["username"] = said
    event["topic"]["title"] = said
    rule = "name: r\nbody: casino\nmoderators_exempt: false\nretitle: '[Ad] {{topic.title}} by {{author.name}}'\n"
    (action,) = decided(rule, [event]).actions
    assert action.options["text"] == f"[Ad] {said} by {said}"


TAGS = [
    "!!python/object/apply:os.system ['id']",
    "!!python/object:os.system {}",
    "!!python/name:os.system ''",
    "!!python/module:os ''",
    "!!python/object/new:subprocess.Popen [id]",
    "!!js/function 'function(){}'",
    "!include /etc/passwd",
    "!!binary aWQ=",
    "!env HOME",
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_makes_no_object_and_reads_no_file(tag: str, tmp_path: Path) -> None:
    assert faults(f"name: r\nbody: {tag}\ndelete: true\n")


@pytest.mark.parametrize("tag", TAGS)
def test_nor_in_the_configuration(tag: str, tmp_path: Path) -> None:
    from service.configuration import ConfigurationInvalid, read

    (tmp_path / "modbot.yaml").write_text(f"redis_url: {tag}\nforums: {{}}\n", encoding="utf-8")
    with pytest.raises(ConfigurationInvalid):
        read(tmp_path / "modbot.yaml", {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of rules with a list in it, beside a file that is none of its business."""
    (tmp_path / "secret.txt").write_text("the-secret-of-somebody-else\n", encoding="utf-8")
    inside = tmp_path / "rules"
    (inside / "lists").mkdir(parents=True)
    (inside / "lists" / "bad.txt").write_text("casino\n", encoding="utf-8")
    return inside


def with_list(folder: Path, path: str) -> None:
    text = f"lists: {{bad: {{file: '{path}'}}}}\nrules: [{{name: r, body: $bad, delete: true}}]\n"
    (folder / "rules.yaml").write_text(text, encoding="utf-8")


def test_a_list_is_read_from_the_folder_of_its_rules(folder: Path) -> None:
    with_list(folder, "lists/bad.txt")
    assert len(load([folder]).rules) == 1


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "lists/../../secret.txt",
        "{outside}/secret.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "link.txt",
        "folder/secret.txt",
        "lists",
        "pipe",
        "file:///etc/passwd",
        "~/secret.txt",
    ],
)
def test_a_list_is_read_from_nowhere_else(folder: Path, path: str) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "folder").symlink_to(folder.parent, target_is_directory=True)
    os.mkfifo(folder / "pipe")
    with_list(folder, path.format(outside=folder.parent))
    with pytest.raises(RulesInvalid) as invalid:
        load([folder])
    told = "\n".join(str(fault) for fault in invalid.value.faults)
    assert "the list cannot be read" in told
    assert "the-secret-of-somebody-else" not in told
    assert "root:" not in told


def test_a_link_to_a_folder_elsewhere_is_not_followed_for_rules(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "more.yaml").write_text("name: more\nbody: x\nlock: true\n", encoding="utf-8")
    (folder / "elsewhere").symlink_to(elsewhere, target_is_directory=True)
    with_list(folder, "lists/bad.txt")
    assert [rule.name for rule in load([folder]).rules] == ["r"]
