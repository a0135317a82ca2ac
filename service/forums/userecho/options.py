"""A UserEcho forum's own settings. Imported by the platform's value, `account` and `client`."""

from __future__ import annotations

from pydantic import Field

from service.forums.platform import Account, Options


class UserEchoOptions(Options):
    """A UserEcho forum's own settings, `options` in modbot.yaml.

    `forum`: the id of the project's forum that a topic is taken to belong to where it does not tell; not needed in a
    project with one forum. `closed_status` and `open_status`: ids of the statuses that lock and unlock set. `groups`:
    change group memberships by calls that only the API's newer edition has. `token_in_query`: send the key as
    `access_token` in addresses instead of the Authorization header, for a site that does not take that.
    """

    forum: int | None = Field(default=None, gt=0)
    closed_status: int | None = Field(default=None, gt=0)
    open_status: int | None = Field(default=None, gt=0)
    groups: bool = False
    token_in_query: bool = False

    @property
    def adds(self) -> frozenset[str]:
        """The action words that these settings make possible."""
        words = {"lock": self.closed_status, "unlock": self.open_status}
        words |= {"add_to_group": self.groups, "remove_from_group": self.groups}
        return frozenset(word for word, switch in words.items() if switch)


def options_of(account: Account) -> UserEchoOptions:
    """The account's settings; the defaults where it has none."""
    return account.options if isinstance(account.options, UserEchoOptions) else UserEchoOptions()
