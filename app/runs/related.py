"""Which subjects of an offer brought it to a need where the need's own is not among them."""

from collections.abc import Mapping
from typing import Any

import matching
from matching.attributes.relatedness import Relatedness

#: Lists of a problem document on which the relatedness of domains does not rest.
APART = ("needs", "offers", "exclusions", "declined", "earlier", "pinned", "forbidden")


class RelatedSubjects:
    """The related subjects of the offers in a run's problem document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._domains: dict[str, list[str]] = {offer["id"]: offer["domains"] for offer in document["offers"]}
        bare = {name: [] if name in APART else part for name, part in document.items()}
        self._relatedness = Relatedness(matching.Problem.from_document(bare))

    def nearest(self, domain: str, offer: str) -> list[str]:
        """The domains of ``offer`` that fit a need for ``domain`` best; none where that is one of them."""
        offered = self._domains[offer]
        if domain in offered:
            return []
        fit = {each: self._relatedness.between(domain, each) for each in offered}
        return [each for each in offered if fit[each] == max(fit.values())]
