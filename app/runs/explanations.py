"""Reading what a run says for itself beside its pairings: of its offers, of supply, and of joint activities."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.messages import render
from app.paging import Page, PageQuery, list_of
from app.problems import NotFound, suggest
from app.runs import explained, proposals, sentences
from app.runs.schemas import OfferUse, PoolRead, ShadowRead
from app.visibility import Viewer

Json = dict[str, Any]


class Numbered(NamedTuple):
    """An entry of an explanation and its place in a list, from 1."""

    number: int
    entry: Json


def offers(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[OfferUse], Page[Any]]:
    """One page of what became of each offer, in the order of the problem; raises NotFound or Conflict."""
    found = _page(_part(session, viewer, reference, "offers"), query, f"{reference}/offers")
    return [_use(*each) for each in found.rows], found


def offer(session: Session, viewer: Viewer, reference: str, wanted: str) -> OfferUse:
    """What became of one offer, and which needs wanted a unit of it; raises NotFound or Conflict."""
    told = _part(session, viewer, reference, "offers")
    numbered = {each["offer"]: (number, each) for number, each in enumerate(told, 1)}
    if wanted not in numbered:
        raise NotFound(f"{reference} says nothing of an offer {wanted}; {suggest(wanted, list(numbered))}")
    use = _use(*numbered[wanted])
    query = proposals.PairingsQuery.model_validate({"offer": [wanted], "limit": 1000})
    paired, _ = proposals.pairings(session, viewer, reference, query)
    served = [render("served.by_offer", n=each.units, need=each.need) for each in paired]
    # The needs that wanted a unit are the same for every pairing of an offer.
    rivals = [rival.sentence for each in paired[:1] for rival in each.rivals or ()]
    return use.model_copy(update={"sentences": [*use.sentences, *served, *rivals]})


def overlaps(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[OfferUse], Page[Any]]:
    """One page of the offers whose needs others could serve too, the most replaceable first, and those never used."""
    told = _part(session, viewer, reference, "offers")
    apart = sorted(told, key=lambda each: (-each["shared"], each["offer"]))
    listed = [each for each in apart if each["shared"] or not each["used"]]
    found = _page(listed, query, f"{reference}/overlaps")
    return [_use(*each) for each in found.rows], found


def shadows(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[ShadowRead], Page[Any]]:
    """One page of what one more unit would add, by subject and subregion, the greatest gain first."""
    run = proposals.finished(session, viewer, reference)
    told = _part(session, viewer, reference, "shadows")
    ordered = sorted(told, key=lambda each: ([-level for level in each["gain"]], each["domain"], each["subregion"]))
    found = _page(ordered, query, f"{reference}/shadow-prices")
    names = sentences.Names.of(session, viewer, set(), {entry["domain"] for _, entry in found.rows})
    read = [
        ShadowRead(number=number, **entry, sentence=explained.of_shadow(entry, run.objective, names))
        for number, entry in found.rows
    ]
    return read, found


def pools(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[PoolRead], Page[Any]]:
    """One page of the joint activities that are proposed, the ones that meet most more needs first."""
    found = _page(_part(session, viewer, reference, "pools"), query, f"{reference}/pooled-demand")
    groups, domains = ({entry[name] for _, entry in found.rows} for name in ("group", "domain"))
    names = sentences.Names.of(session, viewer, {f"group:{group}" for group in groups}, domains)
    read = [
        PoolRead(
            number=number,
            **{name: entry[name] for name in ("group", "domain", "modality", "needs", "offer", "gain")},
            met_before=entry["met"][0],
            met_after=entry["met"][1],
            sentence=explained.of_pool(entry, names),
        )
        for number, entry in found.rows
    ]
    return read, found


def certificate(session: Session, viewer: Viewer, reference: str) -> Json:
    """The prices that prove a run's result, with the verdict on them; raises NotFound or Conflict."""
    result = json.loads(proposals.document(session, viewer, reference, "result"))
    verdict = json.loads(proposals.document(session, viewer, reference, "verdict"))
    told = ("status", "objective", "bound", "solver_bound", "certificate", "input_hash", "result_hash")
    return {name: result[name] for name in told} | {"verdict": verdict}


def _part(session: Session, viewer: Viewer, reference: str, part: str) -> list[Json]:
    found: list[Json] = json.loads(proposals.document(session, viewer, reference, "explanation"))[part]
    return found


def _page(entries: Sequence[Json], query: PageQuery, of: str) -> Page[Numbered]:
    return list_of([Numbered(*each) for each in enumerate(entries, 1)], "number", query, of=of)


def _use(number: int, entry: Json) -> OfferUse:
    return OfferUse(number=number, **entry, sentences=explained.of_offer(entry))
