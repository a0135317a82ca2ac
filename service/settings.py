"""The configuration, `modbot.yaml`: its shape, its defaults, and how it is read (contract.md, section 3).

Every fault is reported at once, with its place in the file. Any value may be `{env: NAME}` or `{file: PATH}`; a
variable `MODBOT_<KEY>` overrides a top-level value that is not a mapping. Secrets never show in a repr or an error.
Imported by `service.wiring`, the commands and tests.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from service.connections import SCHEMES, watched
from service.forums import PLATFORMS
from service.forums.platform import Account, Notify, Options, Platform
from service.forums.port import WebhookTrust


class Section(BaseModel):
    """A mapping of the configuration: frozen, unknown keys are errors, values never show in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _secret(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("is empty")
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret)]


class BotUser(Section):
    """The forum account that modbot acts as; its own content never triggers a rule."""

    id: int = Field(gt=0)
    username: str = Field(min_length=1)


class WebhookSection(Section):
    """What a delivery must show. `confirm` re-reads an item before a destructive action: auto = unless signed."""

    token: Secret
    signing_secrets: tuple[Secret, ...] = ()
    require_signature: bool = False
    confirm: Literal["auto", "always", "never"] = "auto"
    event_keys: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_secret(self) -> WebhookSection:
        if self.require_signature and not self.signing_secrets:
            raise ValueError("require_signature needs at least one of signing_secrets")
        return self


class LimitSection(Section):
    """Requests the forum allows: in any second, and in any 24 hours (0: no daily limit)."""

    per_second: int | None = Field(default=None, ge=1, le=100)
    per_day: int | None = Field(default=None, ge=0)


class NotifySection(Section):
    """Where notify_moderators writes: one conversation with `users`, or a reply in `topic`."""

    users: tuple[str, ...] = ()
    topic: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_of(self) -> NotifySection:
        if bool(self.users) == (self.topic is not None):
            raise ValueError("needs either users or topic")
        return self


def _known_platform(name: str) -> str:
    if name not in PLATFORMS:
        raise ValueError(f"{name!r} is not one of {', '.join(sorted(PLATFORMS))}")
    return name


def _safe_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _has_good_port(parts):
        raise ValueError("must be an https address, such as https://forum.example/api")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must not hold a user, a query or a fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must be https: plain http is for loopback addresses only")
    return url


def _has_good_port(parts: SplitResult) -> bool:
    """A password with a slash in it is cut off there, and what is left of it looks like a port."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ForumSection(Section):
    """One forum: its API, its webhook, its limit and its rules."""

    platform: Annotated[str, AfterValidator(_known_platform)]
    api_url: Annotated[str, AfterValidator(_safe_url)] | None = None
    api_key: Secret
    bot_user: BotUser
    webhook: WebhookSection
    limit: LimitSection = LimitSection()
    notify: NotifySection | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    rules: tuple[str, ...] = Field(min_length=1)
    mode: Literal["live", "shadow"] = "live"

    @model_validator(mode="after")
    def _reachable(self) -> ForumSection:
        if not self.api_url and self.on.api_url is None:
            raise ValueError(f"api_url is missing: on {self.platform} every site has its own")
        return self

    @field_validator("options")
    @classmethod
    def _of_platform(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        platform = PLATFORMS.get(info.data.get("platform", ""))
        try:
            _ = platform and platform.options.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        return value

    @field_validator("notify")
    @classmethod
    def _can_tell(cls, value: NotifySection | None, info: ValidationInfo) -> NotifySection | None:
        platform = PLATFORMS.get(info.data.get("platform", ""))
        if value and value.users and platform and "users" not in platform.notifies:
            raise ValueError(f"{platform.name} has no conversations with several people; write notify: {{topic: ID}}")
        return value

    @property
    def on(self) -> Platform:
        """The platform's own value."""
        return PLATFORMS[self.platform]

    @property
    def own_options(self) -> Options:
        """The platform's own settings of this forum."""
        return self.on.options.model_validate(self.options)

    @property
    def actions(self) -> frozenset[str]:
        """The action words that rules of this forum may use."""
        return self.on.actions | self.own_options.adds

    @property
    def address(self) -> str:
        """The API's address, without a slash at its end."""
        return (self.api_url or self.on.api_url or "").rstrip("/")

    @property
    def per_second(self) -> int:
        """Requests allowed in any second."""
        return self.limit.per_second or self.on.per_second

    @property
    def per_day(self) -> int:
        """Requests allowed in any 24 hours; 0: no limit."""
        return (self.on.per_day or 0) if self.limit.per_day is None else self.limit.per_day

    @property
    def account(self) -> Account:
        """What the platform's client needs."""
        notify = Notify(self.notify.users, self.notify.topic) if self.notify else Notify()
        bot = self.bot_user
        return Account(self.address, self.api_key.get_secret_value(), bot.id, bot.username, notify, self.own_options)

    @property
    def trust(self) -> WebhookTrust:
        """What inbound needs to verify a delivery."""
        secrets = tuple(secret.get_secret_value() for secret in self.webhook.signing_secrets)
        return WebhookTrust(secrets, self.webhook.require_signature, self.webhook.event_keys)


def _redis_url(url: SecretStr) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in SCHEMES:
        raise ValueError(f"must begin with {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    watched(url.get_secret_value())
    return url


class RetentionSection(Section):
    """How long what has ended is kept (service.retention).

    `memory_mb`: from 70 % of it on the oldest go before that; 0: Redis' own maxmemory.
    """

    days: int = Field(default=30, ge=1, le=365)
    memory_mb: int = Field(default=0, ge=0)


class Settings(Section):
    """The whole configuration. Rule paths start at the file's folder; packs are found by name anywhere."""

    redis_url: Annotated[Secret, AfterValidator(_redis_url)] = SecretStr("redis://localhost:6379/0")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"
    tracing: bool = False
    max_body_bytes: int = Field(default=256 * 1024, ge=1024, le=16 * 1024 * 1024)
    drain_seconds: float = Field(default=0, ge=0, le=300)
    retention: RetentionSection = RetentionSection()
    worker_memory_mb: int = Field(default=200, ge=64)
    forums: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")], ForumSection] = Field(min_length=1)
