"""Needs: the lines of a request, national or of a group."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.generator.draw import Draw, Weighted
from app.generator.setting import Setting, stated
from app.generator.world import UNSPECIFIC

N_MODALITIES = Weighted([(1, 45), (2, 30), (3, 15), (4, 10)])
UNITS = Weighted([(1, 40), (2, 24), (3, 14), (4, 8), (5, 5), (6, 4), (7, 3), (8, 2)])
#: Most urgent first, as the experts set it; most needs stay in the middle.
PRIORITIES = Weighted([(1, 10), (2, 20), (3, 40), (4, 20), (5, 10)])
UNSPECIFIED = 0.08
#: Units that the document does not state are left out, and taken as one.
UNITS_STATED = 0.7
WANTED_BY, WANTED_FROM = 0.25, 0.3
INFERRED = 0.05


def need(setting: Setting, draw: Draw, languages: Sequence[str], dated_on: date) -> dict[str, Any]:
    """One need of a State or group that works in ``languages``."""
    if draw.chance(UNSPECIFIED):
        return {"domain": UNSPECIFIC, "priority": draw.weighted(PRIORITIES)}
    domain = draw.weighted(setting.leanings.asked_domains)
    modalities = (
        [] if draw.chance(0.06) else draw.several(setting.leanings.asked_modalities, draw.weighted(N_MODALITIES))
    )
    basis = {"domain": "inferred"} if draw.chance(INFERRED) else {}
    if modalities and draw.chance(INFERRED):
        basis["modalities"] = "assumed" if draw.chance(0.3) else "inferred"
    facts = {
        "domain": domain,
        "modalities": modalities,
        "scopes": _scopes(draw, setting.world.domains[domain].scopes),
        "languages": _languages(draw, languages),
        "units": draw.weighted(UNITS) if draw.chance(UNITS_STATED) else None,
        "priority": draw.weighted(PRIORITIES),
        "basis": basis,
    }
    return stated(facts | _wanted(draw, dated_on))


def title_of(setting: Setting, needs: Sequence[dict[str, Any]]) -> str:
    """What the ``needs`` are about, for a summary."""
    titles = [
        "a subject still to be specified"
        if line["domain"] == UNSPECIFIC
        else setting.world.domains[line["domain"]].title
        for line in needs[:3]
    ]
    return "; ".join(dict.fromkeys(titles)) + (f"; and {len(needs) - 3} more" if len(needs) > 3 else "")


def _scopes(draw: Draw, possible: tuple[str, ...]) -> list[str]:
    """Mostly every scope of the domain; sometimes some; sometimes none stated."""
    if draw.chance(0.12):
        return []
    return list(possible) if draw.chance(0.5) else draw.some(possible, draw.between(1, len(possible)))


def _languages(draw: Draw, languages: Sequence[str]) -> list[str]:
    if draw.chance(0.45):
        return []
    return list(languages[: 1 if draw.chance(0.7) else 2])


def _wanted(draw: Draw, dated_on: date) -> dict[str, str]:
    """Sometimes a period, from two months to two years after the date of the request."""
    if not draw.chance(WANTED_BY):
        return {}
    by = dated_on + timedelta(days=draw.between(180, 730))
    if not draw.chance(WANTED_FROM):
        return {"wanted_by": by.isoformat()}
    return {"wanted_from": (dated_on + timedelta(days=draw.between(60, 180))).isoformat(), "wanted_by": by.isoformat()}
