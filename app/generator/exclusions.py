"""Exclusions between parties: who does not serve, or is not served by, whom, with reason, source and expiry."""

from collections.abc import Iterator
from datetime import timedelta

from app.generator.setting import Line, Setting, day_within, recorded

RESOURCE = "/v1/exclusions"
#: One exclusion for so many offers, and never more than this.
OFFERS_FOR_ONE, MOST = 25, 2_000
ONLY_ONE_OFFER = 0.3
EXPIRES = 0.5
#: Neutral by intent: the parties are real States, the reasons are not.
REASONS = (
    "Served under an arrangement of their own",
    "The same programme is run by both",
    "The memorandum of understanding is still to be signed",
    "The programme's mandate does not extend to it",
)


def exclusions(setting: Setting, provider_of: dict[str, str]) -> Iterator[tuple[Line, ...]]:
    """Exclusions, stated by the provider or by the State that asks; some for one offer of ``provider_of`` alone."""
    plan, draw = setting.plan, setting.stream("exclusions")
    wanted = min(MOST, max(1, plan.offers // OFFERS_FOR_ONE))
    offers = list(provider_of)
    taken: set[tuple[str, str]] = set()
    for number in range(1, wanted + 1):
        offer = draw.one(offers) if offers and draw.chance(ONLY_ONE_OFFER) else None
        provider = provider_of[offer] if offer else draw.weighted(setting.leanings.providers)
        asker = f"state:{draw.weighted(setting.leanings.askers)}"
        by, other = (asker, provider) if offer is None and draw.chance(0.3) else (provider, asker)
        if by == other or (by, other) in taken:
            continue
        taken.add((by, other))
        dated_on = day_within(draw.share(), plan.starts_on, plan.ends_on)
        body = recorded(plan.reference("X", number), dated_on, f"{setting.world.name_of(by)} excludes a pairing", draw)
        body |= {"by_party": by, "other_party": other}
        if offer:
            body["offer"] = offer
        body |= {"reason": f"Synthetic: {draw.one(REASONS)}", "source": f"Synthetic letter of {dated_on.isoformat()}"}
        if draw.chance(EXPIRES):
            body["expires_on"] = (dated_on + timedelta(days=draw.between(60, 1_000))).isoformat()
        yield (Line(RESOURCE, body),)
