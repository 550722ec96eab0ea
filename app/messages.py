"""The message catalogue: codes and parameters in, sentences out. None is stored; each is made where it is read.

One file for each language, ``app/locale/<language>/LC_MESSAGES/assist1540.po``. A message's id is its code,
such as ``rule.DOMAIN``; its text names its parameters in braces.
"""

from collections.abc import Callable
from functools import cache
from gettext import c2py
from importlib.resources import files
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "en"

#: Header of an answer that holds sentences: their language, whatever the names in them are in.
SPOKEN = {"Content-Language": DEFAULT_LANGUAGE}


@cache
def catalogue(language: str) -> Catalog:
    """Every message of a language, read once."""
    source = files("app") / "locale" / language / "LC_MESSAGES" / "assist1540.po"
    with source.open("rb") as opened:
        return read_po(opened, locale=language, abort_invalid=True)


def codes(language: str = DEFAULT_LANGUAGE) -> set[str]:
    """The codes that a language has a message for."""
    return {_code_of(message.id) for message in catalogue(language) if message.id}


def render(code: str, language: str = DEFAULT_LANGUAGE, **params: Any) -> str:
    """The sentence for ``code``; the parameter ``n`` decides between singular and plural where it has both.

    Raises KeyError for a code without a message, and for a parameter that the message names and nobody gave.
    """
    messages = catalogue(language)
    message = messages.get(code)
    if message is None:
        raise KeyError(code)
    text = message.string
    if isinstance(text, str):
        return text.format_map(params)
    assert text is not None
    return text[_plural(language)(params["n"])].format_map(params)


@cache
def _plural(language: str) -> Callable[[int], int]:
    """Which of a message's forms goes with a number."""
    form: Callable[[int], int] = c2py(catalogue(language).plural_expr)
    return form


def _code_of(identity: str | list[str] | tuple[str, ...]) -> str:
    return identity if isinstance(identity, str) else identity[0]
