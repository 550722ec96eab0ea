"""Sentences for pairings and unmatched needs, made from codes and parameters where they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching
from app.messages import DEFAULT_LANGUAGE, render
from app.parties.models import Party
from app.reference.models import Domain
from app.requests.models import Need, Request
from app.visibility import Viewer, visible

#: Other uses of an offer's units that a sentence is spent on.
SHOWN = 3


@dataclass(frozen=True)
class Names:
    """What people call parties (by reference) and domains (by code); a code without a name stands for itself."""

    parties: Mapping[str, str]
    domains: Mapping[str, str]
    #: Need -> its requester's reference.
    requesters: Mapping[str, str]

    @classmethod
    def read(cls, session: Session, viewer: Viewer, rows: Sequence[Any]) -> "Names":
        """The names that sentences about these unmatched needs call for."""
        taken = [each for row in rows for each in row.taken_by[:SHOWN]]
        takers = {each["need"] for each in taken}
        asked = select(Need.reference, Party.reference.label("requester")).join(Need.request).join(Request.requester)
        requesters = {
            row.reference: row.requester
            for row in session.execute(visible(asked, viewer).where(Need.reference.in_(takers)))
        }
        parties = {f"state:{state}" for row in rows for state in row.states} | set(requesters.values())
        parties |= {f"state:{each['member']}" for each in taken if each["member"]}
        called = visible(select(Party.reference, Party.name), viewer).where(Party.reference.in_(parties))
        titled = visible(select(Domain.code, Domain.title), viewer).where(Domain.code.in_({row.domain for row in rows}))
        return cls(
            {row.reference: row.name[DEFAULT_LANGUAGE] for row in session.execute(called)},
            {row.code: row.title[DEFAULT_LANGUAGE] for row in session.execute(titled)},
            requesters,
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


def of_pairing(row: Any) -> list[str]:
    """What a pairing is worth and why, on what it rests, and what people must check."""
    terms = ", ".join(term_with_points(term, points) for term, points in by_points(row.terms))
    sentences = [render("pairing.points", n=row.points, terms=terms), *rests_on(row.rests_on)]
    if row.conditions:
        sentences.append(render("pairing.conditions", conditions=row.conditions.rstrip(".")))
    return sentences


def by_points(terms: Mapping[str, int]) -> list[tuple[str, int]]:
    """Terms with their points, the greatest first."""
    return sorted(terms.items(), key=lambda term: (-term[1], term[0]))


def term_with_points(term: str, points: int) -> str:
    """One term of the points, such as "60 for priority"."""
    return render("pairing.term", points=points, term=render(f"term.{term}"))


def rests_on(facts: Sequence[Mapping[str, str]]) -> list[str]:
    """One sentence for all facts of one record that rest on the same."""
    together: dict[tuple[str, str], list[str]] = {}
    for fact in facts:
        together.setdefault((fact["basis"], fact["record"]), []).append(render(f"fact.{fact['fact']}"))
    return [
        render(f"rests.{basis}", facts=listed(names), record=render(f"record.{record}"))
        for (basis, record), names in together.items()
    ]


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
        "states": names.states(row.states),
    }
    sentences = [render(f"reason.{row.code}", n=row.units, **told)]
    # Where the need itself cannot be compared with offers, what the rules did to them says nothing.
    if row.code not in ("NOT_SPECIFIC", "REQUESTER_NOT_NAMED", "NO_CONFIRMED_BENEFICIARY"):
        sentences += [render(f"rule.{rule}", n=n, **told) for rule, n in in_order(row.rules)]
        sentences += [_taken(taken, names) for taken in row.taken_by[:SHOWN]]
    return sentences


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
