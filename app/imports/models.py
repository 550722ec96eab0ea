"""Imports: which file brought which rows, so that every record can name its line."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, key


class Import(Base):
    """One file read by the importer: its name, digest and what came of its lines."""

    __tablename__ = "imports"
    id: Mapped[UUID] = key()
    file_name: Mapped[str]
    sha256: Mapped[str]
    sheet: Mapped[str]
    rows: Mapped[int]
    created: Mapped[int]
    amended: Mapped[int]
    unchanged: Mapped[int]
    skipped: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(server_default=func.now())
