"""One rule of AutoModerator as a draft of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.importing import people, words
from rules.importing.actions import BESIDE_ACTION, Actions
from rules.importing.draft import Draft, Entry, listed, plain, quoted
from rules.importing.notes import NotImported, Report
from rules.importing.searches import Key, Searches, read_key
from rules.importing.values import yes_no
from rules.loading.documents import DEFINITIONS
from rules.loading.nodes import Mapping, Node, Scalar
from rules.loading.parts import take_apart

Pair = tuple[Key, Node, str]
"""A key, its value, and the group it stands in."""

MOST_KEYS = 500
"""Keys of one rule."""

ACTION_WORDS = {"action", *words.TEXTS, *words.SWITCHES, *words.LOST_ACTIONS, *BESIDE_ACTION, "message_subject"}


@dataclass(slots=True)
class Translation:
    """Fills a draft from the rule's mapping."""

    draft: Draft
    report: Report

    def fill(self, node: Mapping) -> None:
        """Take in every key. Raises NotImported."""
        pairs = self._pairs(node)
        if len(pairs) > MOST_KEYS:
            raise NotImported(node.line, node.written, f"it holds over {MOST_KEYS} keys", "split it")
        self._refuse_twice(pairs)
        self._type(pairs)
        one_link = any(key.negated and key.word in words.OF_LINK and not group for key, _, group in pairs)
        searches = Searches(self.draft, self.report, one_link)
        actions = Actions(self.draft, self.report, searches)
        for key, value, group in pairs:
            if key.word not in ACTION_WORDS:
                self._key(key, value, group, searches)
        for key, value, group in sorted(pairs, key=lambda pair: pair[0].word != "action"):
            if key.word in ACTION_WORDS:
                actions.add(key, value, group)
        self._exempt_from_reports()
        self._question()

    def _pairs(self, node: Mapping) -> list[Pair]:
        pairs: list[Pair] = []
        for key_node, value in node.entries:
            key = read_key(key_node)
            if key.word in words.GROUPS and isinstance(value, Mapping) and not key.negated:
                group = words.GROUPS[key.word]
                pairs += [(read_key(name), inner, group) for name, inner in value.entries]
            elif key.word == "author":
                pairs.append((replace(key, fields=("name",)), value, "author"))
            else:
                pairs.append((key, value, ""))
        return pairs

    @staticmethod
    def _refuse_twice(pairs: list[Pair]) -> None:
        """Capitals do not matter on Reddit, so that two keys may turn out to be one."""
        first: dict[tuple[str, str], Key] = {}
        for key, _, group in pairs:
            other = first.setdefault((group, key.written.lower()), key)
            if other is not key:
                raise NotImported(key.node.line, key.written, f"the key stands twice, first in line {other.node.line}")

    def _type(self, pairs: list[Pair]) -> None:
        found = next(((key, node) for key, node, group in pairs if key.word == "type" and not group), None)
        word = found[1].value.strip().lower() if found and isinstance(found[1], Scalar) else ""
        if found and word in words.POST_FORMS:
            raise NotImported(found[0].node.line, f"type: {word}", "forums have no such posts")
        if found and word not in words.TYPES:
            raise NotImported(found[0].node.line, f"type: {word}", "there is no such type", ", ".join(words.TYPES))
        self.draft.type = words.TYPES[word or "any"] or self._narrowed(pairs)
        if found and word == "text submission":
            meaning = "every topic is meant, with links or without: forums have no link posts beside text posts"
            self.report.changed(found[0].node.line, f"type: {word}", meaning)
        if found and word == "link submission":
            self.report.changed(
                found[0].node.line, f"type: {word}", "a topic with a link in its title or text is meant"
            )
            self._put(found[0], quoted("> 0"), "link_count")

    @staticmethod
    def _narrowed(pairs: list[Pair]) -> str:
        """The type of a rule that names none: Reddit makes two of it, and drops the one that does not fit its words."""
        top = [key for key, _, group in pairs if not group]
        of_topics = any(set(key.fields) <= words.ON_TOPICS for key in top)
        of_replies = any(key.word in words.ON_REPLIES for key in top) or any(group == "topic" for _, _, group in pairs)
        if of_topics and of_replies:
            raise NotImported(pairs[0][0].node.line, pairs[0][0].written, "Reddit has no item with all that this asks")
        return "topic" if of_topics else "reply" if of_replies else ""

    def _key(self, key: Key, node: Node, group: str, searches: Searches) -> None:
        searched = set(key.fields) & {*words.SEARCHED, *words.LOST_CHECKS} and (group or key.word != "name")
        if searched and not isinstance(node, Mapping):
            searches.add(key, node, group)
        elif key.word in words.LOST_CHECKS:
            why, remedy = words.LOST_CHECKS[key.word]
            raise NotImported(key.node.line, key.written, why, remedy)
        elif key.word.endswith("_karma"):
            people.add_karma(key, node, group, self.draft, self.report)
        elif key.word == "account_age":
            people.add_age(key, node, group, self.draft, self.report)
        elif key.word == "past_archive_date":
            people.add_archived(key, node, self.draft)
        elif key.word in words.ABSENT:
            people.add_absent(key, node, self.report)
        elif key.word in words.YES_NO_CHECKS:
            people.add_yes_no(key, node, group, self.draft)
        else:
            self._of_rule(key, node, group)

    def _of_rule(self, key: Key, node: Node, group: str) -> None:
        if key.word in ("type", "name") and not group:
            return
        if key.word == "standard":
            self._standard(key, node)
        elif key.word == "reports":
            self._reports(key, node, group)
        elif key.word in words.NUMBER_CHECKS:
            self._put(key, plain(node.value) if isinstance(node, Scalar) else node, key.word, group)
        elif key.word in ("priority", "moderators_exempt", "ignore_blockquotes") and not group:
            self.draft.entries.append(Entry(key.word, yes_no(node), key.node.line, key.written))
        else:
            self._pass_on(key, node, group)

    @staticmethod
    def _standard(key: Key, node: Node) -> None:
        name = node.value if isinstance(node, Scalar) else ""
        why = f"Reddit's own list {name[:60]!r} is not in the file and not public here"
        remedy = "name the domains once in lists: and use them as domain: $name"
        raise NotImported(key.node.line, f"{key.written}: {name}", why, remedy)

    def _reports(self, key: Key, node: Node, group: str) -> None:
        text = node.value if isinstance(node, Scalar) else ""
        self._put(key, quoted(f">= {text}" if text.isdecimal() else text), "reports", group)
        if not group:
            meaning = f"at least {text}, as on Reddit; it is asked when the forum sends a report, or on an edit"
            self.report.changed(key.node.line, key.written, meaning, "not every forum sends reports")
            self.draft.entries.append(
                Entry("event", listed([plain("edited"), plain("reported")]), key.node.line, key.written)
            )

    def _pass_on(self, key: Key, node: Node, group: str) -> None:
        """A word that Reddit does not have: the loader says what it makes of it. Checks cannot be left out."""
        if key.word in DEFINITIONS and not group:
            raise NotImported(key.node.line, key.written, "Reddit has no such word", "write it into a file of modbot")
        parts = take_apart(Mapping(file="", line=1, column=1, entries=[(plain(key.word), node)]))
        entry = Entry(key.written, node, key.node.line, key.written, group, is_check=bool(parts.checks or group))
        entry.is_action = bool(parts.actions or key.word == "then")
        self.draft.entries.append(entry)

    def _put(self, key: Key, value: Node, ours: str, group: str = "") -> None:
        self.draft.entries.append(Entry(ours, value, key.node.line, key.written, group, is_check=True))

    def _exempt_from_reports(self) -> None:
        """Reddit exempts moderators from reports, which restrict nobody here."""
        reports = self.draft.exempts_moderators and not self.draft.of_removal
        if reports and not self.draft.holds("moderators_exempt", ""):
            self.draft.entries.append(Entry("moderators_exempt", plain("true"), self.draft.line, "action: report"))

    def _question(self) -> None:
        draft = self.draft
        if not draft.checks and not draft.type:
            raise NotImported(draft.line, "", "it asks nothing, and would act on everything", "name a check")
