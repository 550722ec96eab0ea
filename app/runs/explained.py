"""Sentences for the explanation stored beside a result (`matching.insight.explanation`), made where they are read."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.messages import render
from app.runs.sentences import WITH_CODE, WITH_DOMAIN, WITH_STATE, Names, listed


def of_change(entry: Mapping[str, Any], names: Names) -> str:
    """What would get an unmatched need served, or that nothing of the list would."""
    changes = [_remedy(change, names) for change in entry["changes"]]
    if len(changes) == 2:
        return render("change.TWO_CHANGES", first=changes[0], second=changes[1])
    return render(f"change.{entry['code']}", change=changes[0] if changes else "")


def of_runner_up(entry: Mapping[str, Any], objective: str) -> str:
    """What the next offer in line would lose if it served the need instead."""
    return render("next.offer", offer=entry["offer"], loss=loss(entry["loss"], objective))


def of_rival(entry: Mapping[str, Any], offer: str, objective: str, names: Names) -> str:
    """What it would lose if another need had a unit of the offer."""
    return render("next.need", need=called(entry, names), offer=offer, loss=loss(entry["loss"], objective))


def of_alternate(entry: Mapping[str, Any], objective: str, names: Names) -> str:
    """Who could serve a pairing if it is refused, at what loss, and who would lose by it."""
    told = {"offer": entry["offer"], "loss": loss(entry["loss"], objective)}
    if entry["free"]:
        return render("alternate.free", **told)
    if not entry["losers"]:
        return render("alternate.other", **told)
    return render("alternate.disturbing", losers=listed([called(each, names) for each in entry["losers"]]), **told)


def of_firmness(entry: Mapping[str, Any]) -> str:
    """Under how many settings of the weights a pairing stays, and whether it is fragile."""
    return render("firm.fragile" if entry["fragile"] else "firm.stays", **entry)


def of_offer(entry: Mapping[str, Any]) -> list[str]:
    """What became of an offer, and how many of the needs that it might serve others might serve too."""
    sentences = [render(f"use.{entry['use']}", used=entry["used"], units=entry["units"])]
    if entry["eligible"]:
        sentences.append(render("reach.shared", n=entry["eligible"], shared=entry["shared"]))
    return sentences


def of_shadow(entry: Mapping[str, Any], objective: str, names: Names) -> str:
    """What one more unit of the standard offer would add."""
    where = {"domain": names.domain(entry["domain"]), "subregion": entry["subregion"]}
    if not any(entry["gain"]):
        return render("shadow.none", **where)
    return render("shadow.gain", gain=loss(entry["gain"], objective), **where)


def of_pool(entry: Mapping[str, Any], names: Names) -> str:
    """Which body could submit which joint activity, and what that would change."""
    before, after = entry["met"]
    return render(
        "pool.proposal",
        group=names.party(f"group:{entry['group']}"),
        domain=names.domain(entry["domain"]),
        needs=listed(list(entry["needs"])),
        offer=entry["offer"],
        before=before,
        after=after,
        points=entry["gain"][-1],
    )


def loss(levels: Sequence[int], objective: str) -> str:
    """How much more or less an optimum is worth, in words: what the objective counts first, where that changes."""
    first, points = (levels[0], levels[-1]) if len(levels) > 1 else (0, levels[0])
    if not first:
        return render("worth.points", n=points)
    if objective == "leximin":
        return render("worth.shares", points=points)
    return render("worth.units", n=first, points=points)


def _remedy(change: Mapping[str, Any], names: Names) -> str:
    value = change["value"]
    if change["code"] in WITH_DOMAIN:
        value = names.domain(value)
    if change["code"] in WITH_CODE:
        value = names.codes.get(value, value)
    if change["code"] in WITH_STATE:
        value = names.party(f"state:{value}")
    return render(f"remedy.{change['code']}", id=change["id"], value=value)


def called(entry: Mapping[str, Any], names: Names) -> str:
    """A need, with the name of its requester or of the member that is served."""
    requester = names.requesters.get(entry["need"], entry["need"])
    party = names.party(f"state:{entry['member']}" if entry["member"] else requester)
    return render("next.who", need=entry["need"], requester=party)
