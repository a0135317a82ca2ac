"""The sentences of the reference that no table holds. Read by `rules.reference` alone."""

from __future__ import annotations

INTRODUCTION = """
# Reference of the rule language

Made by `modbot rules reference` from the tables that the loader uses; every example here is loaded by a test.

A file holds rules parted by `---`, or one mapping with `version`, `settings`, `lists`, `conditions`, `actions`,
`counters` and `rules`. Keys that are checks must all hold, keys that are actions run:

```yaml
name: newcomer with a link
type: post
author: {account_age: "< 7 days", post_count: "< 5"}
link_count: "> 0"
hold: "A link in one of the first posts"
```

The long form says the same with `when:` and `then:`; `any`, `all` and `none` nest freely:

```yaml
settings: {timezone: Europe/London, moderators: {groups: [Staff]}, mode: live}
lists: {bad: [casino, "free spins"]}
conditions: {newcomer: {author: {account_age: "< 7 days", post_count: "< 5"}}}
actions: {polite: [delete, message: "Hello {{author.name}}, please read the rules."]}
rules:
  - name: no-ads
    type: post
    event: [created, edited]
    when: {any: [{title+body: $bad}, {all: [{link_count: "> 3"}, {is: newcomer}]}]}
    then: [$polite]
```

A key is `[~]field[+field][#label][ (modifier, modifier)]`. A value is one word, a list (any of them), or a mapping
with `any`, `all` or `at_least` and `of`, and with `except`. Numbers are compared as `"< 5"`, `"<= 5"`, `"> 5"`,
`">= 5"`, `"!= 5"`, `"5..10"` or `5`; shares as `"> 80%"`; ages as `"< 7 days"`, measured at the event's own time. A
check on what is not known is unknown, and a rule acts only on true; `missing:`, `has:` and `empty:` ask outright.
"""

MODIFIERS = {
    "includes-word": ("the value stands as a word of its own; the default for prose", "body (includes-word): casino"),
    "includes": ("anywhere, inside words too", "body (includes): casino"),
    "starts-with": ("the text begins with it", 'title (starts-with): "[WTS]"'),
    "ends-with": ("the text ends with it", 'title (ends-with): "?"'),
    "full-exact": ("the whole text", 'body (full-exact): "!lock"'),
    "full-text": ("the whole text, but for punctuation and space round it", "body (full-text): solved"),
    "wildcard": ("`*` is any run of non-space, even none", 'body (wildcard): "cas*no"'),
    "regex": ("each value is a regex; the method says where it lies", "title (includes, regex): '\\b\\d{3} usd\\b'"),
    "case-sensitive": ("capitals matter", "title (case-sensitive): WTS"),
    "fold": ("diacritics, look-alike letters and leet count as the letters they stand for", "body (fold): casino"),
    "loose": ("as fold, and one separator is allowed between any two letters", "body (loose): casino"),
    "all": ("every value must occur", "title+body (all): [cheap, flights]"),
    "no-quotes": ("quoted posts are left out", 'body (no-quotes): "!solved"'),
    "no-code": ("code blocks are left out", "body (no-code): casino"),
}

