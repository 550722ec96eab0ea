"""Group submissions: the group, its beneficiaries with each one's consent, joint needs and needs for each member."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.generator.draw import Draw, Weighted
from app.generator.needs import need, title_of
from app.generator.requests import submission
from app.generator.setting import WITHDRAWN, Line, Setting, day_within, withdrawal

RESOURCE = "/v1/group-submissions"
CHANNELS = Weighted([("template", 40), ("note_verbale_or_memorandum", 60)])
CONSENTS = Weighted([("confirmed", 72), ("pending", 18), ("left", 10)])
MOST_BENEFICIARIES, MOST_NEEDS, MOST_UNITS = 12, 3, 2
JOINT = 0.55
LEAST = 0.7
REASONS = ("Replaced by a new submission", "The members went on by themselves")


def group_submissions(setting: Setting) -> Iterator[tuple[Line, ...]]:
    """Every group submission, in the order of dates; the kinds of group take turns."""
    plan, draw = setting.plan, setting.stream("groups")
    kinds = list(setting.leanings.submitters.values())
    for number, size in enumerate(sizes(setting), 1):
        dated_on = day_within((number - 1 + draw.share()) / plan.groups, plan.starts_on, plan.ends_on)
        code = draw.one(kinds[number % len(kinds)])
        line = Line(RESOURCE, _submission(setting, draw, plan.reference("G", number), code, dated_on, size))
        yield (line, withdrawal(line, plan, draw.one(REASONS), draw)) if draw.chance(WITHDRAWN) else (line,)


def sizes(setting: Setting) -> Iterator[int]:
    """How many needs each submission has: one at least, and no more than half of all needs beyond that."""
    plan, draw = setting.plan, setting.stream("sizes of groups")
    spare = (plan.needs - plan.groups) // 2
    for _ in range(plan.groups):
        more = min(draw.between(0, MOST_NEEDS - 1), spare)
        spare -= more
        yield 1 + more


def _submission(setting: Setting, draw: Draw, reference: str, code: str, dated_on: date, size: int) -> dict[str, Any]:
    group = setting.world.groups[code]
    members = draw.some(setting.leanings.askers_of[code], draw.between(2, MOST_BENEFICIARIES))
    beneficiaries = [_beneficiary(draw, iso3, dated_on, confirmed=place < 2) for place, iso3 in enumerate(members)]
    n_confirmed = sum(beneficiary.get("consent") == "confirmed" for beneficiary in beneficiaries)
    languages = setting.world.states[members[0]].languages
    needs = [need(setting, draw, languages, dated_on) for _ in range(size)]
    needs = [line | _delivery(draw, line, n_confirmed) for line in needs]
    body = submission(reference, dated_on, f"{group.name} asks for its members: {title_of(setting, needs)}", draw)
    return body | {
        "group": code,
        "channel": draw.weighted(CHANNELS),
        "beneficiaries": beneficiaries,
        "needs": needs,
    }


def _beneficiary(draw: Draw, iso3: str, dated_on: date, *, confirmed: bool) -> dict[str, Any]:
    """A member and where it stands. The first two are confirmed, so that the submission can be served at all."""
    consent = "confirmed" if confirmed else draw.weighted(CONSENTS)
    if consent == "pending":
        return {"state": iso3}
    on = (dated_on - timedelta(days=draw.between(0, 40))).isoformat()
    body = {"state": iso3, "consent": consent, "consent_on": on}
    return body | ({"consent_document": f"Synthetic letter of {on}"} if draw.chance(0.8) else {})


def _delivery(draw: Draw, line: dict[str, Any], n_confirmed: int) -> dict[str, Any]:
    """How a need is met: fewer units than a State asks for, because each one serves, or is for, many."""
    facts: dict[str, Any] = {"delivery": "joint" if draw.chance(JOINT) else "per_member"}
    if "units" in line:
        facts["units"] = draw.between(1, MOST_UNITS)
    if draw.chance(LEAST):
        facts["least"] = draw.between(2, n_confirmed)
    return facts
