"""Changes of a record that might get a need served: the published list, in order, and each carried out.

Facts are people's to change and nobody's to bend: no change here raises a priority, lifts an exclusion, or overrules
what the working group has decided.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, NamedTuple

from matching.codes import Code

Json = dict[str, Any]


class Remedy(Code):
    """Kinds of change, in the order in which they are tried: what the requester can do first, then the provider."""

    NAME_DOMAIN = "NAME_DOMAIN", "the need names what it is for"
    CONFIRM_MEMBER = "CONFIRM_MEMBER", "a member of the group confirms"
    ADD_LANGUAGE = "ADD_LANGUAGE", "the need accepts one more language"
    ADD_MODALITY = "ADD_MODALITY", "the need accepts one more form of assistance"
    ADD_SCOPE = "ADD_SCOPE", "the need covers one more weapon scope"
    WIDEN_DATES = "WIDEN_DATES", "the need can be met at any time"
    ALLOW_DECLINED = "ALLOW_DECLINED", "a pairing that was declined may be proposed again"
    ONE_MORE_UNIT = "ONE_MORE_UNIT", "the offer has one unit more"
    EXTEND_VALIDITY = "EXTEND_VALIDITY", "the offer holds for the whole delivery quarter"
    EXTEND_COVERAGE = "EXTEND_COVERAGE", "the offer extends to the State's subregion"
    DROP_CONDITION = "DROP_CONDITION", "the offer no longer requires membership of a group"
    ADD_DOMAIN = "ADD_DOMAIN", "the offer extends to the need's domain"


ORDER = {remedy: number for number, remedy in enumerate(Remedy)}


class Change(NamedTuple):
    """One remedy: of the need or the offer with this id, and what is added or named; for ALLOW_DECLINED the offer."""

    remedy: Remedy
    id: str
    value: str | None = None

    @property
    def of_need(self) -> bool:
        """Whether it is the need's record that changes."""
        return ORDER[self.remedy] < ORDER[Remedy.ONE_MORE_UNIT]

    @property
    def place(self) -> tuple[int, str, str]:
        """Where it stands among others: by remedy, then by record and value."""
        return ORDER[self.remedy], self.id, self.value or ""


def amended(document: Mapping[str, Any], changes: Iterable[Change]) -> Json:
    """A problem document with changes carried out."""
    result = dict(document)
    for change in changes:
        name = "needs" if change.of_need else "offers"
        if change.remedy == Remedy.ALLOW_DECLINED:
            pair = change.id, change.value
            result["declined"] = [each for each in result.get("declined", ()) if (each["need"], each["offer"]) != pair]
            continue
        result[name] = [
            changed(each, change, document["delivery"]) if each["id"] == change.id else each for each in result[name]
        ]
    return result


def changed(record: Mapping[str, Any], change: Change, delivery: Mapping[str, Any]) -> Json:
    """A need or an offer of a document with a change carried out."""
    result = dict(copy(record))
    match change.remedy:
        case Remedy.NAME_DOMAIN:
            result["domain"] = change.value
        case Remedy.WIDEN_DATES:
            result["wanted_from"] = result["wanted_by"] = None
        case Remedy.ONE_MORE_UNIT:
            result["units"] += 1
        case Remedy.EXTEND_VALIDITY:
            first, last = result.get("valid_from"), result.get("valid_until")
            result["valid_from"] = first and min(first, delivery["from"])
            result["valid_until"] = last and max(last, delivery["until"])
        case Remedy.DROP_CONDITION:
            result["requires_groups"] = []
        case _:
            name = ADDED_TO[change.remedy]
            result[name] = sorted({*result.get(name, ()), change.value})
    return result


ADDED_TO = {
    Remedy.CONFIRM_MEMBER: "states",
    Remedy.ADD_LANGUAGE: "languages",
    Remedy.ADD_MODALITY: "modalities",
    Remedy.ADD_SCOPE: "scopes",
    Remedy.EXTEND_COVERAGE: "regions",
    Remedy.ADD_DOMAIN: "domains",
}
"""The list of the record that each of these remedies adds to."""
