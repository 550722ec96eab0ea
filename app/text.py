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


class HostileText(ValueError):
    """Text that cannot be kept; the message names the character and where it stands."""


def clean(text: str) -> str:
    """``text`` in normal form C with LF line ends and no space around it; raises HostileText."""
    found = BIDI_CONTROLS.search(text) or UNPRINTABLE.search(text)
    if found:
        character = found.group()
        kind = "bidirectional control" if BIDI_CONTROLS.match(character) else "control or non-character"
        raise HostileText(f"contains U+{ord(character):04X} ({kind}) at character {found.start() + 1}; remove it")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
