"""Lines of requests as documents: one need for each domain, with the request's forms of help."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.classification import Basis, DatePrecision
from app.imports.bodies import RECORD, Document
from app.imports.cells import codes, whole
from app.imports.columns import Column
from app.imports.drafts import Draft, as_sentence
from app.imports.faults import LineFault
from app.imports.files import Line
from app.imports.lines import Cells, basis_of, fill, fill_date, fill_sources
from app.problems import pointer, suggest
from app.records import legal_date
from app.reference.vocabulary import UNSPECIFIED

#: Stands for a requester whom the source does not name. It is recorded as an organization, whoever it is.
UNATTRIBUTED = "UNATTRIBUTED"
#: Channels other than to the Committee in proper form: what comes by them is listed and followed up, never matched.
INTENTIONS = ("bwc_programme", "informal")
DELIVERY_ASSUMED = (
    "Whether one activity for all members or one for each is wanted is not stated; one for all is assumed."
)
#: Fact -> its column, where the fact is stated unless a column of its own says otherwise.
ON_THEIR_OWN = {"languages": "languages", "units": "units", "priority": "priority", "delivery": "delivery"}
#: Fact -> its column, where the fact's basis is that of the domains unless a column of its own says otherwise.
LIKE_DOMAINS = {"modalities": "modalities", "scopes": "weapons_scope"}


@dataclass(frozen=True)
class World:
    """What a line's words are held to: States and groups by code, and who belonged to a group on a day (or today)."""

    states: frozenset[str]
    groups: frozenset[str]
    members: Callable[[str, date | None], frozenset[str]]

    def party(self, kind: str, code: str) -> str:
        """Reference of the party that a file calls ``code``. A body that is also a group is the group."""
        if kind == "state" and code != UNATTRIBUTED:
            return f"state:{code}"
        return f"group:{code}" if kind == "group" or code in self.groups else f"organization:{code}"


def request_draft(
    lines: Sequence[Line], columns: Mapping[str, Column], world: World
) -> tuple[Draft, Sequence[LineFault]]:
    """The request of one or more lines with the same id, and what cannot be read of it."""
    faults: list[LineFault] = []
    first = Cells(lines[0], columns, faults)
    draft = Draft(tuple(line.number for line in lines), {RECORD: "request"}, columns, lines[0].cells)
    fill(draft, first, [name for name, column in columns.items() if not column.of_need], draft.document)
    fill_sources(draft, first)
    fill_date(draft, first, "date_of_request")
    draft.document.setdefault("kind", "intention" if first["channel"] in INTENTIONS else "formal")
    _fill_requester(draft, first, world)
    _fill_beneficiaries(draft, first, world)
    draft.document["needs"] = []
    for line in lines:
        cells = Cells(line, columns, faults)
        _require_agreement(cells, first)
        _fill_needs(draft, cells)
    return draft, faults


def _fill_requester(draft: Draft, cells: Cells, world: World) -> None:
    kind = cells.one_of("requester_kind", ("state", "organization", "regional_organization", "group"), "state")
    draft.places["/requester"] = draft.places["/group"] = cells.line.number, "requester"
    reference = world.party(kind, cells["requester"])
    if reference.startswith("group:"):
        if (code := cells["requester"]) not in world.groups:
            cells.fault("requester", f"there is no group {code}", as_sentence(suggest(code, world.groups)))
        draft.document |= {RECORD: "group_submission", "group": code}
    else:
        draft.document["requester"] = reference


def _fill_beneficiaries(draft: Draft, cells: Cells, world: World) -> None:
    """Those that the file names, else, for a group, all who belonged to it: that they agree is then assumed."""
    draft.places["/beneficiaries"] = cells.line.number, "beneficiaries"
    documents = _consent_documents(cells)
    if "beneficiaries" in cells:
        named = [_beneficiary(entry) for entry in codes(cells["beneficiaries"])]
        for beneficiary in named:
            if document := documents.pop(beneficiary["state"], None):
                beneficiary["consent_document"] = document
        if named:
            draft.document["beneficiaries"] = named
        for state in documents:
            cells.fault("consent_documents", f"names {state}, which is not among the beneficiaries")
    elif draft.document[RECORD] == "group_submission":
        draft.assumed_members = True
        draft.document["beneficiaries"] = [
            {"state": state, "consent": "confirmed", "consent_basis": "assumed"}
            for state in sorted(world.members(draft.document["group"], _legal_day(draft.document)))
        ]


