"""Requests: by States for themselves, and now and then by an organization for States that consent."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.classification import DatePrecision
from app.generator.draw import Draw, Weighted
from app.generator.needs import need, title_of
from app.generator.setting import WITHDRAWN, Line, Setting, day_within, recorded, withdrawal
from app.records import legal_date

RESOURCE = "/v1/requests"
N_NEEDS = Weighted([(1, 35), (2, 30), (3, 18), (4, 12), (5, 5)])
CHANNELS = Weighted(
    [("template", 36), ("note_verbale_or_memorandum", 34), ("national_report", 14), ("1540_committee", 16)]
)
INTENTION = 0.1
REFERRED, UNNAMED = 0.03, 0.02
ACTION_PLAN = 0.3
AUTHENTICATED = 0.9
MONTH_ONLY = 0.05
REASONS = ("Answered by a bilateral programme", "Replaced by a new request", "No longer needed")


def requests(setting: Setting, n_needs: int) -> Iterator[tuple[Line, ...]]:
    """National requests with ``n_needs`` needs in all, in the order of dates; now and then with a withdrawal."""
    plan, draw = setting.plan, setting.stream("requests")
    made = number = 0
    while made < n_needs:
        number += 1
        size = min(draw.weighted(N_NEEDS), n_needs - made)
        dated_on = day_within((made + size * draw.share()) / n_needs, plan.starts_on, plan.ends_on)
        line = Line(RESOURCE, _request(setting, draw, plan.reference("R", number), dated_on, size))
        yield (line, withdrawal(line, plan, draw.one(REASONS), draw)) if draw.chance(WITHDRAWN) else (line,)
        made += size


def submission(reference: str, dated_on: date, said: str, draw: Draw) -> dict[str, Any]:
    """What a request of any requester begins with: its class, date, kind and authentication."""
    precision = DatePrecision.MONTH if draw.chance(MONTH_ONLY) else DatePrecision.DAY
    counts_from, _ = legal_date(dated_on, precision)
    assert counts_from is not None
    body = recorded(reference, counts_from, said, draw)
    if precision is DatePrecision.MONTH:
        body["date_precision"] = precision.value
    if draw.chance(INTENTION):
        body["kind"] = "intention"
    elif draw.chance(AUTHENTICATED):
        body["authenticated_on"] = (counts_from + timedelta(days=draw.between(2, 28))).isoformat()
    return body


def _request(setting: Setting, draw: Draw, reference: str, dated_on: date, size: int) -> dict[str, Any]:
    state = setting.world.states[draw.weighted(setting.leanings.askers)]
    needs = [need(setting, draw, state.languages, dated_on) for _ in range(size)]
    unnamed = draw.chance(UNNAMED)
    name = "A State that the source does not name" if unnamed else state.name
    body = submission(reference, dated_on, f"{name} asks for help: {title_of(setting, needs)}", draw)
    if unnamed:
        body |= {
            "requester": f"organization:{setting.world.unnamed}",
            "requester_candidates": draw.several(setting.leanings.askers, 3),
            "channel": "1540_committee",
        }
    elif draw.chance(REFERRED):
        body |= {
            "requester": f"organization:{draw.one(list(setting.world.organizations))}",
            "channel": "referral_with_consent",
            "beneficiaries": [
                {"state": state.iso3, "consent": "confirmed", "consent_on": dated_on.isoformat(),
                 "consent_document": f"Synthetic letter of {dated_on.isoformat()}"}
            ],
        }  # fmt: skip
    else:
        body |= {"requester": f"state:{state.iso3}", "channel": draw.weighted(CHANNELS)}
    if draw.chance(ACTION_PLAN):
        body["action_plan"] = True
    return body | {"needs": needs}
