"""Parts that the bodies of several resources share: strict fields, clean text, codes and dates."""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from app.classification import Classification, Confidence, DatePrecision
from app.languages import languages
from app.problems import suggest
from app.text import HostileText, clean
from app.wording import CODE_FORM, ISO3_FORM, NEED_FORM, PARTY_FORM, REFERENCE_FORM, URL_FORM

#: Units, capacities and totals stay far inside what the engine adds up exactly.
MOST_UNITS = 1_000_000_000


class RecordStatus(StrEnum):
    """Where a record stands, as far as it says itself."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class Body(BaseModel):
    """What a client sends: fields by name, of exactly their type, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """What a client reads."""

    model_config = ConfigDict(from_attributes=True)


def cleaned(text: str) -> str:
    """Clean text, or the reason why it cannot be."""
    try:
        return clean(text)
    except HostileText as error:
        raise PydanticCustomError("hostile_text", "{reason}", {"reason": str(error)}) from error


def saying(characters: int) -> Callable[[str], str]:
    """A check that text says something: so many ``characters``, spaces around it not counted."""

    def said(text: str) -> str:
        if len(text) < characters:
            missing = "must not be empty" if characters == 1 else f"must say something; write {characters} characters"
            raise PydanticCustomError("says_nothing", "{missing}", {"missing": missing})
        return text

    return said


def known_language(code: str) -> str:
    """A code of ISO 639, or the nearest ones."""
    if code not in languages():
        hint = suggest(code, languages())
        raise PydanticCustomError(
            "unknown_language", "there is no language {code}; {hint}", {"code": code, "hint": hint}
        )
    return code


def iso_date(value: Any) -> Any:
    """A date as ``2015-03-31``; numbers and instants, which would be taken for dates too, are not."""
    if isinstance(value, str) and len(value) == 10:
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("iso_date", "must be a date such as 2015-03-31")


RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")


def rfc_3339(value: Any) -> Any:
    """An instant with its offset from UTC; a number or a bare date, which would be taken for one too, is not."""
    if isinstance(value, datetime) or (isinstance(value, str) and RFC_3339.fullmatch(value)):
        return value
    raise PydanticCustomError(
        "instant", "must be an instant such as 2015-03-31T23:59:59Z; write the + of an offset as %2B in an address"
    )


def of_a_date(precision: DatePrecision, info: ValidationInfo) -> DatePrecision:
    """A precision that is said of a date; where there is no date, only ``unknown`` can be said."""
    if precision is not DatePrecision.UNKNOWN and "dated_on" in info.data and info.data["dated_on"] is None:
        raise PydanticCustomError(
            "no_date_given", "says how much of dated_on is known; give dated_on, or leave this out"
        )
    return precision


def of_no_date(precision: DatePrecision, info: ValidationInfo) -> DatePrecision:
    """Precision ``unknown`` goes with no date at all: of a date that is given, the year is known at least."""
    if precision is DatePrecision.UNKNOWN and info.data.get("dated_on") is not None:
        raise PydanticCustomError("date_given", "unknown goes without dated_on; of a date say day, month or year")
    return precision


def acceptable_class(value: Any) -> Any:
    """Strictly confidential material is turned away with a problem of its own."""
    if isinstance(value, str) and value.strip().lower().replace(" ", "_").replace("-", "_") == "strictly_confidential":
        raise PydanticCustomError("strictly_confidential", "strictly confidential material is not accepted here")
    return value


Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(cleaned)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(cleaned)]
#: A reason must say something.
Reason = Annotated[
    str, StringConstraints(min_length=3, max_length=2_000), AfterValidator(cleaned), AfterValidator(saying(3))
]
#: Where something was said.
Source = Annotated[
    str, StringConstraints(min_length=1, max_length=500), AfterValidator(cleaned), AfterValidator(saying(1))
]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=URL_FORM)]
PublicReference = Annotated[str, StringConstraints(pattern=REFERENCE_FORM)]
NeedReference = Annotated[str, StringConstraints(pattern=NEED_FORM)]
PartyReference = Annotated[str, StringConstraints(pattern=PARTY_FORM)]
Code = Annotated[str, StringConstraints(pattern=CODE_FORM)]
Iso3 = Annotated[str, StringConstraints(pattern=ISO3_FORM)]
Language = Annotated[str, Field(json_schema_extra={"pattern": r"^[a-z]{2,3}$"}), AfterValidator(known_language)]
Day = Annotated[date, Field(strict=False), BeforeValidator(iso_date)]
#: What a client may say of a fact that it gives. What it leaves out is ``not_stated``, for units ``assumed``.
GivenBasis = Literal["stated", "inferred", "assumed"]
Instant = Annotated[AwareDatetime, BeforeValidator(rfc_3339)]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Capacity = Annotated[int, Field(ge=0, le=MOST_UNITS)]
ClassField = Annotated[Classification, Field(strict=False), BeforeValidator(acceptable_class)]
ConfidenceField = Annotated[Confidence, Field(strict=False)]
PrecisionField = Annotated[DatePrecision, Field(strict=False), AfterValidator(of_no_date)]


class RecordedSubmit(Body):
    """What every record states about itself."""

    classification: ClassField = Classification.UNCLASSIFIED
    dated_on: Day | None = Field(None, description="Date of the document; without one it counts as early as can be")
    date_precision: Annotated[PrecisionField, AfterValidator(of_a_date)] = Field(
        DatePrecision.DAY, description="How much of dated_on is known"
    )
    date_note: Line | None = None
    document: Line | None = Field(None, description="Symbol or title of the document")
    source_urls: list[Url] = Field(default_factory=list, max_length=20)
    confidence: ConfidenceField = Confidence.HIGH
    synthetic: bool = Field(False, description="True for a made-up record")
    summary: Prose | None = None


class RecordedAmend(Body):
    """The same, to be amended: what is not sent stays, null clears."""

    classification: ClassField = Classification.UNCLASSIFIED
    dated_on: Day | None = None
    date_precision: PrecisionField = DatePrecision.DAY
    date_note: Line | None = None
    document: Line | None = None
    source_urls: list[Url] = Field(default_factory=list, max_length=20)
    confidence: ConfidenceField = Confidence.HIGH
    summary: Prose | None = None


class RecordedRead(Answer):
    """What every record shows about itself."""

    classification: Classification
    dated_on: date | None
    date_precision: DatePrecision
    date_note: str | None
    document: str | None
    source_urls: list[str]
    confidence: Confidence
    synthetic: bool
    summary: str | None
    withdrawn_on: date | None
    withdrawn_reason: str | None
    version: int
    content_hash: str
    recorded_at: datetime
    updated_at: datetime


class Withdrawal(Body):
    """Why a record is withdrawn, and on which day (today in New York unless given)."""

    reason: Reason
    withdrawn_on: Day | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"reason": "Replaced by the note verbale of 3 March 2016", "withdrawn_on": "2016-03-04"}
        }
    )
