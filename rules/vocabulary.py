"""The words of the rule language that no table of the loader describes: each with its meaning and an example that runs.

Read by `rules.reference`; a test compares the lists with those of the loader and loads every example.
"""

from __future__ import annotations

FILE_KEYS = {
    "version": ("the version of the language", "version: 1"),
    "settings": ("what holds for all rules of the folder", "settings: {timezone: Europe/London}"),
    "lists": ("values by name, or a file of them (one a line): `$bad`", 'lists: {bad: [casino, "free spins"]}'),
    "conditions": ("checks by name: `is: newcomer`", "conditions: {newcomer: {author.post_count: '< 5'}}"),
    "actions": ("actions by name: `then: [$polite]`", "actions: {polite: [delete, message: Please read the rules.]}"),
    "counters": ("points that add up, and what follows", "counters: {strikes: {per: author, expires: 30 days}}"),
    "rules": ("the rules; in a file parted by `---` each is a document of its own", "rules: []"),
}

SETTINGS = {
    "timezone": ("of `time:`; UTC if none is set", "timezone: Europe/London"),
    "moderators": ("`groups` and `users` that are moderators", "moderators: {groups: [Staff], users: [marlow]}"),
    "mode": ("the mode of rules that name none", "mode: shadow"),
    "new_rules": (
        "where a new or changed rule starts, until `modbot rules release`",
        "new_rules: shadow",
    ),
    "privileges": ("groups that it is safer to be without: on a tie, losing one wins", "privileges: [Trusted]"),
}

RULE_KEYS = {
    "name": ("unique; the log and undo refer to it", "name: no-ads"),
    "type": (
        "`topic`, `reply`, `post` (either), `conversation` or `user`; narrowed by the checks where not written",
        "type: topic",
    ),
    "event": (
        (
            "`created`, `edited`, `approved`, `joined`, `group_changed`, `reported`, or an event's name in full; "
            "several in a list. `group_changed` is a `user.updated` whose groups have changed"
        ),
        "event: [created, edited]",
    ),
    "when": (
        "checks: a mapping or a list, all of which must hold",
        'when: [{title+body: casino}, {link_count: "> 3"}]',
    ),
    "then": ("actions: one, or a list; `$name` is a block of `actions:`", "then: [hold, reply: One moment please.]"),
    "priority": ("a whole number; higher goes first, and wins", "priority: 10"),
    "stop": ("`true`: when it matches, rules after it are passed over", "stop: true"),
    "exempt": (
        "`groups`, `users`, `categories` that the rule passes over",
        "exempt: {groups: [Trusted], users: [wren], categories: [Test area]}",
    ),
    "moderators_exempt": (
        "`false`: it treats moderators like everybody; `true`: it passes them over whatever it does",
        "moderators_exempt: false",
    ),
    "once": (
        (
            "`per item`, `per author`, `per topic`, `per category` or `per site`, and a span if not for ever: how "
            "often its texts (reply, message, note) are sent; its other actions are not held back"
        ),
        "once: per author 1 day",
    ),
    "cooldown": ("a span: the same as `once: per site 10 minutes`", "cooldown: 10 minutes"),
    "limit": (
        (
            "on how many events it may act before it drops to hold until a person releases it; `none` lifts it. A rule "
            "that deletes or changes groups has `100 per hour` unless it says otherwise; one without `limit` is held "
            "back as well when it suddenly acts ten times as often as in the day before"
        ),
        "limit: 20 per hour",
    ),
    "mode": (
        "`live`, `hold` (holds the item and tells what it would have done), `shadow` (only tells) or `off`",
        "mode: hold",
    ),
    "reason": ("text for the audit log", "reason: advertising"),
    "examples": (
        "`match` and `no_match`: events that it must, and must not, match; a failing one blocks the file",
        "examples: {match: [casino, {body: casino, author: {post_count: 0}}], no_match: [a quiet word]}",
    ),
    "ignore_blockquotes": ("`true`: quotes are left out of every text check of the rule", "ignore_blockquotes: true"),
}

LOGIC = {
    "any": (
        "one entry holds; a mapping's keys are entries of their own",
        "any: [{body: casino}, {title: casino}]",
    ),
    "all": ("every entry holds", "all: [{body: casino}, {link_count: '> 0'}]"),
    "none": ("no entry holds", "none: {author.groups: Trusted, category: Test area}"),
    "is": ("a condition of `conditions:`, or one of several", "is: newcomer"),
    "missing": ("nobody knows the field; of several, each", "missing: author.country"),
    "has": ("the field is known and not empty", "has: [author.country, topic.tags]"),
    "empty": ("the field is known and empty", "empty: topic.tags"),
    "satisfy_any_threshold": (
        "in `author:`, `true`: one of its numbers and ages is enough; `any:` says it better",
        "author: {satisfy_any_threshold: true, post_count: '< 5', account_age: '< 7 days'}",
    ),
}

