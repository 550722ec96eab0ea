"""Reading States, organizations, groups and their members."""

from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from app.paging import Page, PageQuery, page
from app.parties.models import GroupFacts, Membership, Party, PartyKind, StateFacts
from app.parties.schemas import GroupRead, MemberRead, PartyRead, StateRead
from app.problems import NotFound
from app.records import table_of
from app.reference.models import GroupKind
from app.visibility import Viewer, visible

STATE = table_of(StateFacts)
GROUP = table_of(GroupFacts)
MEMBERSHIP = table_of(Membership)

#: Filter -> the column that it is exact on.
FILTERS = {
    "kind": Party.kind,
    "code": Party.code,
    "region": StateFacts.region_code,
    "subregion": StateFacts.subregion_code,
    "intermediate_region": StateFacts.intermediate_region_code,
    "regional_group": StateFacts.regional_group,
    "income_group": StateFacts.income_group,
    "ldc": StateFacts.ldc,
    "lldc": StateFacts.lldc,
    "sids": StateFacts.sids,
    "group_kind": GroupFacts.group_kind,
}


def _parties() -> Select[Any]:
    return (
        select(
            *Party.__table__.columns,
            *(column.label(f"state_{column.name}") for column in STATE.columns),
            *(column.label(f"group_{column.name}") for column in GROUP.columns),
        )
        .select_from(Party)
        .outerjoin(StateFacts)
        .outerjoin(GroupFacts)
    )


def _read(row: Any) -> PartyRead:
    given = row._mapping
    state = group = None
    if given["state_party_id"] is not None:
        state = StateRead.model_validate({name: given[f"state_{name}"] for name in StateRead.model_fields})
    if given["group_party_id"] is not None:
        group = GroupRead.model_validate({name: given[f"group_{name}"] for name in GroupRead.model_fields})
    own = {name: given[name] for name in PartyRead.model_fields if name not in ("state", "group")}
    return PartyRead(**own, state=state, group=group)


def parties(
    session: Session, viewer: Viewer, query: PageQuery, wanted: dict[str, Any]
) -> tuple[list[PartyRead], Page[Any]]:
    """One page of the parties that every filter in ``wanted`` leaves, by reference."""
    statement = visible(_parties(), viewer)
    for name, value in wanted.items():
        column = FILTERS[name]
        if isinstance(value, list):
            statement = statement.where(column.in_(value)) if value else statement
        elif value is not None:
            statement = statement.where(column == value)
    found = page(session, statement, [Party.__table__.c.reference], query)
    return [_read(row) for row in found.rows], found


def party(session: Session, viewer: Viewer, reference: str) -> PartyRead:
    """The party called ``reference``; raises NotFound."""
    row = session.execute(visible(_parties(), viewer).where(Party.reference == reference)).one_or_none()
    if row is None:
        raise NotFound(f"there is no party {reference}; a reference is like state:ALB, group:CAN or organization:IAEA")
    return _read(row)


def members(
    session: Session, viewer: Viewer, code: str, query: PageQuery, statuses: list[str], on: date | None
) -> tuple[list[MemberRead], Page[Any]]:
    """One page of who belongs to a group, ever or ``on`` a day, by State, status and date; raises NotFound."""
    group = party(session, viewer, f"{PartyKind.GROUP.value}:{code}")
    state_party = aliased(Party)
    statement: Select[Any] = (
        select(
            STATE.c.iso3.label("state"),
            state_party.name.label("name"),
            Membership.status,
            Membership.since,
            Membership.starts_on,
            Membership.ends_on,
            Membership.note,
            (Membership.status == GroupKind.counting_statuses.any_()).label("counts"),
        )
        .join(StateFacts, StateFacts.party_id == Membership.state_id)
        .join(state_party, state_party.id == StateFacts.party_id)
        .join(GroupFacts, GroupFacts.party_id == Membership.group_id)
        .join(GroupKind, GroupKind.code == GroupFacts.group_kind)
        .join(Party, Party.id == GroupFacts.party_id)
        .where(Party.reference == group.reference)
    )
    statement = visible(statement, viewer)
    if statuses:
        statement = statement.where(Membership.status.in_(statuses))
    if on is not None:
        statement = statement.where(
            or_(Membership.starts_on.is_(None), Membership.starts_on <= on),
            or_(Membership.ends_on.is_(None), Membership.ends_on >= on),
        )
    keys = [STATE.c.iso3, MEMBERSHIP.c.status, MEMBERSHIP.c.since]
    found = page(session, statement, keys, query, of=group.reference)
    return [MemberRead.model_validate(row) for row in found.rows], found
