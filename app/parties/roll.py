"""Who may be named in a record: every party by reference, every State and group by code, who belongs to which group."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.parties.models import GroupFacts, Membership, Party, PartyKind, StateFacts
from app.problems import Fault, pointer, suggest
from app.records import once_a_transaction
from app.reference.models import GroupKind


@dataclass(frozen=True)
class Named:
    """A party, as far as a record that names it must know it. ``is_state``: its reference data are those of a State."""

    id: UUID
    reference: str
    kind: PartyKind
    code: str
    matchable: bool
    is_state: bool
    retired_in: str | None


@dataclass(frozen=True)
class Roll:
    """Every party by reference. ``states`` and ``groups`` are those of them that are one, by code."""

    parties: dict[str, Named]
    states: dict[str, Named]
    groups: dict[str, Named]

    def party_fault(self, reference: str, place: Sequence[str | int], kept: Collection[str] = ()) -> Iterator[Fault]:
        """What is wrong with naming the party ``reference`` at ``place``."""
        party = self.parties.get(reference)
        if party is None:
            kind = reference.partition(":")[0]
            near = [each for each in self.parties if each.startswith(f"{kind}:")]
            yield Fault(pointer(*place), "unknown_party", f"there is no party {reference}; {suggest(reference, near)}")
        elif party.retired_in and reference not in kept:
            yield Fault(pointer(*place), "retired_party", f"{reference} was retired in {party.retired_in}")

    def parties_faults(
        self, given: Sequence[str], place: Sequence[str | int], kept: Collection[str] = ()
    ) -> Iterator[Fault]:
        """What is wrong with naming the parties ``given``."""
        yield from _repeated(given, place)
        for number, reference in enumerate(given):
            yield from self.party_fault(reference, (*place, number), kept)

    def state_faults(
        self, given: Sequence[str], place: Sequence[str | int], kept: Collection[str] = ()
    ) -> Iterator[Fault]:
        """What is wrong with naming the States ``given`` by ISO 3166-1 alpha-3 code."""
        return _code_faults("State", self.states, given, place, kept)

    def group_faults(
        self, given: Sequence[str], place: Sequence[str | int], kept: Collection[str] = ()
    ) -> Iterator[Fault]:
        """What is wrong with naming the groups ``given`` by code."""
        return _code_faults("group", self.groups, given, place, kept)


def _repeated(given: Sequence[str], place: Sequence[str | int]) -> Iterator[Fault]:
    if len(set(given)) < len(given):
        repeated = next(code for code in given if given.count(code) > 1)
        yield Fault(pointer(*place), "repeated_code", f"{repeated} is given twice; give each code once")


def _code_faults(
    what: str, known: dict[str, Named], given: Sequence[str], place: Sequence[str | int], kept: Collection[str]
) -> Iterator[Fault]:
    yield from _repeated(given, place)
    for number, code in enumerate(given):
        party = known.get(code)
        if party is None:
            detail = f"there is no {what} {code}; {suggest(code, known)}"
            yield Fault(pointer(*place, number), f"unknown_{what.lower()}", detail)
        elif party.retired_in and code not in kept:
            detail = f"the {what} {code} was retired in {party.retired_in} and cannot be newly used"
            yield Fault(pointer(*place, number), f"retired_{what.lower()}", detail)


def roll(session: Session) -> Roll:
    """Every party, read once in a transaction."""
    return once_a_transaction(session, "roll", lambda: _read_roll(session))


def _read_roll(session: Session) -> Roll:
    statement = select(
        Party.id,
        Party.reference,
        Party.kind,
        Party.code,
        Party.matchable,
        StateFacts.party_id.is_not(None).label("is_state"),
        Party.retired_in,
    ).outerjoin(StateFacts)
    parties = {row.reference: Named(*row) for row in session.execute(statement)}
    return Roll(
        parties,
        {party.code: party for party in parties.values() if party.is_state},
        {party.code: party for party in parties.values() if party.kind is PartyKind.GROUP},
    )


@dataclass(frozen=True)
class Belonging:
    """A period in which a State counts as belonging to a group; an end that is not known is open."""

    starts_on: date | None
    ends_on: date | None

    def holds(self, day: date) -> bool:
        """Whether ``day`` lies in the period."""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or self.ends_on >= day)


def members_on(session: Session, group: str, day: date) -> frozenset[str]:
    """The States, by code, that count as belonging to ``group`` on ``day``."""
    belonging = once_a_transaction(session, "belonging", lambda: _read_belonging(session))
    return frozenset(
        state for state, periods in belonging[group].items() if any(period.holds(day) for period in periods)
    )


def groups_on(session: Session, state: str, day: date) -> frozenset[str]:
    """The groups, by code, that ``state`` counts as belonging to on ``day``."""
    belonging = once_a_transaction(session, "belonging", lambda: _read_belonging(session))
    return frozenset(
        group for group, states in belonging.items() if any(period.holds(day) for period in states.get(state, ()))
    )


def _read_belonging(session: Session) -> defaultdict[str, dict[str, list[Belonging]]]:
    """Group -> State -> its periods, for the statuses that count in a group of its kind."""
    group = aliased(Party)
    statement = (
        select(group.code, StateFacts.iso3, Membership.starts_on, Membership.ends_on)
        .join(GroupFacts, GroupFacts.party_id == Membership.group_id)
        .join(GroupKind, GroupKind.code == GroupFacts.group_kind)
        .join(group, group.id == Membership.group_id)
        .join(StateFacts, StateFacts.party_id == Membership.state_id)
        .where(Membership.status == GroupKind.counting_statuses.any_())
    )
    belonging: defaultdict[str, dict[str, list[Belonging]]] = defaultdict(dict)
    for code, state, starts_on, ends_on in session.execute(statement):
        belonging[code].setdefault(state, []).append(Belonging(starts_on, ends_on))
    return belonging
