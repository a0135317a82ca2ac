"""Letters that look alike: what `fold` makes equal. Only `rules.text` imports this module.

The tables are the single letters of Unicode's confusables list (UTS 39) whose look-alike is an ASCII letter. Not in
them: what NFKC settles (full-width and mathematical letters), and living scripts without case, as Han, Arabic, the
Indian scripts. So that upper and lower case of one word fold alike, a small letter that looks like nothing in ASCII
follows its capital.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Each line: the ASCII letter, then the code points that look like it.
_SMALL: Final = """
a: 251 3b1 430 13aa 15c5 a4ee 102a0 16f40
b: 185 3b2 432 44c 13cf 13f4 1472 15af 15f7 a4d0 a7b5 10282 102a1 10301
c: 441 13df 1d04 2ca5 a4da abaf 102a2 10302 1043d 1051c
d: 501 13a0 13e7 146f 15de 15ea a4d2 a4d3
e: 3b5 435 4bd 13ac 2d39 a4f0 ab32 10286 118c6 118ce
f: 3dd 584 15b4 1e9d a4dd a799 ab35 10287 102a5 10525 118c2
g: 18d 261 50d 581 13c0 13f3 1d83 a4d6
h: 3b7 43d 4bb 570 13bb 13c2 157c 2c8f a4e7 102cf
i: 131 269 26a 3b9 456 4cf 13a5 2c93 a647 ab75 118c3
j: 29d 3f3 458 13ab 148d a4d9
k: 3ba 43a 13e6 16d5 2c95 a4d7 10518
l: 1c0 13de 14aa 16c1 2cd1 2d4f a4e1 a4f2 1028a 10309 10443 10526 118d2 16f16 16f28
m: 3bc 3fb 43c 13b7 15f0 16d6 2c99 a4df 102b0 10311
n: 578 57c 2c9b a4e0 10513
o: 3bf 3c3 43e 585 10ff 1d0f 1d11 2c9f 2d54 a4f3 ab3d 10292 102ab 1042c 104ea 10516 118c8
o: 118d5 118d7
p: 3c1 440 13e2 146d 2ca3 a4d1 10295
q: 51b 563 566 2d55
r: 280 433 13a1 13d2 1587 1d26 2c85 a4e3 ab47 ab48 ab81 104dc 16f35
s: 1bd 455 57f 13d5 13da a4e2 a731 abaa 10296 10448 118c1 16f3a
t: 3c4 442 13a2 2ca7 a4d4 10297 102b1 10315 16f0a
u: 28b 3c5 57d 144c 1d1c a4f4 a79f ab4e ab52 104f6 118d8 16f42
v: 3bd 475 13d9 142f 1d20 2d38 a4e6 a6df aba9 1051d 11706 118c0 16f08
w: 26f 461 51d 561 13b3 13d4 1d21 a4ea ab83 1170a 1170e 1170f
x: 3c7 445 1541 157d 16b7 2cad 2d5d a4eb ab53 10290 102b4 10317 10527
y: 263 28f 3b3 443 4af 10e7 13a9 13bd 1d8c 1eff 2ca9 a4ec ab5a 102b2 118dc 16f43
z: 3b6 13c3 1d22 a4dc ab93 118c4 118c9
"""
_CAPITAL: Final = """
A: 391 410 13aa
B: 184 392 412 42c 13cf 13f4 a7b4
C: 421 13df 2ca4 10415
D: 13a0 13e7
E: 395 415 13ac 118a6 118ae
F: 3dc a798 118a2
G: 50c 13c0 13f3
H: 397 41d 13bb 13c2 2c8e
I: 196 399 406 4c0 13a5 2c92
J: 37f 408 13ab a7b2
K: 39a 41a 13e6 2c94
L: 13de 2cd0 1041b 118a3 118b2
M: 39c 3fa 41c 13b7 2c98
N: 39d 2c9a
O: 39f 41e 555 2c9e 10404 104c2 118b5
P: 3a1 420 13e2 2ca2
R: 1a6 13a1 13d2 104b4
S: 405 54f 13d5 13da 10420
T: 3a4 422 13a2 2ca6 118bc
U: 54d 104ce 118b8
V: 474 13d9 118a0
W: 51c 13b3 13d4
X: 3a7 425 2cac a7b3
Y: 3a5 423 4ae 13a9 13bd 2ca8 118a4
Z: 396 13c3 118a9
"""
# Letters with a stroke, which Unicode does not decompose.
_STRUCK: Final = "o:f8 l:142 d:111 h:127 t:167 b:180 g:1e5 i:268 u:289 y:24f z:1b6 O:d8 L:141 D:110 H:126 T:166"
# Accents on Latin, Greek, Cyrillic, Hebrew and Arabic letters; the vowel signs of Indian scripts are letters.
MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\ufe20-\ufe2f]+"
)
_TOKEN: Final = re.compile(r"(?:[^\W_]|[$@])+")
_LEET_CHARACTERS: Final = re.compile("[013457$@]")
_LEET: Final = {"i": str.maketrans("013457$@", "oieastsa"), "l": str.maketrans("013457$@", "oleastsa")}
_SKELETON: Final = str.maketrans("013457$@l", "oieastsai")
_MIXED_GREEK: Final = re.compile("(?<=[A-Za-z])[\u0397\u039d\u03a5]|[\u0397\u039d\u03a5](?=[A-Za-z])")
_GREEK_CAPITALS: Final = {"\u0397": "H", "\u039d": "N", "\u03a5": "Y"}


_MOST_LETTERS: Final = 20_000


class _Letters(dict[int, int]):
    """Code point -> the code point it folds to; what is not in the tables is looked up in Unicode once."""

    def __missing__(self, code: int) -> int:
        """Take off the accents of a letter that has them."""
        parts = unicodedata.normalize("NFKD", chr(code))
        bare = ord(parts[0]) if len(parts) > 1 and MARKS.fullmatch(parts[1:]) else code
        target = self[bare] if bare != code else code
        if len(self) < _MOST_LETTERS:
            self[code] = target
        return target


def _code(digits: str) -> int:
    return int(digits, 16)


def _read(table: str) -> dict[int, int]:
    return {
        _code(code): ord(letter)
        for line in table.strip().splitlines()
        for letter, codes in [line.split(": ")]
        for code in codes.split()
    }


_FOLDED: Final = _Letters(_read(_SMALL) | _read(_CAPITAL) | {_code(p[2:]): ord(p[0]) for p in _STRUCK.split()})


def bare_letters(text: str) -> str:
    """Each letter without its accents and as the ASCII letter that it looks like; the length stays."""
    return text if text.isascii() else text.translate(_FOLDED)


def mixed_greek(text: str) -> str:
    """Greek capitals beside Latin letters as the Latin capitals they look like; their small forms look otherwise."""
    return text if text.isascii() else _MIXED_GREEK.sub(lambda hit: _GREEK_CAPITALS[hit[0]], text)


def leet_letters(text: str, one: str = "i") -> str:
    """The text with `0 1 3 4 5 7 $ @` as letters inside tokens that hold a letter; `one` is what `1` is read as."""
    if not _LEET_CHARACTERS.search(text):
        return text
    return _TOKEN.sub(lambda token: _leet_token(token[0], one), text)


def leet_anywhere(text: str, one: str) -> str:
    """The same, inside tokens of digits too."""
    return text.translate(_LEET[one])


def skeleton(text: str) -> str:
    """A text in which everything that `fold` may read alike is the same character; the length stays."""
    return text.translate(_SKELETON)


def _leet_token(token: str, one: str) -> str:
    return token.translate(_LEET[one]) if any(c.isalpha() for c in token) else token
