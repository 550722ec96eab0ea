"""Reading the code lists, page by page."""

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.paging import Page, PageQuery, page
from app.reference.models import (
    CodeList,
    Domain,
    GroupKind,
    Modality,
    Region,
    Relatedness,
    WeaponScope,
)
from app.visibility import Viewer, visible

LISTS: dict[str, type[Domain | Modality | WeaponScope | Region | GroupKind]] = {
    "domains": Domain,
    "modalities": Modality,
    "weapon-scopes": WeaponScope,
    "regions": Region,
    "group-kinds": GroupKind,
}


def codes(
    session: Session, viewer: Viewer, name: str, query: PageQuery, wanted: list[str]
) -> Page[Row[tuple[object, ...]]]:
    """One page of the list called ``name``, all of it or the ``wanted`` codes, in the order of the codes."""
    table = LISTS[name].__table__
    statement = visible(select(*table.columns), viewer)
    if wanted:
        statement = statement.where(table.c.code.in_(wanted))
    return page(session, statement, [table.c.code], query, of=name)


def relatedness(
    session: Session, viewer: Viewer, query: PageQuery, domains: list[str]
) -> Page[Row[tuple[object, ...]]]:
    """One page of the pairs of related domains, all of them or those with one of ``domains`` in them."""
    table = Relatedness.__table__
    statement = visible(select(*table.columns), viewer)
    if domains:
        statement = statement.where(table.c.a.in_(domains) | table.c.b.in_(domains))
    return page(session, statement, [table.c.a, table.c.b], query)


def versions(session: Session, viewer: Viewer, query: PageQuery) -> Page[Row[tuple[object, ...]]]:
    """One page of the versions of every list."""
    table = CodeList.__table__
    return page(session, visible(select(*table.columns), viewer), [table.c.name, table.c.version], query)
