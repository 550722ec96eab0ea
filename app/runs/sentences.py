"""Sentences for pairings and unmatched needs, made from codes and parameters where they are read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching
from app.messages import DEFAULT_LANGUAGE, render
from app.parties.models import Party
from app.reference.models import Domain, Modality, WeaponScope
from app.requests.models import Need, Request
from app.visibility import Viewer, visible

#: A need has one domain and an offer several: the same fact by two names.
FACTS_OF_BOTH = {"domain": "domains"}
#: Reasons that lie in the need itself: there was nothing to compare offers with.
NOT_COMPARED = ("NOT_SPECIFIC", "REQUESTER_NOT_NAMED", "NO_CONFIRMED_BENEFICIARY")
#: Changes whose value is a subject, and those whose value is a State.
WITH_DOMAIN = ("NAME_DOMAIN", "ADD_DOMAIN")
WITH_STATE = ("CONFIRM_MEMBER",)
#: Changes whose value is a form of assistance or a weapon scope.
WITH_CODE = ("ADD_MODALITY", "ADD_SCOPE")
#: Other uses of an offer's units that a sentence is spent on.
SHOWN = 3
#: The part of an explanation that has sentences of its own where it is missing.
FIRMNESS = "firmness"


@dataclass(frozen=True)
class Names:
    """What people call parties (by reference) and domains (by code); a code without a name stands for itself."""

    parties: Mapping[str, str]
    domains: Mapping[str, str]
    #: Need -> its requester's reference.
    requesters: Mapping[str, str] = field(default_factory=dict)
    #: Forms of assistance and weapon scopes.
    codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, viewer: Viewer, unmatched: Sequence[Any]) -> "Names":
        """The names that sentences about these unmatched needs call for."""
        taken = [each for row in unmatched for each in row.taken_by[:SHOWN]]
        changes = [change for row in unmatched if row.change for change in row.change["changes"]]
        states = {state for row in unmatched for state in row.states} | {each["member"] for each in taken}
        domains = {row.domain for row in unmatched}
        states |= {change["value"] for change in changes if change["code"] in WITH_STATE}
        domains |= {change["value"] for change in changes if change["code"] in WITH_DOMAIN}
        names = cls.telling(session, viewer, {each["need"] for each in taken}, states - {None}, domains)
        asked = {change["value"] for change in changes if change["code"] in WITH_CODE}
        return replace(names, codes=_titles(session, viewer, asked)) if asked else names

    @classmethod
    def of_pairings(cls, session: Session, viewer: Viewer, pairings: Sequence[Any]) -> "Names":
        """The names that sentences about who was next in line for these pairings call for."""
        rivals = [each for row in pairings for each in row.rivals or ()]
        losers = [loser for row in pairings for each in row.alternates or () for loser in each["losers"]]
        needs, states = ({each[name] for each in (*rivals, *losers)} for name in ("need", "member"))
        return cls.telling(session, viewer, needs, states - {None}, set())

    @classmethod
    def telling(
        cls, session: Session, viewer: Viewer, needs: Collection[str], states: Collection[str], domains: Collection[str]
    ) -> "Names":
        """The names of needs' requesters, of States and of domains."""
        asked = select(Need.reference, Party.reference.label("requester")).join(Need.request).join(Request.requester)
        asked = visible(asked, viewer).where(Need.reference.in_(needs))
        requesters = {row.reference: row.requester for row in session.execute(asked)}
        parties = {f"state:{state}" for state in states} | set(requesters.values())
        return replace(cls.of(session, viewer, parties, domains), requesters=requesters)

    @classmethod
    def of(cls, session: Session, viewer: Viewer, parties: Collection[str], domains: Collection[str]) -> "Names":
        """The names of parties and domains."""
        called = visible(select(Party.reference, Party.name), viewer).where(Party.reference.in_(parties))
        titled = visible(select(Domain.code, Domain.title), viewer).where(Domain.code.in_(domains))
        return cls(
            {row.reference: row.name[DEFAULT_LANGUAGE] for row in session.execute(called)},
            {row.code: row.title[DEFAULT_LANGUAGE] for row in session.execute(titled)},
        )

    def party(self, reference: str) -> str:
        """The name of a party."""
        return self.parties.get(reference, reference)

    def states(self, codes: Sequence[str]) -> str:
        """The names of States, one after the other."""
        return ", ".join(self.party(f"state:{code}") for code in codes)

    def domain(self, code: str) -> str:
        """The title of a domain."""
        return self.domains.get(code, code)


def _titles(session: Session, viewer: Viewer, codes: Collection[str]) -> dict[str, str]:
    """What forms of assistance and weapon scopes are called."""
    found: dict[str, str] = {}
    for kind in (Modality, WeaponScope):
        titled = visible(select(kind.code, kind.title), viewer).where(kind.code.in_(codes))
        found |= {row.code: row.title[DEFAULT_LANGUAGE] for row in session.execute(titled)}
    return found


def of_pairing(row: Any) -> list[str]:
    """What a pairing is worth and why, on what it rests, and what people must check."""
    terms = ", ".join(term_with_points(term, points) for term, points in by_points(row.terms))
    sentences = [render("pairing.points", n=row.points, terms=terms), *rests_on(row.rests_on)]
    if row.conditions:
        sentences.append(render("pairing.conditions", conditions=row.conditions))
    return sentences


