"""Text from outside: one normal form, and nothing in it that could hide or reorder what a reader sees."""

import re
import unicodedata

#: Overrides, embeddings and isolates: they make a line read in another order than it is stored. The plain
#: marks U+200E, U+200F and U+061C stay allowed, since ordinary Arabic text uses them.
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")

#: Other, control (except tab and line ends), surrogate, private use or not a character at all.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)


#: Characters of no width and no meaning, which make two words look like one or hide what only a program reads:
#: zero-width space, word joiner and invisible operators, byte order mark, fillers, deprecated controls, tags. The
#: joiners U+200C and U+200D stay allowed, since Persian and the scripts of India are spelt with them, and so does
#: one variation selector after a character; a row of them can spell out a hidden text.
INVISIBLE = re.compile(
    "[\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    "|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)

#: What a character is called -> the characters.
REFUSED = {
    "bidirectional control": BIDI_CONTROLS,
    "control or non-character": UNPRINTABLE,
    "invisible character": INVISIBLE,
}


class HostileText(ValueError):
    """Text that cannot be kept; the message names the character and where it stands."""


def clean(text: str) -> str:
    """``text`` in normal form C with LF line ends and no space around it; raises HostileText."""
    for kind, characters in REFUSED.items():
        if found := characters.search(text):
            number, place = ord(found.group()), found.start() + 1
            raise HostileText(f"contains U+{number:04X} ({kind}) at character {place}; remove it")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
