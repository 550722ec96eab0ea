"""The engine's vocabulary: rules, reasons and terms, each with what it means in one line.

The codes are stable and stored with results; the sentences people read are rendered from them elsewhere.
"""

from enum import StrEnum


class Code(StrEnum):
    """A string that carries its meaning. Members keep the order in which they are written."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> "Code":
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


class Rule(Code):
    """What makes a pair ineligible, in order of evaluation: a pair is counted under the first rule it fails."""

    OFFER_NOT_SPECIFIC = "OFFER_NOT_SPECIFIC", "the offer names no domain specific enough to match"
    DOMAIN = "DOMAIN", "the offer covers neither the need's domain nor one related enough"
    COVERAGE_NOT_STATED = "COVERAGE_NOT_STATED", "the offer does not say whom it is for"
    COVERAGE = "COVERAGE", "the offer does not cover the beneficiary, or too few of the beneficiaries"
    PROVIDER_IS_REQUESTER = "PROVIDER_IS_REQUESTER", "the provider would be assisting itself"
    MODALITY = "MODALITY", "the offer has none of the wanted forms of assistance"
    SCOPE = "SCOPE", "the offer has none of the wanted weapon scopes"
    LANGUAGE = "LANGUAGE", "the offer insists on its languages and the need, naming others, has none of them"
    VALIDITY = "VALIDITY", "offer, need and delivery quarter have no day in common"
    CONDITION = "CONDITION", "the beneficiary does not meet a condition of the offer, or too few of them do"
    EXCLUSION = "EXCLUSION", "one side may not, or will not, work with the other"
    DECLINED = "DECLINED", "this pairing was declined before and nothing has changed since"
    FORBIDDEN = "FORBIDDEN", "the working group has ruled this pairing out"
    CAPACITY = "CAPACITY", "the offer has no units left for the delivery quarter"


SWITCHABLE = (Rule.MODALITY, Rule.SCOPE, Rule.LANGUAGE, Rule.DECLINED)
"""Rules a strategy may switch off. The others guard facts, consents and decisions that no weight may override."""


class Reason(Code):
    """Why units of a need are left unserved, in order of precedence."""

    NOT_SPECIFIC = "NOT_SPECIFIC", "the need does not say what is wanted specifically enough to match"
    REQUESTER_NOT_NAMED = "REQUESTER_NOT_NAMED", "the record does not say which State asked"
    NO_CONFIRMED_BENEFICIARY = "NO_CONFIRMED_BENEFICIARY", "no member of the group has confirmed"
    NO_ELIGIBLE_OFFER = "NO_ELIGIBLE_OFFER", "each offer fails a rule; the counts say which"
    LEAST_NOT_REACHED = (
        "LEAST_NOT_REACHED",
        "too few members could be served, or serving so many is worth less than other uses of the units",
    )
    NOT_WHOLE = "NOT_WHOLE", "units are left, but too few to serve this member in full"
    NO_GAIN = "NO_GAIN", "an eligible offer has units left, but the strategy sees no gain in using them"
    PARTLY_SERVED = "PARTLY_SERVED", "some units are served; those left would displace needs worth more"
    OUTBID = "OUTBID", "every unit of every eligible offer is worth more elsewhere"


class Term(Code):
    """A summand of the points of a pair, in the order results list them."""

    PRIORITY = "priority", "the priority the experts gave the need"
    WAITING = "waiting", "whole quarters waited, up to a cap"
    NEVER_SERVED = "never_served", "the request has not been served before"
    LDC = "ldc", "share of beneficiaries that are least developed countries"
    LLDC = "lldc", "share of beneficiaries that are landlocked developing countries"
    SIDS = "sids", "share of beneficiaries that are small island developing States"
    ACTION_PLAN = "action_plan", "the need rests on a national action plan"
    DOMAIN = "domain", "weight of the domain, times how closely the offer fits it"
    COVERAGE = "coverage", "weight of the subregion, times how closely the offer names the beneficiary"
    MODALITY = "modality", "share of the wanted forms of assistance that the offer has"
    SCOPE = "scope", "share of the wanted weapon scopes that the offer has"
    LANGUAGE = "language", "need and offer share a language"
    PREFERRED_DOMAIN = "preferred_domain", "the provider prefers this domain"
    PREFERRED_STATE = "preferred_state", "share of beneficiaries that the provider prefers"
    RECORD = "record", "units this offer has delivered, against those it failed to deliver"
    EARLIER = "earlier", "the pairing was proposed in the quarter before and is not yet answered"


class Obstacle(Code):
    """Why a run proposes nothing at all: decisions of people that cannot be kept together, or no time."""

    PIN_NOT_ELIGIBLE = "PIN_NOT_ELIGIBLE", "a pinned pairing fails a rule"
    PIN_OVER_NEED = "PIN_OVER_NEED", "more units are pinned to a need than it asks for"
    PIN_OVER_CAPACITY = "PIN_OVER_CAPACITY", "more units are pinned to an offer than it has left"
    PIN_SPLITS_GROUP = (
        "PIN_SPLITS_GROUP",
        "a pinned member cannot be served in full together with the least number of members",
    )
    NEEDS_OVER_SUPPLY = "NEEDS_OVER_SUPPLY", "some units must reach where fewer can come"
    OFFERS_OVER_DEMAND = "OFFERS_OVER_DEMAND", "some units must be given where fewer can be taken"
    SUBSTITUTES_BOTH_HELD = (
        "SUBSTITUTES_BOTH_HELD",
        "a national need and the joint one that would cover it must both be served",
    )
    CONDITIONS_CONFLICT = "CONDITIONS_CONFLICT", "conditions of group needs, pins and quotas cannot all be kept"
    NOTHING_FOUND = "NOTHING_FOUND", "time ran out before any pairings that keep the pins were found"
