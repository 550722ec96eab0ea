"""What the engine raises. It knows no HTTP and no database; callers translate."""

from collections.abc import Sequence
from typing import NamedTuple


class Fault(NamedTuple):
    """One wrong value of a document.

    ``pointer`` is a JSON pointer (RFC 6901), ``code`` is stable, ``detail`` is a sentence in English.
    """

    pointer: str
    code: str
    detail: str


class MatchingError(Exception):
    """Anything the engine refuses or cannot finish."""


class InvalidDocument(MatchingError):
    """A document that cannot be used; ``faults`` names every wrong value found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


class InvalidProblem(InvalidDocument):
    """The problem document contradicts its format or itself."""


class InvalidStrategy(InvalidDocument):
    """The strategy document contradicts its format or the rules for weights."""


class SolverFailed(MatchingError):
    """A solver gave no answer, or one that is not an optimum; nothing it said has been used."""


class TooLarge(MatchingError):
    """The problem is beyond what the engine can solve exactly; the message names the limit."""
