"""A request or a group submission as rows, made from the body that was sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.classification import Basis
from app.parties.models import PartyKind
from app.parties.roll import Named, Roll, members_on, roll
from app.problems import Fault, pointer, suggest
from app.records import Origin, Row, dating_faults, day_faults, hash_of, new_row, today
from app.reference.vocabulary import Vocabulary, vocabulary
from app.requests import needs
from app.requests.models import Consent
from app.requests.needs import Audience
from app.requests.schemas import BeneficiarySubmit, GroupSubmissionSubmit, RequestSubmit

Submission = RequestSubmit | GroupSubmissionSubmit

TERMS = ("kind", "channel", "authenticated_on", "action_plan", "status_note")
CONSENT = ("consent", "consent_basis", "consent_on", "consent_document")


@dataclass
class Whole:
    """A request with its needs, in the order of their numbers, and its beneficiaries, in the order of their codes.

    Besides its columns the request row has ``requester`` and ``superseded_by`` (references) and ``group_kind``,
    a beneficiary row ``state`` (ISO 3166-1 alpha-3).
    """

    request: Row
    needs: list[Row]
    beneficiaries: list[Row]

    @property
    def audience(self) -> Audience:
        """For whom the needs are."""
        remaining = [each for each in self.beneficiaries if each["consent"] != Consent.LEFT]
        return Audience(len(remaining), of_group=self.request["requester"].startswith(f"{PartyKind.GROUP}:"))

    def digest(self) -> str:
        """The content hash."""
        return hash_of(
            self.request,
            ("reference", "requester", "requester_candidates", "superseded_by", *TERMS),
            needs=[{name: need[name] for name in needs.CONTENT} for need in self.needs],
            beneficiaries=[{name: each[name] for name in ("state", *CONSENT)} for each in self.beneficiaries],
        )

    def call(self, reference: str) -> None:
        """Give the request its reference, and each need its own."""
        self.request["reference"] = reference
        for need in self.needs:
            need["reference"] = f"{reference}/{need['number']}"


def draft(session: Session, body: Submission, origin: Origin | None) -> tuple[Whole, list[Fault]]:
    """The rows of a new request, and what is wrong with it."""
    words, known = vocabulary(session), roll(session)
    candidates: list[str] = []
    if isinstance(body, GroupSubmissionSubmit):
        requester = known.groups.get(body.group)
        reference = requester.reference if requester else f"{PartyKind.GROUP}:{body.group}"
        place = "group"
    else:
        requester, reference, place = known.parties.get(body.requester), body.requester, "requester"
        candidates = sorted(body.requester_candidates)
    request = new_row(body, origin) | {name: getattr(body, name) for name in TERMS}
    request |= {
        "reference": body.reference,
        "requester": reference,
        "requester_id": requester.id if requester else None,
        "requester_candidates": candidates,
        "superseded_by": None,
        "superseded_by_id": None,
    }
    beneficiaries = _beneficiaries(request, requester, body.beneficiaries, known)
    lines = [needs.need_row(request, number, need) for number, need in enumerate(body.needs, 1)]
    whole = Whole(request, lines, beneficiaries)
    asking = [*known.party_fault(reference, [place]), *_requester_faults(body, requester, known)]
    faults = [
        *asking,
        *_beneficiary_faults(session, body, requester, request, known),
        *_need_faults(body, whole, words, settled=not asking),
        *date_faults(request),
    ]
    return whole, faults


def _beneficiaries(request: Row, requester: Named | None, given: Sequence[BeneficiarySubmit], known: Roll) -> list[Row]:
    if requester and requester.is_state:
        own = {"state": requester.code, "state_id": requester.id, "consent_on": None, "consent_document": None}
        return [
            own | {"request_id": request["id"], "consent": Consent.CONFIRMED, "consent_basis": Basis.STATED},
        ]
    return [beneficiary_row(request, each, known) for each in sorted(given, key=lambda each: each.state)]


def beneficiary_row(request: Row, body: BeneficiarySubmit, known: Roll) -> Row:
    """One beneficiary of ``request`` as a row."""
    state = known.states.get(body.state)
    said = Basis.STATED if "consent" in body.model_fields_set else Basis.NOT_STATED
    return {
        "request_id": request["id"],
        "state": body.state,
        "state_id": state.id if state else None,
        "consent": body.consent,
        "consent_basis": Basis(body.consent_basis) if body.consent_basis else said,
        "consent_on": body.consent_on,
        "consent_document": body.consent_document,
    }


def _requester_faults(body: Submission, requester: Named | None, known: Roll) -> Iterator[Fault]:
    if requester is None or isinstance(body, GroupSubmissionSubmit):
        return
    if requester.kind is PartyKind.GROUP:
        detail = "a group names its members and how they are served: POST /v1/group-submissions"
        yield Fault("/requester", "group_submits_elsewhere", detail)
        return
    if body.requester_candidates and requester.matchable:
        yield Fault("/requester_candidates", "requester_is_named", f"{requester.reference} is named; leave this out")
    yield from known.state_faults(body.requester_candidates, ["requester_candidates"])
    if requester.is_state and body.beneficiaries:
        detail = "a State's own request is for itself; leave this out, or submit for a group"
        yield Fault("/beneficiaries", "own_request", detail)
    elif not requester.is_state and requester.matchable and not body.beneficiaries:
        yield Fault("/beneficiaries", "no_beneficiary", "a need must be for somebody: name the States that consent")


def _beneficiary_faults(
    session: Session, body: Submission, requester: Named | None, request: Row, known: Roll
) -> Iterator[Fault]:
    given = [each.state for each in body.beneficiaries]
    yield from known.state_faults(given, ["beneficiaries"])
    for number, each in enumerate(body.beneficiaries):
        yield from day_faults(each.consent_on, pointer("beneficiaries", number, "consent_on"), synthetic=body.synthetic)
    if given and all(each.consent is Consent.LEFT for each in body.beneficiaries):
        yield Fault("/beneficiaries", "no_beneficiary", "a need must be for somebody: all of them have left")
    if isinstance(body, GroupSubmissionSubmit) and requester is not None:
        for number, state in enumerate(given):
            if state in known.states:
                yield from member_fault(session, requester, state, request, ["beneficiaries", number, "state"])


def member_fault(
    session: Session, group: Named, state: str, request: Row, place: Sequence[str | int]
) -> Iterator[Fault]:
    """The fault of a State that did not belong to the group on the day of the document, or today if that is unknown."""
    day = request["dated_on"] or today()
    members = members_on(session, group.code, day)
    if state not in members:
        detail = f"{state} did not belong to {group.code} on {day}; {suggest(state, members)}"
        yield Fault(pointer(*place), "not_a_member", detail)


def _need_faults(body: Submission, whole: Whole, words: Vocabulary, *, settled: bool) -> Iterator[Fault]:
    """``settled``: nothing is wrong with who asks and for whom, so that it shows whether a need has several."""
    audience = whole.audience
    for number, (need, row) in enumerate(zip(body.needs, whole.needs, strict=True)):
        yield from needs.need_faults(need, row, ("needs", number), words, {})
        if settled:
            yield from needs.audience_faults(row, ("needs", number), audience)


def date_faults(request: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the dates of the request itself."""
    dated_on, authenticated_on = request["dated_on"], request["authenticated_on"]
    yield from dating_faults(request)
    yield from day_faults(authenticated_on, "/authenticated_on", synthetic=request["synthetic"])
    if dated_on and authenticated_on and authenticated_on < dated_on:
        yield Fault("/authenticated_on", "before_document", f"must not be before the document's date, {dated_on}")
