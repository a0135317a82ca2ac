"""modbot.yaml: what it means, and each broken file beside what is said of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from service.configuration import ConfigurationInvalid, find, read

GOOD = """\
redis_url: redis://localhost:6379/0
forums:
  main:
    platform: websitetoolbox
    api_key: {env: MAIN_API_KEY}
    bot_user: {id: 77, username: modbot}
    webhook:
      token: {file: token.txt}
      signing_secrets: [{env: MAIN_SIGNING}]
    notify: {users: [ann, bo]}
    rules: [rules/packs/starter]
"""
ENVIRON = {"MAIN_API_KEY": "the-api-key", "MAIN_SIGNING": "the-signing-secret"}


def write(folder: Path, text: str) -> Path:
    (folder / "token.txt").write_text("the-token\n", encoding="utf-8")
    path = folder / "modbot.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def faults(folder: Path, text: str, environ: dict[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(write(folder, text), environ)
    return [str(fault).removeprefix(f"{folder}/") for fault in invalid.value.faults]


def test_references_are_filled_in_and_defaults_come_from_the_platform(tmp_path: Path) -> None:
    main = read(write(tmp_path, GOOD), ENVIRON).settings.forums["main"]
    assert main.account.api_key == "the-api-key"
    assert main.webhook.token.get_secret_value() == "the-token"
    assert main.trust.signing_secrets == ("the-signing-secret",)
    assert main.address == "https://api.websitetoolbox.com/v1"
    assert (main.per_second, main.per_day) == (3, 20_000)
    assert (main.webhook.confirm, main.webhook.require_signature, main.mode) == ("auto", False, "live")


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    settings = read(write(tmp_path, GOOD), ENVIRON).settings
    shown = repr(settings) + repr(settings.forums["main"].account) + repr(settings.forums["main"].trust)
    assert not [secret for secret in ("the-api-key", "the-token", "the-signing-secret") if secret in shown]


def test_the_environment_overrides_top_level_values(tmp_path: Path) -> None:
    environ = {**ENVIRON, "MODBOT_REDIS_URL": "redis://elsewhere:6379/3", "MODBOT_LOG_LEVEL": "debug"}
    settings = read(write(tmp_path, GOOD), environ).settings
    assert settings.redis_url.get_secret_value() == "redis://elsewhere:6379/3"
    assert settings.log_level == "debug"


def test_the_file_is_named_by_the_option_then_the_environment_then_the_folder() -> None:
    assert find("a.yaml", {"MODBOT_CONFIG": "b.yaml"}) == Path("a.yaml")
    assert find(None, {"MODBOT_CONFIG": "b.yaml"}) == Path("b.yaml")
    assert find(None, {}) == Path("modbot.yaml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("platform: websitetoolbox", "platform: phpbb"),
            "modbot.yaml:4:5: value: forums.main.platform: 'phpbb' is not one of userecho, websitetoolbox",
        ),
        (
            ("    bot_user: {id: 77, username: modbot}\n", ""),
            "modbot.yaml:3:3: missing: forums.main.bot_user is missing",
        ),
        (
            ("id: 77", "id: none"),
            "modbot.yaml:6:16: value: forums.main.bot_user.id: Input should be a valid integer, unable to parse string as an integer",
        ),
        (("notify:", "notfy:"), "modbot.yaml:10:5: unknown-key: there is no setting forums.main.notfy"),
        (
            ("{file: token.txt}", "{file: gone.txt}"),
            "modbot.yaml:8:21: file: the file cannot be read: No such file or directory",
        ),
        (("{env: MAIN_SIGNING}", "{env: UNSET}"), "modbot.yaml:9:31: env: the environment variable UNSET is not set"),
        (
            ("  main:", "  Main Forum:"),
            "modbot.yaml:3:3: value: forums.Main Forum: String should match pattern '^[a-z0-9][a-z0-9_-]{0,39}$'",
        ),
        (("{users: [ann, bo]}", "{}"), "modbot.yaml:10:5: value: forums.main.notify: needs either users or topic"),
        (
            ("[rules/packs/starter]", "[]"),
            "modbot.yaml:11:5: value: forums.main.rules: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            ("redis://localhost:6379/0", "localhost:6379"),
            "modbot.yaml:1:1: value: redis_url: must begin with redis://, rediss://, unix://, redis+sentinel://, rediss+sentinel://",
        ),
        (("redis_url:", "redis_ulr:"), "modbot.yaml:1:1: unknown-key: there is no setting redis_ulr"),
        (
            ("    notify:", "    api_url: http://forum.example\n    notify:"),
            "modbot.yaml:10:5: value: forums.main.api_url: must be https: plain http is for loopback addresses only",
        ),
        (
            ("    notify:", "    mode: live\n    mode: shadow\n    notify:"),
            "modbot.yaml:11:5: duplicate-key: the key 'mode' stands twice, first in line 10: one would be lost",
        ),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert faults(tmp_path, GOOD.replace(*change)) == [said]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("platform:", "platfrom:").replace("id: 77", "id: -1").replace("{env: MAIN_API_KEY}", '""')
    assert [line.split(": ", 1)[0] for line in faults(tmp_path, text)] == [
        "modbot.yaml:3:3",
        "modbot.yaml:4:5",
        "modbot.yaml:5:5",
        "modbot.yaml:6:16",
    ]


def test_a_misspelt_setting_comes_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(write(tmp_path, GOOD.replace("signing_secrets", "signing_secret")), ENVIRON)
    assert [fault.suggestion for fault in invalid.value.faults] == ["did you mean signing_secrets?"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "modbot.yaml:1:1: shape: must hold one mapping"),
        (b"- a\n- b\n", "modbot.yaml:1:1: shape: must hold one mapping"),
        (b"\xff\xfe", "modbot.yaml:1:1: unreadable: is not UTF-8 text"),
        (b"a: b: c\n", "modbot.yaml:1:5: syntax: this is not YAML: mapping values are not allowed here"),
    ],
)
def test_a_file_that_is_no_configuration_gets_one_clear_fault(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "modbot.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(path, {})
    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in invalid.value.faults] == [said]


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(tmp_path / "modbot.yaml", {})
    assert "--config or MODBOT_CONFIG" in str(invalid.value.faults[0].suggestion)