def related(titles: Sequence[str]) -> str:
    """That an offer is for other subjects than the need, and for which."""
    return render("pairing.related", subjects=listed([f"“{title}”" for title in titles]))


def by_points(terms: Mapping[str, int]) -> list[tuple[str, int]]:
    """Terms with their points, the greatest first."""
    return sorted(terms.items(), key=lambda term: (-term[1], term[0]))


def term_with_points(term: str, points: int) -> str:
    """One term of the points, such as "60 for priority"."""
    return render("pairing.term", points=points, term=render(f"term.{term}"))


def rests_on(facts: Sequence[Mapping[str, str]]) -> list[str]:
    """One sentence for all facts that rest on the same, a fact of both records told once."""
    records: dict[tuple[str, str], list[str]] = {}
    for fact in facts:
        name = FACTS_OF_BOTH.get(fact["fact"], fact["fact"])
        records.setdefault((fact["basis"], name), []).append(fact["record"])
    together: dict[tuple[str, str], list[str]] = {}
    for (basis, name), of in records.items():
        record = render("record.both") if len(of) > 1 else render(f"record.{of[0]}")
        together.setdefault((basis, record), []).append(render(f"fact.{name}"))
    told: dict[str, list[str]] = {}
    for (basis, record), names in together.items():
        told.setdefault(basis, []).append(render("rests.fact", facts=listed(names), record=record))
    return [render(f"rests.{basis}", facts="; ".join(parts)) for basis, parts in told.items()]


def doubtful(records: Sequence[str]) -> list[str]:
    """One sentence for each record that its source bears out only weakly."""
    return [render(f"doubtful.{record}") for record in records]


def stage(code: str) -> str:
    """What goes on in a stage of a run, in words."""
    return render(f"stage.{code}")


def listed(names: Sequence[str]) -> str:
    """Names with commas between them, and "and" before the last."""
    if len(names) == 1:
        return names[0]
    return render("rests.and", first=", ".join(names[:-1]), last=names[-1])


def of_unmatched(row: Any, names: Names) -> list[str]:
    """Why units of a need are left: the reason, what each rule removed, where the units went instead."""
    total = sum(row.rules.values()) + row.eligible
    told = {
        "total": total,
        "eligible": row.eligible,
        "domain": names.domain(row.domain),
        "audience": render("audience.named", n=len(row.states), states=names.states(row.states)),
    }
    number = row.eligible if row.code == matching.Reason.OUTBID else row.units
    sentences = [render(f"reason.{row.code}", n=number, **told)]
    # Where the need cannot be compared with offers, what the rules did to them says nothing.
    if row.code not in NOT_COMPARED:
        sentences += [render(f"rule.{rule}", n=n, **told) for rule, n in in_order(row.rules)]
        shown = row.taken_by[:SHOWN]
        sentences += [_taken(taken, names) for taken in shown]
        others = row.eligible - len({taken["offer"] for taken in shown})
        if shown and others:
            sentences.append(render("taken.others", n=others))
    return sentences


def in_brief(rules: Mapping[str, int], eligible: int) -> str:
    """What the rules did to all offers, in one sentence."""
    briefly = [render(f"brief.{rule}", n=n) for rule, n in in_order(rules)]
    return render("brief.offers", total=sum(rules.values()) + eligible, rules=", ".join(briefly))


def in_order(rules: Mapping[str, int]) -> list[tuple[str, int]]:
    """Rules with their counts, in the order in which the engine applies them."""
    return [(rule.value, rules[rule.value]) for rule in matching.Rule if rule.value in rules]


def _taken(taken: Mapping[str, Any], names: Names) -> str:
    requester = names.party(names.requesters.get(taken["need"], taken["need"]))
    return render(
        "taken.offer",
        n=taken["units"],
        offer=taken["offer"],
        need=taken["need"],
        requester=names.party(f"state:{taken['member']}") if taken["member"] else requester,
        points=taken["points"],
    )


def price(points: int, total: int) -> str:
    """What the objective costs in points."""
    return render("price.points", n=points - total, points=points) if points != total else render("price.none")


def proved(verdict: Mapping[str, Any]) -> str:
    """How good the checker has proved a result to be."""
    return render(f"verdict.{verdict['proved']}", gap=verdict["gap"])


def unexplained(missing: Mapping[str, str], run: str) -> list[str]:
    """What the explanation of a run lacks: one sentence for each reason, and one for firmness."""
    parts: dict[str, list[str]] = {}
    for part, why in missing.items():
        if part != FIRMNESS:
            parts.setdefault(why, []).append(render(f"missing.{part}"))
    told = [render(f"missing.{why}", parts=listed(names)) for why, names in parts.items()]
    return told + without_firmness(missing, run)


def without_firmness(missing: Mapping[str, str], run: str) -> list[str]:
    """That it is not known how firm the pairings of a run are, and how to find out, where it is not."""
    return [render(f"firm.{missing[FIRMNESS]}", run=run)] if FIRMNESS in missing else []
