"""What AutoModerator does, as our actions."""

from __future__ import annotations

from dataclasses import dataclass

from rules.importing import texts, words
from rules.importing.draft import Draft, Entry, plain, quoted
from rules.importing.notes import NotImported, Report
from rules.importing.searches import Key, Searches
from rules.importing.values import read_yes_no, yes_no
from rules.loading.nodes import Node, Scalar

BESIDE_ACTION = ("action_reason", "report_reason")


@dataclass(slots=True)
class Actions:
    """Translates the actions of one rule, after its searches, whose names its texts use."""

    draft: Draft
    report: Report
    searches: Searches

    def add(self, key: Key, node: Node, group: str) -> None:
        """Take one action into the draft. Raises NotImported for an action that Reddit does not have."""
        if key.word in words.LOST_ACTIONS:
            self.report.dropped(key.node.line, key.written, "this has no counterpart", words.LOST_ACTIONS[key.word])
        elif key.word == "action":
            self._action(key, node, group)
        elif key.word in words.SWITCHES:
            self._switch(key, node, group)
        else:
            self._text(key, node)

    def _action(self, key: Key, node: Node, group: str) -> None:
        word = node.value.strip().lower() if isinstance(node, Scalar) else ""
        if word not in words.ACTIONS:
            raise NotImported(key.node.line, key.written, "there is no such action", ", ".join(words.ACTIONS))
        if group == "author":
            raise NotImported(key.node.line, key.written, "Reddit has no action on authors", "move it out of author:")
        self._tell(key, word)
        if group == "topic" and word != "report":
            self._put(Entry(words.ACTIONS[word], plain("true"), key.node.line, key.written, group))
            return
        self.draft.of_removal = word in words.REMOVALS
        self.draft.exempts_moderators = word in (*words.REMOVALS, "report")
        ours = word if word == "report" else words.ACTIONS[word]
        self._put(Entry("action", plain(ours), key.node.line, f"{key.written}: {word}"))

    def _tell(self, key: Key, word: str) -> None:
        line, written = key.node.line, f"{key.written}: {word}"
        if word == "spam":
            self.report.once(line, written, "spam is deleted; no filter learns from it")
        if word == "report":
            self.report.once(line, written, "a report is a note to the moderators; nothing enters a queue of reports")
        if word == "approve" and any(entry.key == "reports" for entry in self.draft.entries):
            meaning = "approving lets a waiting post through and leaves its reports as they are; Reddit clears them"
            self.report.changed(line, written, meaning)

    def _switch(self, key: Key, node: Node, group: str) -> None:
        slot = isinstance(node, Scalar) and node.value in ("1", "2", "3", "4")
        if slot and key.word == "set_sticky":
            self.report.changed(key.node.line, key.written, "the topic is pinned; there are no numbered places")
        on = True if slot else read_yes_no(node)
        if on is None:
            raise NotImported(key.node.line, key.written, "this is true or false")
        if group == "topic":
            self._put(Entry(words.SWITCHES[key.word][0 if on else 1], plain("true"), key.node.line, key.written, group))
        else:
            self._put(Entry(key.word, yes_no(plain("true" if on else "false")), key.node.line, key.written))

    def _text(self, key: Key, node: Node) -> None:
        if not isinstance(node, Scalar):
            raise NotImported(key.node.line, key.written, "here stands a text", "put quotes round it")
        if not node.value.strip():
            self.report.dropped(key.node.line, key.written, "an empty text does nothing, as on Reddit")
            return
        ours = self._worded(key, node.value.strip())
        if key.word == "message_subject":
            self._put(Entry(key.word, quoted(ours), key.node.line, key.written), acts=False)
        elif key.word in BESIDE_ACTION:
            self._reason(key, ours)
        else:
            self._put(Entry(words.TEXTS[key.word], quoted(ours), key.node.line, key.written))

    def _reason(self, key: Key, text: str) -> None:
        reported = any(entry.key == "action" and _is(entry.value, "report") for entry in self.draft.entries)
        ours = "report_reason" if reported else "reason"
        if self.draft.holds(ours, ""):
            self.report.dropped(key.node.line, key.written, "the rule has a reason already, as on Reddit")
        else:
            self._put(Entry(ours, quoted(text), key.node.line, key.written), acts=False)

    def _worded(self, key: Key, text: str) -> str:
        line, written = key.node.line, key.written
        closed = texts.without_open_braces(text)
        if closed != text:
            self.report.changed(line, written, "a placeholder is not closed: one of its braces is left out")
        if texts.speaks_of_reddit(closed):
            meaning = "the text goes out as it is, and speaks of Reddit's pages or people"
            self.report.changed(line, written, meaning, "mend the text")
        if key.word in words.TEXTS:
            self._tell_of_texts(key, closed)
        if "{{match}}" in closed and len(self.searches.labels) > 1:
            meaning = "{{match}} is of the first check in the rule that found something; on Reddit of any"
            self.report.changed(line, written, meaning, "{{match.title}} names the check")
        if texts.quotes_groups(closed) and self.searches.several_regexes:
            meaning = "groups are counted in the regex that matched; on Reddit through all of the check together"
            self.report.changed(line, written, meaning, "mend the number")
        return texts.translate(closed, self.searches.labels)

    def _tell_of_texts(self, key: Key, text: str) -> None:
        line, written = key.node.line, key.written
        if texts.holds_markdown(text):
            self.report.changed(
                line, written, "Markdown is not rendered: its signs are seen", "write HTML, or plain text"
            )
        meaning = (
            "a text goes out once for each item and rule name, also after edits; Reddit repeats it when rules change"
        )
        self.report.once(line, written, meaning)
        if key.word != "modmail":
            self.report.once(line, written, "no line about a bot is put under a text", "add one to the text")
        if "{{permalink}}" in text:
            self.report.once(line, written, "{{permalink}} leads to the topic, also from a reply")
        if "{{kind}}" in text:
            self.report.once(line, written, "{{kind}} says topic or reply; on Reddit submission or comment")
        if "{{url}}" in text or "{{domain}}" in text:
            self.report.once(line, written, "{{url}} and {{domain}} are of the link that matched, else the first")

    def _put(self, entry: Entry, *, acts: bool = True) -> None:
        entry.is_action = acts
        self.draft.entries.append(entry)


def _is(node: Node, word: str) -> bool:
    return isinstance(node, Scalar) and node.value == word