VALUES = {
    "one": ("as spelled: `007`, `1.10` and `NO` stay so", "body: casino"),
    "several": ("any of them", "body: [casino, free spins]"),
    "any": ("the same, where `except` stands beside it", "body (includes): {any: [casino], except: [Casino Royale]}"),
    "all": ("every one of them, in one or other of the joined fields", "title+body: {all: [cheap, flights]}"),
    "at_least": ("so many different ones `of` those", "body: {at_least: 2, of: [cheap, flights, call]}"),
    "of": ("what `at_least` counts", "body: {at_least: 2, of: [cheap, flights, call]}"),
    "except": (
        "a hit inside one of these counts for nothing",
        "body (includes): {any: [casino], except: [Casino Royale]}",
    ),
    "$list": ("the values of a list, beside others", "body: [$bad, casino]"),
    "~": ("before the key: none of it", '~title (starts-with): ["[Help]", "[News]"]'),
    "+": ("between fields: in one or other of them", "title+body+author.name: casino"),
    "#label": ("behind the fields: a name, to ask one thing twice and to quote its hit", "body#price: casino"),
}

QUANTITIES = {
    "<": ("less", 'author.post_count: "< 5"'),
    "<=": ("at most", 'author.post_count: "<= 5"'),
    ">": ("more", 'author.post_count: "> 5"'),
    ">=": ("at least", 'author.post_count: ">= 5"'),
    "!=": ("anything else", 'author.post_count: "!= 5"'),
    "=": ("just this; so says a bare number, save in `reports`", "author.post_count: 5"),
    "..": ("both ends in", 'author.post_count: "5..10"'),
    "%": ("a share", 'body_caps_share: "> 80%"'),
    "age": (
        (
            "in `seconds`, `minutes`, `hours`, `days`, `weeks`, `months` (30 days) or `years` (365 days), at "
            "the event's own time"
        ),
        'author.account_age: "< 7 days"',
    ),
}

PLACEHOLDERS = {
    "title": ("the topic's title, of a message its subject", "{{title}}"),
    "body": ("the visible text", "{{body|truncate:200}}"),
    "permalink": ("where the topic stands; stays a link", "{{permalink}}"),
    "kind": ("topic, reply, message or user", "{{kind}}"),
    "forum": ("the forum's name in modbot.yaml; `subreddit` is the same", "{{forum}}"),
    "author": ("short for author.name; so is `category` for its name and `topic` for its title", "{{author}}"),
    "author.name": ("any field that has one value, by its path", "{{author.account_age}}"),
    "link.url": ("of the link that matched, else the first; so `url`, `domain`, and", "{{link.domain}}"),
    "link.text": ("its words, and `link.path`", "{{link.text}}"),
    "match": ("the first hit of the first check that matched", "{{match}}"),
    "match.name": ("the first hit of a check, by its label, else by its fields as written", "{{match.price}}"),
    "match.name.1": ("the first group of its regex, or one by name", "{{match.price.1}} {{match.price.unit}}"),
    "match-name-2": ("AutoModerator's numbers: 2 is the first group", "{{match-price-2}}"),
    "count": ("the number of a count or duplicate that holds; `count.label` of one", "{{count.day}}"),
    "points": ("a counter's total, with what the rule awards for the event", "{{points.strikes}}"),
}
"""Shown in a rule that has a check `body#price` with a regex, a count `count#day` and a counter `strikes`."""

FILTERS = {
    "mask": ("the letters after each first one as `*`", "{{match|mask}}"),
    "truncate": ("at most so many characters", "{{title|truncate:80}}"),
    "default": ("in place of nothing", '{{author.country|default:"?"}}'),
    "upper": ("in capitals", "{{title|upper}}"),
    "lower": ("in small letters", "{{title|lower}}"),
    "sentence_case": ("a capital at the start of each sentence alone", "{{title|sentence_case}}"),
}

AUTOMODERATOR = {
    "submission": ("`type: topic`", "type: submission"),
    "comment": ("`type: reply`; as a key, `reply`", "type: comment"),
    "parent_submission": ("`topic:`", "parent_submission: {title: casino}"),
    "is_submitter": ("`is_topic_author`", "author: {is_submitter: true}"),
    "combined_karma": ("`reputation`, as every word that ends in `_karma`", 'author: {combined_karma: "< 5"}'),
    "flair_text": ("of people `groups`, of items `topic.tags`; so `flair_css_class`", "author: {flair_text: Trusted}"),
    "action": ("`approve`, `remove`, `spam`, `filter` or `report`", "action: filter"),
    "report_reason": ("the text of `action: report`", "{action: report, report_reason: advertising}"),
    "message_subject": ("the subject of `message`", "{message: Hello, message_subject: Your post}"),
    "action_reason": ("`reason`", "action_reason: advertising"),
    "set_locked": ("`lock`, of replies inside `topic:` alone", "parent_submission: {set_locked: true}"),
    "set_sticky": ("`pin`, of replies inside `topic:` alone", "parent_submission: {set_sticky: false}"),
}
