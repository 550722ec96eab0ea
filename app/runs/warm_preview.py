"""A preview against a finished run: what one need or offer more, or another one, would have changed in it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

import matching
from app.messages import render
from app.problems import Conflict, Fault
from app.records import refuse
from app.runs import explained, proposals
from app.runs.child import SolveFailed
from app.runs.preview import solved
from app.runs.preview_schemas import Method, PreviewedPairing, PreviewInRun, PreviewInRunAsk
from app.runs.previewed import Asked, asked
from app.runs.sentences import Names, listed
from app.runs.warm import Kept, kept
from app.visibility import Viewer

if TYPE_CHECKING:
    from matching.insight.preview import Part, Preview


def preview_in(session: Session, viewer: Viewer, reference: str, body: PreviewInRunAsk) -> PreviewInRun:
    """What the one record of ``body`` would have changed in a run, exactly as a new solve would say.

    A new solve is made where only it can tell. Raises InvalidContent, NotFound, PreviewTookTooLong, TooManyPreviews,
    and Conflict where the run has no optimum, or would have none with the record.
    """
    optimum = kept(session, viewer, reference)
    record = asked(session, reference, optimum.document, body)
    found = _warm(optimum, record)
    method = Method.SOLVED if found is None else Method.WARM
    if found is None:
        found = _anew(session, viewer, reference, optimum, record)
    known = None if record.is_new else record.record["id"]
    pairings = [
        PreviewedPairing(
            need=known if record.kind == "need" else need,
            member=member,
            offer=known if record.kind == "offer" else offer,
            units=units,
        )
        for need, member, offer, units in found.pairings
    ]
    losers, winners = _changed(found.displaced), _changed(found.helped)
    told = [*losers, *winners, *(each.model_dump() for each in pairings if each.need)]
    names = Names.telling(
        session, viewer, {each["need"] for each in told}, {each["member"] for each in told if each["member"]}, set()
    )
    return PreviewInRun(
        run=reference,
        method=method,
        asked=record.record["units"],
        served=sum(each.units for each in pairings),
        gain=list(found.gain),
        pairings=pairings,
        losers=losers,
        winners=winners,
        sentences=_sentences(record, pairings, found, optimum.objective, names),
    )


def _warm(optimum: Kept, record: Asked) -> "Preview | None":
    """What the optimum that is kept says; None where only a new solve can tell."""
    from matching.insight.edits import NotWarm

    with optimum.lock:
        try:
            return (
                optimum.previews.need(record.record) if record.kind == "need" else optimum.previews.offer(record.record)
            )
        except NotWarm:
            return None
        except matching.InvalidProblem as error:
            # Codes that came into the record after the run, and are not in its problem.
            refuse([Fault("", fault.code, f"{fault.detail}, as of the run") for fault in error.faults])
            raise


def _anew(session: Session, viewer: Viewer, reference: str, optimum: Kept, record: Asked) -> "Preview":
    """What a new solve of the run with the record says, beside the run's result."""
    from matching.insight.anew import compared

    before = json.loads(proposals.document(session, viewer, reference, "result"))
    session.rollback()  # a connection must not be held while the solver works
    name = f"{record.kind}s"
    others = [each for each in optimum.document[name] if each["id"] != record.record["id"]]
    try:
        after = solved(optimum.document | {name: [*others, record.record]})
    except SolveFailed as failed:
        if failed.code != "problem_refused":
            raise
        raise Conflict(f"{reference} could not be run with this: {failed.params['first']}") from failed
    if after["status"] != "optimal":
        raise Conflict(f"with this {record.kind}, not all that was decided for {reference} could be kept")
    return compared(record.kind, record.record["id"], optimum.objective, before, after)


def _changed(units_of: Mapping["Part", int]) -> list[dict[str, Any]]:
    return [
        {"need": name, "member": member, "units": units} for (name, member), units in sorted(units_of.items(), key=str)
    ]


def _sentences(
    record: Asked, pairings: list[PreviewedPairing], found: "Preview", objective: str, names: Names
) -> list[str]:
    said = [_of_record(record, pairings, names)]
    if any(found.gain):
        loses = next(level for level in found.gain if level) < 0
        gain = [-level if loses else level for level in found.gain]
        said.append(render("preview.loses" if loses else "preview.gains", gain=explained.loss(gain, objective)))
    for changed, code in ((found.displaced, "pair.losers"), (found.helped, "preview.winners")):
        if changed:
            said.append(render(code, losers=listed([explained.called(each, names) for each in _changed(changed)])))
    return said


def _of_record(record: Asked, pairings: list[PreviewedPairing], names: Names) -> str:
    if not pairings:
        return render(f"unused.{record.kind}")
    if record.kind == "need":
        return render("preview.need.used", offers=listed([str(each.offer) for each in pairings]))
    served = [explained.called(each.model_dump(), names) for each in pairings]
    return render("preview.offer.used", needs=listed(served))
