"""The columns of the import file: one table for requests, one for offers, read by import, export and documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.imports.cells import codes, day, text, urls, whole, yes_no


@dataclass(frozen=True)
class Column:
    """A column: its name, what a cell of it holds, and the field that it fills.

    ``needed`` columns must be in the header. ``of_need`` columns belong to the needs of their line, the others to
    the whole record. A column without ``field`` is read together with others, by ``app.imports.requests`` or
    ``app.imports.offers``.
    """

    name: str
    holds: str
    field: str | None = None
    parse: Callable[[str], Any] = text
    needed: bool = False
    of_need: bool = False


BASIS = "stated, inferred, assumed or not_stated"
CODES = "codes with ; between them"
DAY = "a date such as 2015-03-31"
YES_NO = "yes or no"

_ID = Column("id", "the reference of the record, such as R-ALB-2004", "reference", needed=True)
_SUMMARY = Column("summary", "text", "summary")
_DATE_NOTE = Column("date_note", "text of one line", "date_note")
_SOURCES = (
    Column("source_url", "a web address"),
    Column("source_url_2", "a web address"),
    Column("confidence", "high, medium or low", "confidence"),
)
#: Of every record, and not in the public one.
_FURTHER = (
    Column("classification", "unclassified or confidential", "classification"),
    Column("document", "symbol or title of the document", "document"),
    Column("further_source_urls", "web addresses with spaces between them", parse=urls),
    Column("synthetic", YES_NO, "synthetic", yes_no),
    Column("withdrawn_on", DAY, "withdrawn_on", day),
    Column("withdrawn_reason", "text, where withdrawn_on is given", "withdrawn_reason"),
)

REQUESTS = (
    _ID,
    Column("requester_kind", "state, organization, regional_organization or group", needed=True),
    Column(
        "requester", "an ISO 3166-1 alpha-3 code, an organization's or a group's code, or UNATTRIBUTED", needed=True
    ),
    Column("requester_candidates", "ISO 3166-1 alpha-3 codes with ; between them", "requester_candidates", codes),
    Column(
        "channel",
        "1540_committee, template, note_verbale_or_memorandum, national_report, referral_with_consent, informal or "
        "bwc_programme",
        "channel",
        needed=True,
    ),
    Column("date_of_request", "a date such as 2015-03-31, 2015-03 or 2015; empty where it is not known", needed=True),
    Column("date_precision", "day, month, year or unknown"),
    _DATE_NOTE,
    Column("domains", f"domain {CODES}, one need for each, or UNSPEC", needed=True, of_need=True),
    Column("domains_basis", BASIS, of_need=True),
    Column("modalities", f"modality {CODES}", "modalities", codes, needed=True, of_need=True),
    Column("weapons_scope", f"weapon scope {CODES}", "scopes", codes, needed=True, of_need=True),
    _SUMMARY,
    Column("status", "text", "status_note"),
    *_SOURCES,
    Column("kind", "formal or intention", "kind"),
    *_FURTHER,
    Column("authenticated_on", DAY, "authenticated_on", day),
    Column("action_plan", YES_NO, "action_plan", yes_no),
    Column("superseded_by", "the id of the request that replaces this one", "superseded_by"),
    Column("beneficiaries", "States with ; between them, such as PHL=confirmed@2015-02-12;THA"),
    Column("consent_documents", 'a JSON object such as {"PHL": "Note verbale 17/2015"}'),
    Column("need_number", "the number of the line's first need in its request", of_need=True),
    Column("need_description", "text", "description", of_need=True),
    Column("units", "a whole number from 1", "units", whole, of_need=True),
    Column("priority", "a whole number from 1 to 5", "priority", whole, of_need=True),
    Column("languages", f"language {CODES}", "languages", codes, of_need=True),
    Column("wanted_from", DAY, "wanted_from", day, of_need=True),
    Column("wanted_by", DAY, "wanted_by", day, of_need=True),
    Column("delivery", "joint or per_member, for a group submission", "delivery", of_need=True),
    Column("least", "a whole number from 1, for a group submission", "least", whole, of_need=True),
    Column("need_withdrawn_on", DAY, "withdrawn_on", day, of_need=True),
    Column("modalities_basis", BASIS, of_need=True),
    Column("weapons_scope_basis", BASIS, of_need=True),
    Column("languages_basis", BASIS, of_need=True),
    Column("units_basis", BASIS, of_need=True),
    Column("priority_basis", BASIS, of_need=True),
    Column("delivery_basis", BASIS, of_need=True),
)

OFFERS = (
    _ID,
    Column(
        "provider_kind",
        "state, organization, international_organization, regional_organization, arrangement, ngo or group",
        needed=True,
    ),
    Column("provider", "an ISO 3166-1 alpha-3 code, an organization's or a group's code", needed=True),
    Column("partner_codes", f"ISO 3166-1 alpha-3 or organization {CODES}"),
    Column("described_on_1540_site", "yes, no or unknown"),
    Column("date", "a date such as 2015-03-31, 2015-03 or 2015; empty where it is not stated", needed=True),
    Column("domains", f"domain {CODES}, or UNSPEC", "domains", codes, needed=True),
    Column("domains_basis", BASIS),
    Column("modalities", f"modality {CODES}", "modalities", codes, needed=True),
    Column("weapons_scope", f"weapon scope {CODES}", "scopes", codes, needed=True),
    Column("regions_or_states", "all, or region:NAME, region:M49, group:CODE, state:ISO3 with ; between", needed=True),
    Column("languages", f"language {CODES}", "languages", codes),
    Column("conditions", "text", "conditions"),
    _SUMMARY,
    Column("point_of_contact_exists", "yes, no or unknown; looked at and not kept"),
    *_SOURCES,
    Column("kind", "offer, intention or programme", "kind"),
    Column("accepts_requests", YES_NO, "accepts_requests", yes_no),
    _DATE_NOTE,
    *_FURTHER,
    Column("capacity_per_quarter", "a whole number from 0", "capacity_per_quarter", whole),
    Column("capacity_total", "a whole number from 0", "capacity_total", whole),
    Column("valid_from", DAY, "valid_from", day),
    Column("valid_until", DAY, "valid_until", day),
    Column("except_states", "ISO 3166-1 alpha-3 codes with ; between them", "coverage_excepted", codes),
    Column("requires_groups", f"group {CODES}", "requires_groups", codes),
    Column("language_required", YES_NO, "language_required", yes_no),
    Column("preferred_domains", f"domain {CODES}", "preferred_domains", codes),
    Column("preferred_states", "ISO 3166-1 alpha-3 codes with ; between them", "preferred_states", codes),
    Column("modalities_basis", BASIS),
    Column("weapons_scope_basis", BASIS),
    Column("coverage_basis", BASIS),
    Column("languages_basis", BASIS),
    Column("capacity_basis", BASIS),
    Column("validity_basis", BASIS),
)

#: Kind of file -> its columns by name.
COLUMNS: dict[str, dict[str, Column]] = {
    "requests": {column.name: column for column in REQUESTS},
    "offers": {column.name: column for column in OFFERS},
}
#: The column that tells which kind of file it is.
TELLING = {"requests": "requester", "offers": "provider"}