def _beneficiary(entry: str) -> Document:
    """``PHL=confirmed/assumed@2015-02-12``: consent, its basis and its day may be left out."""
    state, _, consent = entry.partition("=")
    consent, _, day = consent.partition("@")
    consent, _, basis = consent.partition("/")
    given = {"consent": consent, "consent_basis": basis, "consent_on": day}
    return {"state": state.strip()} | {name: value.strip() for name, value in given.items() if value.strip()}


def _consent_documents(cells: Cells) -> dict[str, str]:
    if not cells["consent_documents"]:
        return {}
    try:
        given = json.loads(cells["consent_documents"])
    except (json.JSONDecodeError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        cells.fault("consent_documents", "is no JSON object of texts")
        return {}
    return given


def _legal_day(document: Document) -> date | None:
    if "dated_on" not in document:
        return None
    return legal_date(date.fromisoformat(document["dated_on"]), DatePrecision(document["date_precision"]))[0]


def _require_agreement(cells: Cells, first: Cells) -> None:
    """Further lines of a request bring needs; what they repeat of the request itself must be the same."""
    if cells.line is first.line:
        return
    for name, column in cells.columns.items():
        if not column.of_need and cells[name] not in ("", first[name]):
            reason = f"differs from line {first.line.number}, which begins the same request"
            cells.fault(name, reason, "Leave it empty in further lines of a request, or give the line another id.")


def _fill_needs(draft: Draft, cells: Cells) -> None:
    needs: list[Document] = draft.document["needs"]
    domains = _domains(cells)
    number = cells.read("need_number", whole)
    if number is not None and number != len(needs) + 1:
        cells.fault("need_number", f"is {number}, but the next need of {draft.reference} is number {len(needs) + 1}")
    for domain in domains:
        at = ("needs", len(needs))
        draft.places |= {pointer(*at): (cells.line.number, "domains")}
        need: Document = {"domain": domain}
        fill(draft, cells, [name for name, column in cells.columns.items() if column.of_need], need, at)
        need["basis"] = _bases(draft, cells, domain, at)
        if draft.document[RECORD] == "group_submission" and "delivery" not in cells:
            need.setdefault("description", DELIVERY_ASSUMED)
            need["delivery"] = "joint"
            need["basis"]["delivery"] = "assumed"
        needs.append(need)


def _domains(cells: Cells) -> list[str]:
    found: list[str] = cells.read("domains", codes) or []
    if not found:
        cells.fault("domains", "is empty")
    elif len(set(found)) < len(found):
        cells.fault("domains", "names a domain twice")
    elif UNSPECIFIED in found and len(found) > 1:
        cells.fault("domains", f"{UNSPECIFIED} stands alone")
    return found


def domains_basis(cells: Cells, *, specific: bool) -> str:
    """On what the domains of a line rest; not_stated goes with UNSPEC and with nothing else."""
    said = cells.one_of("domains_basis", Basis, "stated" if specific else "not_stated")
    if specific and said == Basis.NOT_STATED:
        cells.fault("domains_basis", f"says not_stated, so domains must be {UNSPECIFIED}")
    elif not specific and said != Basis.NOT_STATED:
        cells.fault("domains_basis", f"says {said}, but domains is {UNSPECIFIED}", "Give not_stated.")
    return said


def _bases(draft: Draft, cells: Cells, domain: str, at: tuple[Any, ...]) -> dict[str, str]:
    specific = domain != UNSPECIFIED
    of_domains = domains_basis(cells, specific=specific)
    default = of_domains if specific else Basis.STATED.value
    basis = {"domain": of_domains} if of_domains not in (Basis.STATED, Basis.NOT_STATED) else {}
    for fact, column in LIKE_DOMAINS.items():
        basis |= basis_of(cells, fact, column, default if fact != "modalities" else _spread(cells, default))
    for fact, column in ON_THEIR_OWN.items():
        basis |= basis_of(cells, fact, column)
    columns = {"domain": "domains"} | LIKE_DOMAINS | ON_THEIR_OWN
    draft.places |= {
        pointer(*at, "basis", fact): (cells.line.number, f"{name}_basis") for fact, name in columns.items()
    }
    return basis


def _spread(cells: Cells, default: str) -> str:
    """Which of several forms of help is for which of several domains the line does not say: that is inferred."""
    several = all(len(codes(cells[name])) > 1 for name in ("domains", "modalities"))
    return Basis.INFERRED.value if several and default == Basis.STATED else default
