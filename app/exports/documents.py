"""A record as the document that states it: the body that the API takes, and what has become of the record since."""

from collections.abc import Mapping
from typing import Any

from app.classification import Basis, DatePrecision
from app.imports.bodies import RECORD, GroupSubmissionLine, NeedLine, OfferLine, RequestLine
from app.imports.requests import UNATTRIBUTED
from app.offers.schemas import OfferRead
from app.requests.models import Consent
from app.requests.needs import ASSUMED
from app.requests.schemas import BeneficiaryRead, NeedRead, RequestRead
from app.schemas import RecordedRead

Document = dict[str, Any]

#: A basis that a document leaves out: the first is understood, the second means that there is no fact.
UNSAID = (Basis.STATED, Basis.NOT_STATED)


def request_document(record: RequestRead) -> Document:
    """A request or a group submission as ``load`` takes it."""
    kind, _, code = record.requester.partition(":")
    if kind == "group":
        made = _document("group_submission", record, GroupSubmissionLine.model_fields) | {"group": code}
    else:
        made = _document("request", record, RequestLine.model_fields)
    if kind == "state":
        # A State's own request is for itself, and says so by naming nobody.
        made.pop("beneficiaries", None)
    elif record.beneficiaries:
        made["beneficiaries"] = [_beneficiary(each) for each in record.beneficiaries]
    made["needs"] = [_need(each) for each in record.needs]
    return made


def offer_document(record: OfferRead) -> Document:
    """An offer as ``load`` takes it. Capacity that was assumed is left out, to be assumed again."""
    made = _document("offer", record, OfferLine.model_fields)
    made["basis"] = _basis(record.basis)
    if record.basis["capacity"] == Basis.ASSUMED and record.capacity_total is None and record.capacity_per_quarter == 1:
        del made["capacity_per_quarter"], made["basis"]["capacity"]
    return made


def _document(kind: str, record: RecordedRead, fields: Mapping[str, object]) -> Document:
    """The fields that say anything, in the order in which the API describes them."""
    given = record.model_dump(mode="json", include={*fields})
    made = {name: given[name] for name in fields if name in given and given[name] not in (None, [])}
    if record.date_precision is DatePrecision.UNKNOWN:
        made.pop("date_precision", None)
    return {RECORD: kind, "reference": made.pop("reference"), **made}


def _need(need: NeedRead) -> Document:
    given = need.model_dump(mode="json", include={*NeedLine.model_fields})
    made = {name: given[name] for name in NeedLine.model_fields if given[name] not in (None, [])}
    made["basis"] = _basis(need.basis)
    for fact, value in ASSUMED.items():
        if need.basis.get(fact) == Basis.ASSUMED and made[fact] == value:
            del made[fact], made["basis"][fact]
    return made


def _basis(basis: Mapping[str, Basis]) -> dict[str, str]:
    return {fact: Basis(said).value for fact, said in sorted(basis.items()) if said not in UNSAID}


def _beneficiary(beneficiary: BeneficiaryRead) -> Document:
    given = beneficiary.model_dump(mode="json")
    if beneficiary.consent_basis is Basis.NOT_STATED:
        del given["consent_basis"]
        if beneficiary.consent is Consent.PENDING:
            del given["consent"]
        else:
            # Nobody said so, and yet something other than the default holds: somebody drew the conclusion.
            given["consent_basis"] = Basis.INFERRED.value
    return {name: value for name, value in given.items() if value is not None}


def requester_cells(document: Document) -> tuple[str, str]:
    """The kind of the requester and its code, as the import file has them."""
    if "group" in document:
        return "group", document["group"]
    kind, _, code = document["requester"].partition(":")
    return ("state", code) if code == UNATTRIBUTED else (kind, code)
