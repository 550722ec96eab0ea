"""Code lists: domains, modalities, weapon scopes, regions, kinds of group, and how related domains are."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, func
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class CodeList(Base):
    """A version of one list of codes, as it was loaded: which file, of what date, with what digest."""

    __tablename__ = "code_lists"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    sha256: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Code:
    """What every code has. A retired code stays resolvable: records of earlier years use it."""

    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[dict[str, str]]
    since_version: Mapped[str]
    retired_in: Mapped[str | None]


class WeaponScope(Code, Base):
    """Nuclear, chemical, biological, means of delivery."""

    __tablename__ = "weapon_scopes"


class Domain(Code, Base):
    """A subject of assistance: an operative paragraph of resolution 1540 or a part of one."""

    __tablename__ = "domains"
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("domains.code"))
    scopes: Mapped[list[str]]
    source: Mapped[str | None]


class Modality(Code, Base):
    """A form of assistance, with a real example and where it was found."""

    __tablename__ = "modalities"
    example: Mapped[str | None]
    example_source: Mapped[str | None]


class Relatedness(Base):
    """How far an offer in one domain serves a need in another: 0 not at all, 1 as well as its own."""

    __tablename__ = "relatedness"
    __table_args__ = (
        CheckConstraint("a < b", name="ordered"),
        CheckConstraint("weight BETWEEN 0 AND 1", name="weight_range"),
    )
    a: Mapped[str] = mapped_column(ForeignKey("domains.code"), primary_key=True)
    b: Mapped[str] = mapped_column(ForeignKey("domains.code"), primary_key=True)
    weight: Mapped[Decimal] = mapped_column(Numeric(3, 2))
    why: Mapped[str]


class Region(Code, Base):
    """An M49 region, subregion or intermediate region."""

    __tablename__ = "regions"
    __table_args__ = (CheckConstraint("level IN ('region', 'subregion', 'intermediate_region')", name="level"),)
    level: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))


class GroupKind(Code, Base):
    """A kind of group, and the membership statuses that count as belonging to it."""

    __tablename__ = "group_kinds"
    counting_statuses: Mapped[list[str]]
