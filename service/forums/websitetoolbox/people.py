"""Website Toolbox's users, user groups and moderators as the API and the webhooks carry them.

Fields are those of websitetoolbox-reference.txt; times are Unix seconds. What can be set has a class of its own, which
the answer's class extends, so that a permission is named once. Pure; imported by `reading`, `api` and `account`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from rules.event import Author
from service.forums.values import Id, Items, Seconds, Text, Whole, YesNo, to_objects, to_text
from service.forums.websitetoolbox.objects import PersonShape, Shape


class CategoryPermissions(Shape):
    """What a user group may do in a category."""

    view_category: YesNo = None
    view_others_topics: YesNo = None
    start_topics: YesNo = None
    reply_topics: YesNo = None
    require_post_approval: YesNo = None
    view_attachments: YesNo = None
    upload_attachments: YesNo = None


class CategoryPermissionsShape(CategoryPermissions):
    """The same, with whose they are."""

    user_group_id: Id = None


class GroupPermissions(CategoryPermissions):
    """What a user group may do, where a category does not say otherwise."""

    view_forum: YesNo = None
    view_topic_content: YesNo = None
    view_profiles: YesNo = None
    view_calendar: YesNo = None
    view_albums: YesNo = None
    view_others_events: YesNo = None
    view_invisible_members: YesNo = None
    viewable_on_members_list: YesNo = None
    reply_own_topics: YesNo = None
    move_own_topics: YesNo = None
    delete_own_topics: YesNo = None
    edit_own_posts: YesNo = None
    delete_own_posts: YesNo = None
    post_polls: YesNo = None
    vote_on_polls: YesNo = None
    post_events: YesNo = None
    edit_own_events: YesNo = None
    delete_own_events: YesNo = None
    require_event_approval: YesNo = None
    create_albums: YesNo = None
    moderate_albums: YesNo = None
    edit_own_images: YesNo = None
    delete_own_images: YesNo = None
    upload_files: YesNo = None
    download_files: YesNo = None
    edit_own_profile: YesNo = None
    delete_own_profile: YesNo = None
    change_username: YesNo = None
    custom_title: YesNo = None
    signature: YesNo = None
    set_self_as_invisible: YesNo = None


class GroupShape(GroupPermissions):
    """A user group."""

    user_group_id: Id = None
    title: Text = None
    default_group: YesNo = None


class ModeratorRights(Shape):
    """What a moderator may do in a category."""

    approve_posts: YesNo = None
    edit_posts: YesNo = None
    delete_posts: YesNo = None
    move_posts: YesNo = None
    lock_topics: YesNo = None
    pin_topics: YesNo = None
    add_polls: YesNo = None
    edit_polls: YesNo = None
    delete_polls: YesNo = None


class ModeratorShape(ModeratorRights):
    """A moderator of a category."""

    moderator_id: Id = None
    category_id: Id = None
    user_id: Id = None
    username: Text = None


class FieldShape(Shape):
    """A custom profile field; `value` is a text or a list of texts."""

    profile_field_id: Id = None
    title: Text = None
    type: Text = None
    value: Any = None


SomeFields = Annotated[tuple[FieldShape, ...] | None, BeforeValidator(to_objects)]


class ShownProfile(Shape):
    """What a profile shows and lets set. `enable_messages`: may send messages; `allow_emails`: takes members' mail."""

    name: Text = None
    user_title: Text = None
    signature: Text = None
    avatar_url: Text = None
    instant_messaging_id: Text = None
    instant_messaging_type: Text = None
    allow_emails: YesNo = None
    enable_messages: YesNo = None
    offline: YesNo = None


class Profile(ShownProfile):
    """Texts and switches that can be set of a user. `auto_follow` is "", "posts", "threads" or "alltopics".

    `followed_content_email_frequency` is never, weekly, daily or immediately; `birth_date` has the form mm/dd/yy.
    `suppress_emails`: send no mail about this change.
    """

    birth_date: Text = None
    name_private: YesNo = None
    auto_follow: Text = None
    admin_emails: YesNo = None
    digest_emails: YesNo = None
    event_emails: YesNo = None
    mention_emails: YesNo = None
    message_emails: YesNo = None
    quote_emails: YesNo = None
    suppress_emails: YesNo = None
    followed_content_email_frequency: Text = None
    followed_content_notifications: YesNo = None
    mention_notifications: YesNo = None
    quote_notifications: YesNo = None


class UserShape(ShownProfile, PersonShape):
    """A user. The reference spells two keys with a space at the end, so both spellings are read."""

    email: Text = None
    user_groups: Items = None
    custom_fields: SomeFields = None
    ip_address: Text = Field(default=None, validation_alias=AliasChoices("ipAddress", "ipAddress "))
    country_code: Text = Field(default=None, validation_alias=AliasChoices("countryCode", "countryCode "))
    join_date_timestamp: Seconds = None
    last_visit_timestamp: Seconds = None
    last_post_timestamp: Seconds = None
    post_count: Whole = None
    reputation: Whole = None
    current_month_page_views: Whole = None
    unread_message_count: Whole = None
    new_notification_count: Whole = None
    like_notifications: YesNo = None
    invalid_email: Whole = None
    is_moderator: YesNo = None
    is_blocked: YesNo = None
    can_ban: YesNo = None
    can_edit: YesNo = None
    can_delete: YesNo = None

    def author(self, groups: tuple[str, ...] | None = None) -> Author:
        """The user as an event has it. `groups` are titles: the platform sends ids.

        The last visit is left out: it is the present one, and the event's is the one before.
        """
        fields = self.custom_fields
        return Author(
            user_id=self.user_id,
            username=self.username,
            email=self.email or None,
            ip_address=self.ip_address or None,
            country_code=self.country_code or None,
            join_date_timestamp=self.join_date_timestamp,
            post_count=self.post_count,
            reputation=self.reputation,
            user_groups=groups,
            custom_fields=None if fields is None else {f.title: _value(f.value) for f in fields if f.title},
            is_moderator=self.is_moderator,
        )


def _value(value: object) -> str | None:
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := to_text(item)))
    return to_text(value)