DECIDED = (
    (
        "`limit` counts events on which the rule acts, by the clock of the machine, each event once; texts that `once` "
        "holds back count too. The event that is one too many is held already. A rule over its limit awards no points."
    ),
    (
        "A rule that names no `limit` drops to hold as well when it acts on more than 20 events in five minutes and "
        "these are ten times as many as five minutes of the day before had on average. In its first day, and in the "
        "day after a release, nobody knows what is usual, and it is left alone. `limit: none` lifts this too."
    ),
    (
        "`new_rules` compares what a rule says, with the lists, conditions, blocks and counters that it uses; examples "
        "and the rule's place do not count. A content that was live before is live again at once. Rules that ran "
        "before the setting was made stay live."
    ),
    (
        "A group for a time is given back when the time is over, counted from when the forum took it. A second offence "
        "moves the end; the same group without `for:` makes it last; a member who was in the group already, by "
        "somebody else, stays; a moderator's change of the group ends the timer."
    ),
    (
        "Who is in a group already is not put there again, unless some rule gives that group for a time: then the end "
        "may move."
    ),
    "`{title (includes, fold): x}`: the comma inside the brackets of a key parts nothing, inside braces neither.",
    "`true` and `false` may be spelled `True`, `TRUE`, `False`, `FALSE`, as YAML 1.2 has it; `yes` and `no` are words.",
    (
        "What is unused is read all the same: a faulty list, condition or counter is refused though no rule asks for "
        "it. A block of actions is read with the rule that uses it."
    ),
    (
        "A rule for events that never happen to its items is refused, and so is one whose events the platform never "
        "sends; where others of its events come, it is a warning."
    ),
    (
        "A group that no regex of a check has (`{{match.x.3}}`) is refused; where several have different numbers of "
        "groups, one that the hit lacks is empty."
    ),
    "`author: {name: x}` is called `name` or `author.name` in `{{match}}`.",
    ("Two rules that want the same action on the same slot: the second is logged as overridden by the first."),
    (
        "On equal priority, losing a group named in `settings: privileges` wins over gaining it; of other "
        "groups the contrary."
    ),
    (
        "A rule in `mode: hold` holds the item and sends one note, both live; moderators are exempt from that "
        "hold. A rule in shadow never changes what live rules do; its `stop` ends only other rules on trial."
    ),
    (
        "Facts are asked for only if they can still make a rule act. A rule that stays unknown whatever a "
        "fact says is reported as unknown without asking."
    ),
    (
        "A post is a topic's first if it says so, else if its id is the topic's first post id; when nobody "
        "can tell, a reply."
    ),
    (
        "In messages, replies and notes inserted text is escaped and disarmed (`hxxps://`, `example[.]com`, a "
        "word joiner after `@`); titles, subjects and reasons are plain text and keep it as it is. "
        "`{{permalink}}` stays a link."
    ),
    (
        "Joined texts are parted by an empty line and carry the first rule's name; the message's subject is "
        'the first that a rule wrote, else "A message from the moderators".'
    ),
    (
        "An action whose target has no id in the event is dropped and logged as `no target`; one that the "
        "event shows to change nothing as `no change`."
    ),
    (
        "When nobody can say whether the author is a moderator, the author is none. `settings: moderators` "
        "decides alone where it is given and the author's groups are known."
    ),
    "`category.parent` by title needs the title of the category above; by number its id.",
    "`exempt` that cannot be told counts like a `none:` that cannot be told: the rule is unknown.",
    (
        "A list's file has one value a line; empty lines and lines that begin with `#` are left out; it lies "
        "in the folder of its rules, or below."
    ),
    "`unlock`, `pin` and `unpin` restrict nobody: moderators are not exempt from rules that do only these.",
    "A value has at most 5,000 characters, a rule file 4 MiB, a text of an action 50,000 characters, an insert 5,000.",
    (
        "A rule without `type` runs on what its counts count: `of: topic` on topics, `of: user` on sign-ups. With a "
        "`type` that its count does not count, it looks at the window and adds nothing: replies by whoever started "
        "five topics today."
    ),
    (
        "What `where` cannot tell of an event is not counted. A key that can be fetched is fetched for every event "
        "that counts, for else the window would be wrong; a key that nobody knows makes the count unknown."
    ),
    (
        "Counts of one shape (all but `is`) share a window, whatever rule they stand in. Exemptions have no "
        "say in what is counted: posts of moderators count too."
    ),
    (
        "A key is an id where there is one, else the name. Links are the same as in `by: link`, domains without "
        "`www.`; of one event 100 different links are counted apart."
    ),
    (
        "A window holds 10,000 happenings, and 200 texts where `similar` is below 100%; when older ones had to go, a "
        "comparison that more could change is unknown."
    ),
    (
        "`duplicate` compares posts with posts and messages with messages, new ones alone: on an edit, and where "
        "`where` does not hold, it is unknown. A text under `min_length` is no duplicate."
    ),
    (
        "A rule in shadow counts in windows of its own, and its awards go to counters of its own; its `points` check "
        "sees the live ones and these together. A rule on hold counts and reads as if live, and awards as in shadow."
    ),
    (
        "`{{points.x}}` is the total with what the rule itself awards for the event. With `per: link` an event "
        "awards each of its links, and the highest total counts. An award may be negative; a rung awards nothing."
    ),
    (
        "A rung that restricts (a group, a hold) makes the awarding rule pass moderators over, as if it stood "
        "there. Its texts may use what every awarding rule can fill."
    ),
    (
        "`edit` replaces what is seen, also where inline tags or entities stand inside: `555-<b>123</b>-4567` is one "
        "number. Tags, line breaks made by tags, `href` and all attributes stay; an address that is itself to be read "
        "is text. `{{match}}` is every hit in the body of the first check that has one there."
    ),
    (
        "The plan of an `edit` holds the texts as written in the item: `replace` (a list) and `with`, and "
        "`inside_words: true` where hits do not stand as whole words. They are looked for in the post as it is when "
        "the action is carried out, capitals as written; where none is left nothing is sent. What stands inside a "
        "`with` that the post shows already is left."
    ),
    (
        '`with` is HTML of one line, at most 1,000 characters; `""` takes the text out. Of several edits of one item '
        "the first stands. `edit` stands outside `topic:`, and what it replaced cannot be had back from the bot."
    ),
    (
        "`kept: true`: an item counts no more from the moment that a rule decides to delete it; if it is deleted on an "
        "edit, neither edit nor item counts. A deletion in shadow or on hold is one for counts in shadow alone."
    ),
    (
        "A count that comes into use is filled from stored events before its rule decides on anything: with the newest "
        "50,000, or as many as can be read in 5 seconds; the log tells when that was not all. What the event and the "
        "facts looked up then do not tell is left out."
    ),
    (
        "`group_changed` compares with the groups that the event before showed, whatever the order and case of titles; "
        "a late event with what was known before it. Where events on users do not tell the groups, these are looked up."
    ),
    (
        "A text that `once` holds back is logged as overridden by `once`. `once` whose scope nobody knows holds "
        "nothing back."
    ),
)

