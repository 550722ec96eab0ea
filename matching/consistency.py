"""What the parts of a problem document must say of each other: ids that exist, once; dates and counts that agree."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from matching.documents import nearest, pointer
from matching.errors import Fault
from matching.records import UNSPECIFIC, Need, Offer, ProblemDocument
from matching.strategy import Strategy

Path = tuple[int | str, ...]


def contradictions(record: ProblemDocument, strategy: Strategy, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Every contradiction of a well-formed document; pointers are into ``document``, as it was given.

    Offers and exclusions may name States, groups, regions and parties that take no part in the problem: a provider
    covers more than those who ask today.
    """
    yield from _repeated_ids(record)
    known = _Known(record)
    if record.delivery.first > record.delivery.last:
        yield Fault("/delivery/until", "ends_before_it_begins", "the delivery quarter ends before it begins")
    for position, domain in enumerate(record.domains):
        if domain.parent is not None:
            yield from known.domain(domain.parent, ("domains", position, "parent"))
    yield from _relatedness(record, known)
    for position, need in enumerate(record.needs):
        yield from _need(need, ("needs", position), known, document)
    for position, offer in enumerate(record.offers):
        yield from _offer(offer, ("offers", position), known, document)
    for position, exclusion in enumerate(record.exclusions):
        if exclusion.by == exclusion.other:
            at = pointer(("exclusions", position, "other"))
            yield Fault(at, "self_exclusion", f"{exclusion.by} excludes itself")
    yield from _pairs(record, known)
    yield from _pins(record)
    yield from _strategy_domains(strategy, known)


class _Known:
    """The ids that exist, and the fault for one that does not."""

    def __init__(self, record: ProblemDocument) -> None:
        self.states = {state.id for state in record.states}
        self.domains = {domain.id for domain in record.domains} | {UNSPECIFIC}
        self.needs = {need.id for need in record.needs}
        self.offers = {offer.id for offer in record.offers}

    def state(self, code: str, path: Path) -> Iterator[Fault]:
        return self._look_up("State", code, self.states, path)

    def domain(self, code: str, path: Path) -> Iterator[Fault]:
        return self._look_up("domain", code, self.domains, path)

    def need(self, reference: str, path: Path) -> Iterator[Fault]:
        return self._look_up("need", reference, self.needs, path)

    def offer(self, reference: str, path: Path) -> Iterator[Fault]:
        return self._look_up("offer", reference, self.offers, path)

    @staticmethod
    def _look_up(kind: str, name: str, valid: Iterable[str], path: Path) -> Iterator[Fault]:
        if name not in valid:
            yield Fault(pointer(path), f"unknown_{kind.lower()}", f"no {kind} {name!r}; {nearest(name, valid)}")


def _repeated_ids(record: ProblemDocument) -> Iterator[Fault]:
    for name in ("states", "domains", "needs", "offers"):
        seen: set[str] = set()
        for position, item in enumerate(getattr(record, name)):
            if item.id in seen:
                yield Fault(pointer((name, position, "id")), "duplicate", f"{item.id!r} is there twice")
            seen.add(item.id)


def _relatedness(record: ProblemDocument, known: _Known) -> Iterator[Fault]:
    seen: set[frozenset[str]] = set()
    for position, pair in enumerate(record.relatedness):
        at: Path = ("relatedness", position)
        yield from known.domain(pair.a, (*at, "a"))
        yield from known.domain(pair.b, (*at, "b"))
        if pair.a == pair.b:
            yield Fault(pointer(at), "self_related", f"{pair.a} is related to itself")
        if frozenset((pair.a, pair.b)) in seen:
            yield Fault(pointer(at), "duplicate", f"{pair.a} and {pair.b} are related twice")
        seen.add(frozenset((pair.a, pair.b)))


def _need(need: Need, at: Path, known: _Known, document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from known.domain(need.domain, (*at, "domain"))
    for state in need.states:
        yield from known.state(state, _place(document, (*at, "states"), state))
    if need.delivery is None:
        if need.named and len(need.states) != 1:
            detail = f"a national need has one beneficiary, this one {len(need.states)}"
            yield Fault(pointer((*at, "states")), "not_one_beneficiary", detail)
        if need.least is not None:
            yield Fault(pointer((*at, "least")), "least_without_delivery", "only a group need has a least number")
    if need.wanted_from and need.wanted_by and need.wanted_from > need.wanted_by:
        yield Fault(pointer((*at, "wanted_by")), "ends_before_it_begins", "wanted_by lies before wanted_from")


def _offer(offer: Offer, at: Path, known: _Known, document: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("domains", "preferred_domains"):
        for code in getattr(offer, name):
            yield from known.domain(code, _place(document, (*at, name), code))
    if offer.valid_from and offer.valid_until and offer.valid_from > offer.valid_until:
        yield Fault(pointer((*at, "valid_until")), "ends_before_it_begins", "valid_until lies before valid_from")


def _place(document: Mapping[str, Any], path: Path, name: str) -> Path:
    """Where in the document as given a set names something."""
    names: Any = document
    for step in path:
        names = names[step]
    return (*path, list(names).index(name))


def _pairs(record: ProblemDocument, known: _Known) -> Iterator[Fault]:
    for name in ("declined", "earlier", "pinned", "forbidden"):
        for position, pair in enumerate(getattr(record, name)):
            yield from known.need(pair.need, (name, position, "need"))
            yield from known.offer(pair.offer, (name, position, "offer"))


def _pins(record: ProblemDocument) -> Iterator[Fault]:
    needs = {need.id: need for need in record.needs}
    forbidden = {(pair.need, pair.offer) for pair in record.forbidden}
    seen: set[tuple[str, str | None, str]] = set()
    for position, pin in enumerate(record.pinned):
        at: Path = ("pinned", position)
        need = needs.get(pin.need)
        if (pin.need, pin.offer) in forbidden:
            detail = f"{pin.need} with {pin.offer} is pinned and forbidden at once"
            yield Fault(pointer(at), "pinned_and_forbidden", detail)
        if (pin.need, pin.member, pin.offer) in seen:
            yield Fault(pointer(at), "duplicate", f"{pin.need} with {pin.offer} is pinned twice")
        seen.add((pin.need, pin.member, pin.offer))
        if need is None:
            continue
        if need.delivery == "per_member" and pin.member not in need.states:
            member = repr(pin.member) if pin.member else "no member"
            members = nearest(pin.member or "", need.states)
            detail = f"{need.id} is delivered per member and the pin names {member}; {members}"
            yield Fault(pointer((*at, "member")), "not_a_member", detail)
        if need.delivery != "per_member" and pin.member is not None:
            yield Fault(pointer((*at, "member")), "not_per_member", f"{need.id} is not delivered per member")


def _strategy_domains(strategy: Strategy, known: _Known) -> Iterator[Fault]:
    for code in strategy.affinity.domain.weights:
        yield from known.domain(code, ("strategy", "affinity", "domain", "weights", code))
    for position, pair in enumerate(strategy.relatedness.pairs):
        for side in ("a", "b"):
            yield from known.domain(getattr(pair, side), ("strategy", "relatedness", "pairs", position, side))
