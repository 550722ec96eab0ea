"""Documents from files: plain or gzip, or standard input for ``-``; whatever cannot be read becomes WrongInput."""

import gzip
import sys
import zlib
from typing import Any

from matching.cli.endings import WrongInput
from matching.errors import Fault, InvalidDocument

GZIP = b"\x1f\x8b"


def document(path: str) -> Any:
    """The JSON value in a file."""
    from matching.pairs.json_text import parse

    try:
        return parse(_expanded(_content(path), path))
    except InvalidDocument as error:
        raise unusable(path, error.faults) from error


def unusable(path: str, faults: list[Fault]) -> WrongInput:
    """What to say of a document with faults."""
    number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines = [f"{fault.pointer or '/'}: {fault.detail} ({fault.code})" for fault in faults]
    return WrongInput(f"{named(path)} cannot be used; {number}:", lines)


def named(path: str) -> str:
    """A path as people call it."""
    return "standard input" if path == "-" else path


def _content(path: str) -> bytes:
    if path == "-":
        if sys.stdin is None:
            raise WrongInput("standard input is closed; name a file")
        return sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise WrongInput(f"{path}: {reason[:1].lower()}{reason[1:]}") from error


def _expanded(content: bytes, path: str) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise WrongInput(f"{named(path)} is damaged: it begins as gzip and does not end so") from error