STATE = """
A count asks how many happenings a sliding window holds, the present one with them; a duplicate, how many texts are like
the present one. The window is open at its far end: what is exactly `within` old is outside. Times are the events' own.

```yaml
name: flood
count: {of: post, by: author, within: 1 minute, is: ">= 6"}
notify_moderators: "{{author.name}}: {{count}} posts in a minute"
---
name: one listing a day
type: topic
category: Marketplace
count#day: {of: topic, by: [author, category], within: 1 day, is: "> 1", where: {~title: "[WIP]"}}
delete: "Listing number {{count.day}} today"
---
name: in many topics
count: {of: post, by: author, distinct: topic, within: 1 hour, is: ">= 4"}
hold: true
---
name: copy-paste wave
duplicate: {of: body, by: site, within: 1 hour, is: ">= 4", similar: 90%, min_length: 20}
hold: true
---
name: link wave
count: {of: post, by: link, within: 1 hour, is: ">= 5"}
hold: "{{link.url}} for the {{count}}th time"
---
name: sign-up wave
type: user
event: joined
count: {of: user, by: country, within: 10 minutes, is: ">= 15"}
add_to_group: Review
```

`of`, `by`, `within` (30 days at most) and `is` are needed. `where` takes checks: only what meets them is counted.
`kept: true` leaves out what the bot deleted. With `link` or `domain` in `by`, each link of the event is counted apart
and one that reaches `is` is enough. `distinct` counts different values in place of happenings.

Counters add up what rules award; points die one by one, each at its own age. A rung of the ladder fires when an award
carries the total up to it or past it: of several the highest, as if the awarding rule held its actions.

```yaml
counters:
  strikes: {per: author, expires: 30 days, ladder: [
    {at: 1, then: [message: "First warning, {{author.name}}."]},
    {at: 3, then: [{add_to_group: Muted}]},
    {at: 5, then: [add_to_group: Banned, notify_moderators: "{{author.name}} has {{points.strikes}} points"]} ]}
rules:
  - name: bad word
    body: casino
    then: [delete, add_points: {strikes: 1}]
  - name: known for it
    points: {strikes: ">= 2"}
    hold: "{{points.strikes}} strikes"
    once: per author 1 day
```
"""
