"""What is wrong with a file or with lines of it, told so that whoever made the file can mend it."""

from dataclasses import dataclass


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says where and what to do. Nothing was written."""


@dataclass(frozen=True, order=True)
class LineFault:
    """One thing wrong: the line of the file, the column, why it cannot be taken, and what to do about it."""

    line: int
    column: str
    reason: str
    remedy: str
