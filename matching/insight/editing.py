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
        case NewOffer():
            return _with_offer(model, edit)
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
    place = number if edit.before is None else edit.before
    more = Needs(
        units=np.append(needs.units, edit.units),
        least=np.append(needs.least, 0),
        state=np.append(needs.state, edit.state),
        profile=np.append(needs.profile, model.n_profiles),
        urgency=np.append(needs.urgency, 0),
        place=np.append(needs.place + (needs.place >= place), place),
        lot=np.append(needs.lot, drawn("", [f"need {number}"])),
    )
    profiles = replace(model.profiles, start=np.append(model.profiles.start, model.profiles.start[-1]))
    cells = {offer: (points, 0, UNLIMITED) for offer, points in zip(edit.offers, edit.points, strict=True)}
    return _with_cells(replace(model, needs=more, profiles=profiles), number, cells)


def _with_offer(model: Model, edit: NewOffer) -> Model:
    offers, number = model.offers, model.n_offers
    more = Offers(
        units=np.append(offers.units, edit.units),
        least=np.append(offers.least, 0),
        provider=np.append(offers.provider, edit.provider),
        lot=np.append(offers.lot, drawn("", [f"offer {number}"])),
    )
    needs = np.array(edit.needs, dtype=np.int64)
    affinity = np.array(edit.points, dtype=np.int64) - model.needs.urgency[needs]
    groups = np.column_stack([model.needs.profile[needs], affinity])
    different, group = np.unique(groups, axis=0, return_inverse=True)
    model, profiles = replace(model, offers=more), []
    for place, profile in enumerate(different[:, 0].tolist()):
        model, of_group = _apart(model, profile, needs[group.reshape(-1) == place])
        profiles.append(of_group)
    return _with_last(model, number, profiles, different[:, 1])


def _apart(model: Model, profile: int, needs: Ints) -> tuple[Model, int]:
    """The model in which these needs of a profile share one with no others, and that profile."""
    profiles = model.profiles
    if np.count_nonzero(model.needs.profile == profile) == len(needs):
        return model, profile
    part = slice(int(profiles.start[profile]), int(profiles.start[profile + 1]))
    columns = (profiles.offer, profiles.affinity, profiles.least, profiles.most)
    copied = [np.append(column, column[part]) for column in columns]
    start = np.append(profiles.start, profiles.start[-1] + part.stop - part.start)
    of_needs = model.needs.profile.copy()
    of_needs[needs] = model.n_profiles
    apart = replace(model, needs=replace(model.needs, profile=of_needs), profiles=Profiles(start, *copied))
    return apart, model.n_profiles


def _with_last(model: Model, offer: int, profiles: Sequence[int], affinity: Ints) -> Model:
    """The model in which some profiles have one more cell, with the last of all offers."""
    old = model.profiles
    order = np.argsort(np.array(profiles, dtype=np.int64))
    at = old.start[np.array(profiles, dtype=np.int64)[order] + 1]
    more = np.zeros(model.n_profiles, dtype=np.int64)
    more[list(profiles)] = 1
    cells = Profiles(
        start=old.start + np.append(0, np.cumsum(more)),
        offer=np.insert(old.offer, at, offer),
        affinity=np.insert(old.affinity, at, affinity[order]),
        least=np.insert(old.least, at, 0),
        most=np.insert(old.most, at, UNLIMITED),
    )
    return replace(model, profiles=cells)


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
