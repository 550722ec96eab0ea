"""Reading what a run proposed: its pairings, its unmatched needs, and its documents as they were stored."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filters import one_of
from app.paging import Codes, Page, PageQuery, page
from app.problems import Conflict
from app.runs import explained, sentences
from app.runs.confidence import Doubtful
from app.runs.models import Pairing, Run, RunDocument, RunState, Unmatched
from app.runs.schemas import Alternate, Firmness, PairingRead, Rival, RunnerUp, SmallestChange, UnmatchedRead
from app.runs.service import read
from app.strategies.models import Strategy
from app.visibility import Viewer, visible


class PairingsQuery(PageQuery):
    """Filters of a run's pairings."""

    need: Codes
    offer: Codes
    requester: Codes
    provider: Codes
    state: Annotated[Codes, Field(description="ISO 3166-1 alpha-3 code of a State that is served")]
    domain: Codes


class UnmatchedQuery(PageQuery):
    """Filters of a run's unmatched needs."""

    code: Annotated[Codes, Field(description="Reason, such as NO_ELIGIBLE_OFFER")]
    need: Codes
    requester: Codes
    state: Annotated[Codes, Field(description="ISO 3166-1 alpha-3 code of a State that the need is for")]
    domain: Codes


def pairings(
    session: Session, viewer: Viewer, reference: str, query: PairingsQuery
) -> tuple[list[PairingRead], Page[Any]]:
    """One page of the pairings that a run proposes, by need, member and offer; raises NotFound or Conflict."""
    columns = Pairing.__table__.c
    run = finished(session, viewer, reference)
    statement = visible(select(Pairing.__table__), viewer).where(columns.run_id == run.id)
    statement = one_of(
        statement,
        {
            columns.need_reference: query.need,
            columns.offer_reference: query.offer,
            columns.requester: query.requester,
            columns.provider: query.provider,
            columns.domain: query.domain,
        },
    )
    if query.state:
        statement = statement.where(columns.states.overlap(query.state))
    keys = [columns.need_reference, columns.member, columns.offer_reference]
    found = page(session, statement, keys, query, of=f"{reference}/pairings")
    doubtful = Doubtful.read(session, viewer, found.rows)
    names = sentences.Names.of_pairings(session, viewer, found.rows)
    unsaid = sentences.without_firmness(run.unexplained, reference)
    return [pairing_read(row, doubtful, names, run.objective, unsaid) for row in found.rows], found


def unmatched(
    session: Session, viewer: Viewer, reference: str, query: UnmatchedQuery
) -> tuple[list[UnmatchedRead], Page[Any]]:
    """One page of the needs that a run leaves with units unserved, by need and member; raises NotFound or Conflict."""
    columns = Unmatched.__table__.c
    run = finished(session, viewer, reference)
    statement = visible(select(Unmatched.__table__), viewer).where(columns.run_id == run.id)
    statement = one_of(
        statement,
        {
            columns.code: query.code,
            columns.need_reference: query.need,
            columns.requester: query.requester,
            columns.domain: query.domain,
        },
    )
    if query.state:
        statement = statement.where(columns.states.overlap(query.state))
    found = page(session, statement, [columns.need_reference, columns.member], query, of=f"{reference}/unmatched")
    names = sentences.Names.read(session, viewer, found.rows)
    return [unmatched_read(row, names) for row in found.rows], found


def document(session: Session, viewer: Viewer, reference: str, kind: str) -> bytes:
    """A stored document of a run, by its ``kind``, as canonical JSON; raises NotFound, or Conflict if it has none."""
    run = read(session, viewer, reference)
    statement = select(RunDocument.content).join(Run, Run.id == RunDocument.run_id)
    content = session.scalar(visible(statement, viewer).where(Run.reference == reference, RunDocument.kind == kind))
    if content is None and run.state is RunState.DONE:
        raise Conflict(f"{reference} was made before runs had a document of this kind: {kind}; revise it to get one")
    if content is None:
        raise Conflict(f"{reference} is {run.state}; only a finished run has a {kind}")
    return gzip.decompress(content)


def pairing_read(
    row: Any, doubtful: Doubtful, names: sentences.Names, objective: str, unsaid: Sequence[str] = ()
) -> PairingRead:
    """A pairing with its sentences, the last ones on what is ``unsaid``; ``row`` has the columns of the table."""
    runner_ups = row.runner_ups and [
        RunnerUp(**each, sentence=explained.of_runner_up(each, objective)) for each in row.runner_ups
    ]
    rivals = row.rivals and [
        Rival(**each, sentence=explained.of_rival(each, row.offer_reference, objective, names)) for each in row.rivals
    ]
    alternates = row.alternates and [
        Alternate(**each, sentence=explained.of_alternate(each, objective, names)) for each in row.alternates
    ]
    firmness = row.firmness and Firmness(
        **row.firmness,
        share=str(Fraction(row.firmness["stays"], row.firmness["settings"])),
        sentence=explained.of_firmness(row.firmness),
    )
    return PairingRead(
        need=row.need_reference,
        member=row.member or None,
        requester=row.requester,
        states=row.states,
        domain=row.domain,
        offer=row.offer_reference,
        provider=row.provider,
        units=row.units,
        points=row.points,
        terms=dict(sentences.by_points(row.terms)),
        rests_on=row.rests_on,
        doubtful=doubtful.of(row),
        conditions=row.conditions,
        runner_ups=runner_ups,
        rivals=rivals,
        alternates=alternates,
        firmness=firmness,
        sentences=[
            *sentences.of_pairing(row),
            *sentences.doubtful(doubtful.of(row)),
            *([firmness.sentence] if firmness else unsaid),
        ],
    )


def unmatched_read(row: Any, names: sentences.Names) -> UnmatchedRead:
    """An unmatched need with its sentences; ``row`` has the columns of the table."""
    return UnmatchedRead(
        need=row.need_reference,
        member=row.member or None,
        requester=row.requester,
        states=row.states,
        domain=row.domain,
        units=row.units,
        code=row.code,
        eligible=row.eligible,
        rules=dict(sentences.in_order(row.rules)),
        taken_by=row.taken_by,
        change=row.change and SmallestChange(**row.change, sentence=explained.of_change(row.change, names)),
        sentences=sentences.of_unmatched(row, names),
    )


@dataclass(frozen=True)
class Finished:
    """A run that has proposed something: the name of its objective, and what its explanation lacks, with the reason."""

    id: UUID
    objective: str
    unexplained: Mapping[str, str]


def finished(session: Session, viewer: Viewer, reference: str) -> Finished:
    """A run that has proposed something; raises NotFound, or Conflict for one that has not."""
    run = read(session, viewer, reference)
    if run.state is not RunState.DONE:
        raise Conflict(f"{reference} is {run.state}; only a finished run proposes anything")
    statement = select(Run.id, Strategy.document).join(Run.strategy).where(Run.reference == reference)
    found = session.execute(visible(statement, viewer)).one()
    return Finished(found.id, found.document["objective"], run.summary.unexplained if run.summary else {})
