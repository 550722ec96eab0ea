"""Bodies of answers."""

from typing import Annotated

from pydantic import ConfigDict, Field

from app.answers.models import AnswerState
from app.schemas import (
    NeedReference,
    Prose,
    PublicReference,
    RecordedAmend,
    RecordedRead,
    RecordedSubmit,
    Units,
)

StateField = Annotated[AnswerState, Field(strict=False)]


class AnswerSubmit(RecordedSubmit):
    """What a provider said to one need that was proposed to it for one of its offers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "A-NZL-2015-1",
                "need": "R-MNG-2015/1",
                "offer": "O-NZL-2015",
                "units": 1,
                "state": "accepted",
                "dated_on": "2015-05-20",
                "document": "Letter of 20 May 2015",
            }
        }
    )

    reference: PublicReference | None = Field(None, description="Left out, one is made, such as 1540-ANS-2026-0042")
    need: NeedReference
    offer: PublicReference
    units: Units = 1
    state: StateField
    reason: Prose | None = Field(None, description="Required for declined")


class AnswerAmend(RecordedAmend):
    """Fields to change; what is not sent stays, null clears. Which pair it is about is not changed here."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"state": "delivered", "summary": "Course held in Ulaanbaatar, 14-18 September"}}
    )

    units: Units = 1
    state: StateField = AnswerState.ACCEPTED
    reason: Prose | None = None


class AnswerRead(RecordedRead):
    """An answer as it is recorded."""

    reference: str
    need: str
    offer: str
    units: int
    state: AnswerState
    reason: str | None
