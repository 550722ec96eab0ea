"""The languages that a record may name: ISO 639 codes, as the Unicode locale data know them."""

from functools import cache

from babel import Locale


@cache
def languages() -> dict[str, str]:
    """The English name of every language by its code, of two letters where there is such a code, else of three."""
    return {
        str(code): str(name)
        for code, name in Locale("en").languages.items()
        if code.isalpha() and len(code) <= 3 and code not in NO_LANGUAGE
    }


#: Codes that stand for several languages, for none, or for one that is not known.
NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})
