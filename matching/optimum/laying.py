"""The flow network of a model, laid once, and its flows read back.

Every unit asked for leaves the node of its class and ends at the sink: through its profile and an offer, where it is
served, or through its State and regional group, where it is not.

    class -> [profile] -> offer -> [provider] -> sink         served
    class -> [State] -> [regional group] -> sink              not served

A unit that is not served loses its urgency and the slopes that it would have earned, the least of them first. Urgencies
and slopes are sorted, so the losses never fall and a cheapest flow gives units up in the right order: parallel arcs, no
yes/no variables, whole numbers throughout. Leasts and mosts of needs, States and groups bind the units they give up. A
profile of one class is its node; States and groups that bind and earn nothing have none.
"""

from functools import cached_property

import numpy as np

from matching.arrays import Bools, Ints, totals
from matching.model import UNLIMITED, Limits, Model
from matching.optimum.arcs import Arcs
from matching.optimum.classes import Classes
from matching.optimum.concave import Steps
from matching.optimum.exact import product
from matching.optimum.leximin import Weights
from matching.optimum.thresholds import Askers


class Laid:
    """The arcs of a model.

    Costs are of points, and of what equal treatment adds. ``cell_arc`` is the arc of each cell, -1 of cells that no
    need has; ``step_arc`` that on which each step of ``classes`` gives units up; ``offer_arc`` that of each offer.
    ``askers`` are the States that ask, for leximin only.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        fair, self._ranked = model.objective == "equal_treatment", model.objective == "leximin"
        self._state_slopes = Steps.of(model.fairness.state if fair else ())
        self._group_slopes = Steps.of(model.fairness.group if fair else ())
        self._asked_by_group = totals(model.states.group, model.asked, len(model.groups.most))
        group_counts = _binds(model.groups, self._asked_by_group) | self._group_slopes.matter
        in_group = np.append(group_counts, False)[model.states.group]
        state_counts = _binds(model.states.limits, model.asked) | self._state_slopes.matter | in_group
        state_counts |= self._ranked & (model.asked > 0)
        self.classes = Classes.of(model, np.append(state_counts, False))
        self._number_nodes(state_counts, group_counts)
        self._lay()

    def _number_nodes(self, state_counts: Bools, group_counts: Bools) -> None:
        """Number classes, profiles of several classes, offers, States, groups, providers, sink.

        The node of each State, group and provider is followed by that of NOBODY: the sink.
        """
        classes, model = self.classes, self.model
        profiles, states, groups = (np.flatnonzero(counts) for counts in (classes.shared, state_counts, group_counts))
        sizes = [classes.number, len(profiles), model.n_offers, len(states), len(groups), len(model.providers.most)]
        ends = np.cumsum(sizes)
        self.sink = int(ends[-1])
        self.profile_node = classes.first.copy()
        self.profile_node[profiles] = np.arange(ends[0], ends[1])
        self.offer_node = np.arange(ends[1], ends[2])
        self.state_node = np.full(model.n_states + 1, self.sink)
        self.state_node[states] = np.arange(ends[2], ends[3])
        self.group_node = np.full(len(group_counts) + 1, self.sink)
        self.group_node[groups] = np.arange(ends[3], ends[4])
        self.provider_node = np.append(np.arange(ends[4], ends[5]), self.sink)

    def _lay(self) -> None:
        model, arcs = self.model, Arcs()
        self._beyond = int(model.needs.units.sum()) + 1
        cells = np.flatnonzero(self.profile_node[model.profiles.of_cell] != -1)
        laid = [self._lay_profiles(arcs), self._lay_cells(arcs, cells), self._lay_steps(arcs)]
        offers, providers = model.offers, model.providers
        laid.append(arcs.lay(self.offer_node, self.provider_node[offers.provider], offers.units, 0, offers.least))
        laid.append(self._lay_askers(arcs) if self._ranked else np.zeros(0, dtype=np.int64))
        self._earned = (0 if self._ranked else self._lay_states(arcs)) + self._lay_groups(arcs)
        most = np.minimum(providers.most, self._beyond)
        arcs.lay(self.provider_node[:-1], self.sink, most, 0, providers.least)
        supply = np.zeros(self.sink + 1, dtype=np.int64)
        np.add.at(supply, self.classes.step_class, self._step_units)
        supply[self.sink] = -supply.sum()
        self.network, position = arcs.sorted(supply)
        _, cell_arc, self.step_arc, self.offer_arc, asking = (position[numbers] for numbers in laid)
        self.cell_arc = np.full(len(model.profiles.offer), -1, dtype=np.int64)
        self.cell_arc[cells] = cell_arc
        self.askers = Askers(asking, Weights(model.asked[self.state_node[:-1] < self.sink]), self.sink)

    @cached_property
    def _height(self) -> Ints:
        """What is added to the cost of all ways out of each profile, lest any be negative: it changes no choice."""
        profiles = self.model.profiles
        height = np.full(self.model.n_profiles, -UNLIMITED, dtype=np.int64)
        np.maximum.at(height, self.classes.profile[self.classes.step_class], -self.classes.step_urgency)
        filled = np.flatnonzero(np.diff(profiles.start))
        if len(filled):
            height[filled] = np.maximum(height[filled], np.maximum.reduceat(profiles.affinity, profiles.start[filled]))
        return height

    @cached_property
    def _detour(self) -> Ints:
        """What is added on the way through each State, and NOBODY, lest any slope be negative."""
        group = self.group_node[self.model.states.group] < self.sink
        state = self.state_node[:-1] < self.sink
        return np.append(state * self._state_slopes.constant + group * self._group_slopes.constant, 0)

    def detours(self) -> tuple[Ints, Ints]:
        """What laying added to the price of each State and of each group."""
        group = (self.group_node[:-1] < self.sink) * self._group_slopes.constant
        return self._detour[:-1], group

    def without_cost(self) -> int:
        """What all units and slopes come to if nothing cost anything: a flow is worth this less its cost."""
        classes = self.classes
        level = self._height[classes.profile] + self._detour[classes.state]
        return self._earned + product(level, self.class_units) + product(classes.step_urgency, self._step_units)

    @cached_property
    def class_units(self) -> Ints:
        """Units asked by each class."""
        return self.network.supply[: self.classes.number]

    @cached_property
    def step_of_arc(self) -> Ints:
        """The step of each arc on which one gives units up; -1 of others."""
        return self._inverse(self.step_arc)

    @cached_property
    def cell_of_arc(self) -> Ints:
        """The cell of each arc of one; -1 of others."""
        return self._inverse(self.cell_arc)

    def _inverse(self, arc: Ints) -> Ints:
        inverse = np.full(len(self.network.tail), -1, dtype=np.int64)
        laid = np.flatnonzero(arc >= 0)
        inverse[arc[laid]] = laid
        return inverse

    @cached_property
    def _step_units(self) -> Ints:
        return np.add.reduceat(self.model.needs.units[self.classes.order], self.classes.step_start[:-1])

    def _lay_profiles(self, arcs: Arcs) -> Ints:
        """From classes to the profile that they share."""
        classes = self.classes
        tail = np.flatnonzero(classes.shared[classes.profile])
        return arcs.lay(tail, self.profile_node[classes.profile[tail]], self._beyond, self._detour[classes.state[tail]])

    def _lay_cells(self, arcs: Arcs, cells: Ints) -> Ints:
        """From profiles to offers. Only a need alone has bounds of its own there."""
        profiles, model = self.model.profiles, self.model
        profile = profiles.of_cell[cells]
        tail, alone = self.profile_node[profile], model.alone[profile]
        detour = np.append(self._detour[self.classes.state], 0)[np.minimum(self.profile_node, self.classes.number)]
        return arcs.lay(
            tail,
            self.offer_node[profiles.offer[cells]],
            np.where(alone, np.minimum(profiles.most[cells], self._beyond), self._beyond),
            (self._height + detour)[profile] - profiles.affinity[cells],
            np.where(alone, profiles.least[cells], 0) if profiles.least.any() else 0,
        )

    def _lay_steps(self, arcs: Arcs) -> Ints:
        """From classes to States, for units that are not served."""
        classes, needs = self.classes, self.model.needs
        of_class = classes.step_class
        least = np.add.reduceat(needs.least[classes.order], classes.step_start[:-1]) if len(of_class) else of_class
        return arcs.lay(
            of_class,
            self.state_node[classes.state[of_class]],
            self._step_units - least,
            self._height[classes.profile[of_class]] + classes.step_urgency,
        )

    def _lay_states(self, arcs: Arcs) -> int:
        states = np.flatnonzero(self.state_node[:-1] < self.sink)
        of = self.model.states
        runs = self._state_slopes.runs(of.received[states], np.ones_like(states), self.model.asked[states])
        limits = Limits(of.limits.least[states], of.limits.most[states])
        return _lay_losses(
            arcs, self.state_node[states], self.group_node[of.group[states]], self._state_slopes, runs, limits
        )

    def _lay_askers(self, arcs: Arcs) -> Ints:
        """From States to their groups, for leximin: how much it matters that units are given up is no cost of arcs."""
        states = np.flatnonzero(self.state_node[:-1] < self.sink)
        of, asked = self.model.states, self.model.asked[states]
        least, most = asked - np.minimum(of.limits.most[states], asked), asked - of.limits.least[states]
        # Where the least is more than all asked, a minimum above the capacity says that there is no flow.
        least[most < 0] = 1
        return arcs.lay(self.state_node[states], self.group_node[of.group[states]], np.maximum(most, 0), 0, least)

    def _lay_groups(self, arcs: Arcs) -> int:
        groups = np.flatnonzero(self.group_node[:-1] < self.sink)
        of, asked = self.model.groups, self._asked_by_group[groups]
        runs = self._group_slopes.runs(np.zeros_like(groups), self.model.n_asking[groups], asked)
        limits = Limits(of.least[groups], of.most[groups])
        return _lay_losses(arcs, self.group_node[groups], self.sink, self._group_slopes, runs, limits)


def _lay_losses(arcs: Arcs, tail: Ints, head: Ints | int, slopes: Steps, runs: Ints, limits: Limits) -> int:
    """Lay what it costs that States or groups go without units, the last one first. Returns what all units earn.

    ``runs`` are the units of each on each slope. Of parallel arcs that rise in cost the first ones carry what is given
    up at least, and the last ones are shut to what is given up at most.
    """
    lost = runs[:, ::-1]
    asked, before = lost.sum(axis=1), np.cumsum(lost, axis=1) - lost
    least, most = asked - np.minimum(limits.most, asked), asked - limits.least
    minimum = np.clip(least[:, None] - before, 0, lost)
    capacity = np.clip(most[:, None] - before, 0, lost)
    # Where the least is more than all asked, a minimum above the capacity says that there is no flow.
    minimum[most < 0, 0] = 1
    owner, slope = np.nonzero((lost > 0) | (minimum > 0))
    cost = (slopes.slope + slopes.constant)[::-1][slope]
    heads = head if isinstance(head, int) else head[owner]
    arcs.lay(tail[owner], heads, capacity[owner, slope], cost, minimum[owner, slope])
    return product(slopes.slope, runs.sum(axis=0))


def _binds(limits: Limits, asked: Ints) -> Bools:
    return np.asarray((limits.least > 0) | (limits.most < asked), dtype=bool)
