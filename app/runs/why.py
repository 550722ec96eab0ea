"""Why a run does not propose a pair: the rule that it fails, or what it would cost in all and whom."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.messages import render
from app.problems import NotFound, suggest
from app.runs import explained
from app.runs.schemas import PairRead
from app.runs.sentences import Names, listed
from app.runs.warm import kept
from app.visibility import Viewer


def pair(session: Session, viewer: Viewer, reference: str, need: str, offer: str, member: str | None) -> PairRead:
    """What a run has to say of a need, or of one of its members, with an offer; raises NotFound or Conflict."""
    optimum = kept(session, viewer, reference)
    with optimum.lock:
        try:
            found = optimum.pairs.why(need, member, offer)
        except KeyError:
            raise NotFound(_unknown(optimum.document, reference, need, offer, member)) from None
    asked = next(each for each in optimum.document["needs"] if each["id"] == need)
    audience = [member] if member else asked["states"]
    needs = {each["need"] for each in found["losers"]}
    states = {each["member"] for each in found["losers"] if each["member"]} | set(audience)
    names = Names.telling(session, viewer, needs, states, {asked["domain"]})
    told = {
        "domain": names.domain(asked["domain"]),
        "audience": render("audience.named", n=len(audience), states=names.states(audience)),
    }
    return PairRead(**found, sentences=list(_sentences(found, told, optimum.objective, names)))


def _sentences(found: Mapping[str, Any], told: Mapping[str, str], objective: str, names: Names) -> Iterator[str]:
    if found["rule"]:
        yield render(f"fails.{found['rule']}", offer=found["offer"], **told)
        return
    loss = explained.loss(found["loss"], objective) if found["loss"] else ""
    yield render(f"pair.{found['code']}", n=found["units"], offer=found["offer"], need=found["need"], loss=loss)
    if found["losers"]:
        yield render("pair.losers", losers=listed([explained.called(each, names) for each in found["losers"]]))
    if found["conditions_kept"] and found["loss"]:
        yield render("pair.kept")


def _unknown(document: Mapping[str, Any], reference: str, need: str, offer: str, member: str | None) -> str:
    needs, offers = ([each["id"] for each in document[name]] for name in ("needs", "offers"))
    if need not in needs:
        return f"no need {need} took part in {reference}; {suggest(need, needs)}"
    if offer not in offers:
        return f"no offer {offer} took part in {reference}; {suggest(offer, offers)}"
    if member is None:
        return f"{need} is met member by member; name one as member"
    return f"{member} is no member of {need} that is served by itself"
