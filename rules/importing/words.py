"""AutoModerator's words as tables: which are ours under another name, and which speak of what forums do not have."""

from __future__ import annotations

from rules.loading.parts import LEFT_OUT

TYPES = {
    "any": "",
    "submission": "topic",
    "text submission": "topic",
    "link submission": "topic",
    "comment": "reply",
}
POST_FORMS = ("crosspost submission", "poll submission", "gallery submission")
"""Types of Reddit's posts that no forum has."""

GROUPS = {"author": "author", "parent_submission": "topic"}
METHODS = ("includes-word", "includes", "starts-with", "ends-with", "full-exact", "full-text")
FLAIR = ("flair_text", "flair_css_class")
OF_LINK = ("domain", "url")
LOST_FIELDS = {
    "id": "ids of Reddit name nothing here",
    "flair_template_id": "ids of Reddit's flair templates name nothing here",
}
"""Searched fields whose values can never be found here."""

SEARCHED = ("title", "body", "name", *OF_LINK, *FLAIR, *LOST_FIELDS)
ABSENT = {
    "is_gold": "Reddit gold",
    "is_poll": "polls as posts",
    "is_gallery": "galleries as posts",
    "is_original_content": "marks for original content",
    "is_meta_discussion": "meta posts",
}
"""Yes/no checks of what forums do not have: `true` never holds, `false` always does."""

CROSSPOSTS = ("crosspost_id", "crosspost_title", "crosspost_author", "crosspost_subreddit")
NO_CROSSPOST = "forums have no crossposts, so that this never holds"
LOST_CHECKS = {
    "contributor_quality": (
        "forums have no contributor quality score",
        'author: {account_age: "< 7 days", post_count: "< 5"}',
    ),
    "has_verified_email": (
        "forums do not tell whether an address is verified",
        "author: {email_domain: [...]} asks for the address",
    ),
    "is_contributor": ("forums have no approved submitters", "put them into a group and ask for author: {groups: ...}"),
    "discussion_type": ("forums have no chat posts", None),
    "poll_option_text": ("forums send no polls", None),
    "poll_option_count": ("forums send no polls", None),
    "media_author": ("forums send nothing of what a link shows", None),
    "media_author_url": ("forums send nothing of what a link shows", None),
    "media_title": ("forums send nothing of what a link shows", None),
    "media_description": ("forums send nothing of what a link shows", None),
    "event_label": ("forums have no temporary events", None),
    "subreddit": ("a forum is its own only subreddit", None),
    **dict.fromkeys(CROSSPOSTS, (NO_CROSSPOST, None)),
}
"""Checks without counterpart, and what to do."""

LOST_ACTIONS = {
    **{word: remedy for word, remedy in LEFT_OUT.items() if word not in LOST_CHECKS and word not in ("standard", "on")},
    "set_original_content": "forums have no such mark",
    "set_post_crowd_control_level": "forums have no crowd control",
}
"""Actions and their particulars without counterpart, and what to do."""

ACTIONS = {"approve": "approve", "remove": "delete", "spam": "delete", "filter": "hold", "report": "notify_moderators"}
REMOVALS = ("remove", "spam", "filter")
TEXTS = {"comment": "reply", "modmail": "notify_moderators", "message": "message"}
SWITCHES = {"set_locked": ("lock", "unlock"), "set_sticky": ("pin", "unpin")}
YES_NO_CHECKS = ("is_top_level", "is_edited", "is_submitter", "is_moderator", "satisfy_any_threshold")
NUMBER_CHECKS = ("body_longer_than", "body_shorter_than")
ON_TOPICS = {
    "title",
    *OF_LINK,
    *FLAIR,
    "flair_template_id",
    "set_sticky",
    "set_nsfw",
    "set_spoiler",
    "set_contest_mode",
    "set_suggested_sort",
    "set_flair",
    "is_poll",
    "is_gallery",
    "is_original_content",
}
"""Words that Reddit has for submissions alone: a rule of no type that uses one is a rule on submissions."""

ON_REPLIES = ("parent_submission", "is_top_level")
"""Words that Reddit has for comments alone."""
