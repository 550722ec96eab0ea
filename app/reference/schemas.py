"""Bodies of the code lists."""

from datetime import date, datetime
from decimal import Decimal

from app.schemas import Answer


class CodeRead(Answer):
    """A code with its titles by language. A retired code stays readable: records of earlier years use it."""

    code: str
    title: dict[str, str]
    since_version: str
    retired_in: str | None


class DomainRead(CodeRead):
    """A subject of assistance and the weapon scopes it is about."""

    parent_code: str | None
    scopes: list[str]
    source: str | None


class ModalityRead(CodeRead):
    """A form of assistance, with a real example."""

    example: str | None
    example_source: str | None


class RegionRead(CodeRead):
    """An M49 region, subregion or intermediate region."""

    level: str
    parent_code: str | None


class GroupKindRead(CodeRead):
    """A kind of group, and which membership statuses count as belonging to one."""

    counting_statuses: list[str]


class RelatednessRead(Answer):
    """How far an offer in one domain serves a need in the other, from 0 to 1."""

    a: str
    b: str
    weight: Decimal
    why: str


class CodeListRead(Answer):
    """A version of a code list as it was loaded."""

    name: str
    version: str
    as_of: date
    sha256: str
    loaded_at: datetime
