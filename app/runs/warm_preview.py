"""A preview against a finished run: what one need more would have changed in it, told in milliseconds."""

from typing import Any

from sqlalchemy.orm import Session

from app.messages import render
from app.problems import Conflict, Fault
from app.records import refuse
from app.runs import explained
from app.runs.preview import drafted_needs
from app.runs.schemas import PreviewAsk, PreviewedPairing, PreviewInRun
from app.runs.sentences import Names, listed
from app.runs.warm import kept
from app.visibility import Viewer


def preview_in(session: Session, viewer: Viewer, reference: str, body: PreviewAsk) -> PreviewInRun:
    """What the one need of ``body`` would have changed in a run, exactly as a new solve would say.

    Raises InvalidContent, NotFound, and Conflict where only a new solve can tell.
    """
    from matching.insight.edits import NotWarm

    if len(body.needs) > 1:
        refuse([Fault("/needs", "too_many", "a run is previewed with one need at a time")])
    [need] = drafted_needs(session, body)
    optimum = kept(session, viewer, reference)
    with optimum.lock:
        try:
            found = optimum.previews.need(need)
        except NotWarm as error:
            raise Conflict(f"{error}; only a new solve can tell, which POST /v1/preview makes") from error
    losers: list[dict[str, Any]] = [
        {"need": name, "member": member, "units": units}
        for (name, member), units in sorted(found.displaced.items(), key=str)
    ]
    pairings = [PreviewedPairing(offer=str(offer), units=units) for _, _, offer, units in found.pairings]
    names = Names.telling(
        session, viewer, {each["need"] for each in losers}, {each["member"] for each in losers if each["member"]}, set()
    )
    return PreviewInRun(
        run=reference,
        asked=need["units"],
        served=sum(each.units for each in pairings),
        gain=list(found.gain),
        pairings=pairings,
        losers=losers,
        conditions_kept=optimum.previews.conditions_kept,
        sentences=_sentences(pairings, list(found.gain), losers, optimum.objective, names),
    )


def _sentences(
    pairings: list[PreviewedPairing], gain: list[int], losers: list[dict[str, Any]], objective: str, names: Names
) -> list[str]:
    if not pairings:
        return [render("preview.unserved")]
    offers = listed([each.offer for each in pairings])
    said = [render("preview.served", offers=offers, gain=explained.loss(gain, objective))]
    if losers:
        said.append(render("pair.losers", losers=listed([explained.called(each, names) for each in losers])))
    return said
