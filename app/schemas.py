"""Parts that the bodies of several resources share: strict fields, clean text, codes and dates."""

import re
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
from app.text import HostileText, clean

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
Reason = Annotated[str, StringConstraints(min_length=3, max_length=2_000), AfterValidator(cleaned)]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s<>\"]+$")]
PublicReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
NeedReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[1-9][0-9]{0,3}$")]
PartyReference = Annotated[str, StringConstraints(pattern=r"^(state|organization|group):[A-Za-z0-9._-]{1,60}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
Iso3 = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
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
    date_precision: PrecisionField = Field(DatePrecision.DAY, description="How much of dated_on is known")
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
