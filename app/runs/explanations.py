"""Reading what a run says for itself beside its pairings: of its offers, of supply, and of joint activities."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.messages import render
from app.paging import Page, PageQuery, list_of
from app.problems import NotFound, suggest
from app.runs import explained, proposals, sentences
from app.runs.schemas import OfferUse, PoolRead, ShadowRead
from app.visibility import Viewer

Json = dict[str, Any]


def offers(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[OfferUse], Page[Any]]:
    """One page of what became of each offer, in the order of the problem; raises NotFound or Conflict."""
    told = _part(session, viewer, reference, "offers")
    uses = [_use(number, each) for number, each in enumerate(told, 1)]
    found = list_of(uses, "number", query, of=f"{reference}/offers")
    return list(found.rows), found


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
    uses = [_use(number, each) for number, each in enumerate(listed, 1)]
    found = list_of(uses, "number", query, of=f"{reference}/overlaps")
    return list(found.rows), found


def shadows(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[ShadowRead], Page[Any]]:
    """One page of what one more unit would add, by subject and subregion, the greatest gain first."""
    run = proposals.finished(session, viewer, reference)
    told = _part(session, viewer, reference, "shadows")
    ordered = sorted(told, key=lambda each: ([-level for level in each["gain"]], each["domain"], each["subregion"]))
    names = sentences.Names.of(session, viewer, set(), {each["domain"] for each in told})
    read = [
        ShadowRead(number=number, **each, sentence=explained.of_shadow(each, run.objective, names))
        for number, each in enumerate(ordered, 1)
    ]
    found = list_of(read, "number", query, of=f"{reference}/shadow-prices")
    return list(found.rows), found


def pools(session: Session, viewer: Viewer, reference: str, query: PageQuery) -> tuple[list[PoolRead], Page[Any]]:
    """One page of the joint activities that are proposed, the ones that meet most more needs first."""
    told = _part(session, viewer, reference, "pools")
    groups, domains = ({each[name] for each in told} for name in ("group", "domain"))
    names = sentences.Names.of(session, viewer, {f"group:{group}" for group in groups}, domains)
    read = [
        PoolRead(
            number=number,
            **{name: each[name] for name in ("group", "domain", "modality", "needs", "offer", "gain")},
            met_before=each["met"][0],
            met_after=each["met"][1],
            sentence=explained.of_pool(each, names),
        )
        for number, each in enumerate(told, 1)
    ]
    found = list_of(read, "number", query, of=f"{reference}/pooled-demand")
    return list(found.rows), found


def certificate(session: Session, viewer: Viewer, reference: str) -> Json:
    """The prices that prove a run's result, with the verdict on them; raises NotFound or Conflict."""
    result = json.loads(proposals.document(session, viewer, reference, "result"))
    verdict = json.loads(proposals.document(session, viewer, reference, "verdict"))
    told = ("status", "objective", "bound", "solver_bound", "certificate", "input_hash", "result_hash")
    return {name: result[name] for name in told} | {"verdict": verdict}


def _part(session: Session, viewer: Viewer, reference: str, part: str) -> list[Json]:
    found: list[Json] = json.loads(proposals.document(session, viewer, reference, "explanation"))[part]
    return found


def _use(number: int, entry: Json) -> OfferUse:
    return OfferUse(number=number, **entry, sentences=explained.of_offer(entry))
