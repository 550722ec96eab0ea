"""What a line states, whole: the body that the API takes, and besides it what has become of the record since."""

from typing import Annotated, Any

from pydantic import Field

from app.offers.schemas import OfferSubmit
from app.requests.schemas import GroupSubmissionSubmit, NeedSubmit, RequestSubmit
from app.schemas import Body, Day, PublicReference, Reason


class _Since(Body):
    """What became of a record. A record without a reference could not be found again by a second import."""

    reference: PublicReference
    withdrawn_on: Day | None = None
    withdrawn_reason: Reason | None = None


class NeedLine(NeedSubmit):
    """A need, and since when it is no longer asked for."""

    withdrawn_on: Day | None = None


class _RequestSince(_Since):
    superseded_by: PublicReference | None = None
    needs: Annotated[list[NeedLine], Field(min_length=1, max_length=500)]


class RequestLine(_RequestSince, RequestSubmit):
    """A request as a file states it."""


class GroupSubmissionLine(_RequestSince, GroupSubmissionSubmit):
    """A group submission as a file states it."""


class OfferLine(_Since, OfferSubmit):
    """An offer as a file states it."""


RecordLine = RequestLine | GroupSubmissionLine | OfferLine

#: What a document says it is -> the form that it must have.
RECORDS: dict[str, type[RecordLine]] = {
    "request": RequestLine,
    "group_submission": GroupSubmissionLine,
    "offer": OfferLine,
}
#: The member of a document that says which of them it is.
RECORD = "record"

Document = dict[str, Any]
