"""The codes that a record may use: every list in one query, and the nearest valid ones for a code that is not in it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from app.problems import Fault, pointer, suggest
from app.records import once_a_transaction
from app.reference.lists import LISTS

#: What stands for a domain that the source does not state. It is kept, reported and never matched.
UNSPECIFIED = "UNSPEC"

#: What a refusal calls one code of a list.
SINGULAR = {
    "domains": "domain",
    "modalities": "modality",
    "weapon-scopes": "weapon scope",
    "regions": "region",
    "group-kinds": "kind of group",
}


@dataclass(frozen=True)
class Vocabulary:
    """Codes by list: those in use, and those retired with the version that retired them."""

    current: dict[str, frozenset[str]]
    retired: dict[str, dict[str, str]]

    def faults(
        self, name: str, given: Sequence[str], place: Sequence[str | int], kept: Collection[str] = ()
    ) -> Iterator[Fault]:
        """What is wrong with the codes ``given`` at ``place``; a retired code may stay where it was ``kept``."""
        current = self.current[name]
        if len(set(given)) < len(given):
            repeated = next(code for code in given if given.count(code) > 1)
            yield Fault(pointer(*place), "repeated_code", f"{repeated} is given twice; give each code once")
        if current.issuperset(given):
            return
        for number, code in enumerate(given):
            if code not in current and code not in kept:
                yield self._fault(name, code, pointer(*place, number))

    def fault(self, name: str, code: str, place: Sequence[str | int], kept: str | None = None) -> Iterator[Fault]:
        """What is wrong with the one ``code`` at ``place``."""
        if code not in self.current[name] and code != kept:
            yield self._fault(name, code, pointer(*place))

    def _fault(self, name: str, code: str, place: str) -> Fault:
        what, current = SINGULAR[name], self.current[name]
        if version := self.retired[name].get(code):
            detail = f"the {what} {code} was retired in {version} and cannot be newly used; {suggest(code, current)}"
            return Fault(place, "retired_code", detail)
        return Fault(place, "unknown_code", f"there is no {what} {code}; {suggest(code, current)}")


def vocabulary(session: Session) -> Vocabulary:
    """Every code of every list, read once in a transaction."""
    return once_a_transaction(session, "vocabulary", lambda: _read(session))


def _read(session: Session) -> Vocabulary:
    selects = [select(literal(name).label("list"), model.code, model.retired_in) for name, model in LISTS.items()]
    current: dict[str, set[str]] = {name: set() for name in LISTS}
    retired: dict[str, dict[str, str]] = {name: {} for name in LISTS}
    for name, code, version in session.execute(union_all(*selects)):
        if version is None:
            current[name].add(code)
        else:
            retired[name][code] = version
    return Vocabulary({name: frozenset(codes) for name, codes in current.items()}, retired)
