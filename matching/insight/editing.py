"""A model with edits carried out, to be solved anew where a warm one cannot tell (`warm`)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.arrays import Ints
from matching.insight.edits import (
    Edit,
    Imposed,
    NeedUnits,
    NewNeed,
    NewOffer,
    NoPair,
    OfferPairs,
    OfferUnits,
    PairPoints,
)
from matching.model import UNLIMITED, Model, Needs, Offers, Profiles
from matching.optimum.ties import drawn

Cells = dict[int, tuple[int, int, int]]
"""Affinity, least and most of each offer of a profile."""


def edited(model: Model, edits: Sequence[Edit]) -> Model:
    """The model with these edits, carried out in order."""
    for edit in edits:
        model = _edited(model, edit)
    return model


def _edited(model: Model, edit: Edit) -> Model:
    match edit:
        case NewNeed():
            return _with_need(model, edit)
        case NewOffer(units, needs, points, provider):
            more = _with_offer(model, units, provider)
            for need, worth in zip(needs, points, strict=True):
                more = _with_pair(more, need, model.n_offers, worth, UNLIMITED)
            return more
        case NeedUnits(need, units):
            least = _put(model.needs.least, need, min(int(model.needs.least[need]), units))
            return replace(model, needs=replace(model.needs, units=_put(model.needs.units, need, units), least=least))
        case OfferUnits(offer, units):
            least = _put(model.offers.least, offer, min(int(model.offers.least[offer]), units))
            return replace(
                model, offers=replace(model.offers, units=_put(model.offers.units, offer, units), least=least)
            )
        case OfferPairs(offer, needs, points):
            for need, worth in zip(needs, points, strict=True):
                model = _with_pair(model, need, offer, worth, UNLIMITED)
            return model
        case PairPoints(need, offer, points, most):
            return _with_pair(model, need, offer, points, most)
        case NoPair(need, offer):
            cells = _cells(model, need)
            cells.pop(offer, None)
            return _with_cells(model, need, cells)
        case Imposed(need, offer, units):
            wanted = _cells(model, need)
            affinity, at_least, most = wanted.get(offer, (0, 0, 0))
            return _with_cells(model, need, wanted | {offer: (affinity, max(at_least, units), most)})


def _with_need(model: Model, edit: NewNeed) -> Model:
    needs, number = model.needs, model.n_needs
    more = Needs(
        units=np.append(needs.units, edit.units),
        least=np.append(needs.least, 0),
        state=np.append(needs.state, edit.state),
        profile=np.append(needs.profile, model.n_profiles),
        urgency=np.append(needs.urgency, 0),
        place=np.append(needs.place, number),
        lot=np.append(needs.lot, drawn("", [f"need {number}"])),
    )
    profiles = replace(model.profiles, start=np.append(model.profiles.start, model.profiles.start[-1]))
    cells = {offer: (points, 0, UNLIMITED) for offer, points in zip(edit.offers, edit.points, strict=True)}
    return _with_cells(replace(model, needs=more, profiles=profiles), number, cells)


def _with_offer(model: Model, units: int, provider: int) -> Model:
    offers = model.offers
    more = Offers(
        units=np.append(offers.units, units),
        least=np.append(offers.least, 0),
        provider=np.append(offers.provider, provider),
        lot=np.append(offers.lot, drawn("", [f"offer {model.n_offers}"])),
    )
    return replace(model, offers=more)


def _with_pair(model: Model, need: int, offer: int, points: int, most: int) -> Model:
    cells = _cells(model, need)
    affinity = points - int(model.needs.urgency[need])
    least = min(cells[offer][1], most) if offer in cells else 0
    return _with_cells(model, need, cells | {offer: (affinity, least, most)})


def _cells(model: Model, need: int) -> Cells:
    """The cells of a need."""
    profiles, profile = model.profiles, int(model.needs.profile[need])
    part = slice(int(profiles.start[profile]), int(profiles.start[profile + 1]))
    columns = (profiles.offer, profiles.affinity, profiles.least, profiles.most)
    rows = zip(*(column[part].tolist() for column in columns), strict=True)
    return {offer: (affinity, least, most) for offer, affinity, least, most in rows}


def _with_cells(model: Model, need: int, cells: Cells) -> Model:
    """The model with other cells of one need, which has a profile of its own then."""
    profiles, needs, profile = model.profiles, model.needs, int(model.needs.profile[need])
    columns = np.array([(offer, *cell) for offer, cell in sorted(cells.items())], dtype=np.int64).reshape(-1, 4).T
    old = (profiles.offer, profiles.affinity, profiles.least, profiles.most)
    if model.alone[profile]:
        before, after = int(profiles.start[profile]), int(profiles.start[profile + 1])
        start = profiles.start.copy()
        start[profile + 1 :] += len(cells) - (after - before)
        whole = [np.concatenate([col[:before], new, col[after:]]) for col, new in zip(old, columns, strict=True)]
        return replace(model, profiles=Profiles(start, *whole))
    start = np.append(profiles.start, profiles.start[-1] + len(cells))
    whole = [np.concatenate(pair) for pair in zip(old, columns, strict=True)]
    own = replace(needs, profile=_put(needs.profile, need, model.n_profiles))
    return replace(model, needs=own, profiles=Profiles(start, *whole))


def _put(values: Ints, position: int, value: int) -> Ints:
    changed = values.copy()
    changed[position] = value
    return changed
