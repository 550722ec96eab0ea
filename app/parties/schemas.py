"""Bodies of parties, groups, members and exclusions."""

from datetime import date
from decimal import Decimal

from pydantic import ConfigDict, Field, field_validator

from app.parties.models import PartyKind
from app.schemas import (
    Answer,
    Day,
    PartyReference,
    PublicReference,
    Reason,
    RecordedAmend,
    RecordedRead,
    RecordedSubmit,
    Source,
)


class StateRead(Answer):
    """What the reference data say of a State."""

    iso3: str
    iso2: str
    m49: str
    regional_group: str
    regional_group_status: str
    regional_group_note: str | None
    region_code: str
    subregion_code: str
    intermediate_region_code: str | None
    ldc: bool
    ldc_graduates_on: date | None
    lldc: bool
    sids: bool
    languages: list[str]
    income_group: str | None
    capital: str | None
    latitude: Decimal
    longitude: Decimal


class GroupRead(Answer):
    """What is known of a group."""

    group_kind: str
    founded: str | None
    treaty: str | None
    source_url: str | None
    as_of: str | None
    note: str | None
    held_from: date | None
    held_until: date | None


class PartyRead(Answer):
    """Somebody who can request, offer or belong."""

    reference: str
    kind: PartyKind
    code: str
    name: dict[str, str]
    alternative_names: list[str]
    matchable: bool
    since_version: str
    retired_in: str | None
    state: StateRead | None
    group: GroupRead | None


class MemberRead(Answer):
    """A State in a group, from when to when and as what."""

    state: str = Field(description="ISO 3166-1 alpha-3 code")
    name: dict[str, str]
    status: str
    counts: bool = Field(description="Whether this status counts as belonging, for a group of this kind")
    since: str
    starts_on: date | None
    ends_on: date | None
    note: str | None


class ExclusionSubmit(RecordedSubmit):
    """``by_party`` does not serve, or is not served by, ``other_party``."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "X-AUS-NZL-2016",
                "by_party": "state:AUS",
                "other_party": "state:NZL",
                "reason": "Both run the same programme; served by their own arrangement",
                "source": "Letter of 2 February 2016",
                "dated_on": "2016-02-02",
            }
        }
    )

    reference: PublicReference | None = Field(None, description="Left out, one is made")
    by_party: PartyReference
    other_party: PartyReference
    offer: PublicReference | None = Field(None, description="Only under this offer of by_party")
    reason: Reason
    source: Source
    expires_on: Day | None = None


class ExclusionAmend(RecordedAmend):
    """Fields to change; what is not sent stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"expires_on": "2018-12-31"}})

    reason: Reason | None = None
    source: Source | None = None
    expires_on: Day | None = None

    @field_validator("reason", "source")
    @classmethod
    def not_cleared(cls, value: str | None) -> str:
        """A reason and a source can be changed, not cleared."""
        if value is None:
            raise ValueError("cannot be cleared")
        return value


class ExclusionRead(RecordedRead):
    """An exclusion as it is recorded."""

    reference: str
    by_party: str
    other_party: str
    offer: str | None
    reason: str
    source: str
    expires_on: date | None
