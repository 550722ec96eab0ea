"""A file as the importer sees it: bytes within limits, recognised by what they are and not by their name."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.imports.faults import FileRefused, LineFault

MIB = 1024 * 1024
#: Largest file that is read; a line of the public record has 600 bytes.
MOST_BYTES = 100 * MIB
MOST_ROWS = 100_000
MOST_COLUMNS = 200
FORMULA_REMEDY = "Put the value in place of the formula; a text that begins with = is written with ' before it."


@dataclass(frozen=True)
class Line:
    """One line under the header: its number in the file, and the text of each column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table with its header: what CSV and XLSX files hold. ``faults`` are of lines that could not be split."""

    name: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    faults: tuple[LineFault, ...] = ()


@dataclass(frozen=True)
class Content:
    """The bytes of a file, and how it is referred to."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_workbook(self) -> bool:
        """Whether this is a ZIP archive, as XLSX is."""
        return self.data.startswith(b"PK\x03\x04")

    @property
    def is_ndjson(self) -> bool:
        """Whether the first line begins as a JSON object."""
        return self.data.lstrip().startswith(b"{")


def read_file(path: Path) -> Content:
    """The file at ``path``; raises FileRefused or OSError."""
    if path.is_dir():
        raise FileRefused(f"{path} is a folder; name a CSV, XLSX or NDJSON file")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileRefused(f"{path.name} is larger than {MOST_BYTES // MIB} MiB; split it")
    if not data.strip():
        raise FileRefused(f"{path.name} is empty")
    return Content(path.name, data)


def decoded(content: Content) -> str:
    """The text of the file; raises FileRefused with the byte that is not UTF-8."""
    if 0 in content.data[:2]:
        raise FileRefused(f"{content.name} is in UTF-16, and not UTF-8; save it as CSV UTF-8")
    try:
        return content.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"{content.name} is not UTF-8: byte {error.start + 1}, in line {line}, is "
            f"0x{content.data[error.start]:02X}; save it as CSV UTF-8"
        ) from None


def require_few(content: Content, n_rows: int) -> None:
    """Raise FileRefused for more rows than are taken at once."""
    if n_rows > MOST_ROWS:
        raise FileRefused(f"{content.name} has more than {MOST_ROWS:,} lines; split it")


def as_lines(
    content: Content, rows: Iterator[tuple[int, list[str]]], faults: list[LineFault]
) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """The header and the lines under it. ``rows`` are numbered; empty ones count for nothing.

    A row of another length than the header, or with a formula, becomes a fault. Raises FileRefused.
    """
    header: tuple[str, ...] = ()
    lines = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = tuple(cell.strip() for cell in cells)
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells, the header has {len(header)}"
            faults.append(LineFault(number, "", reason, 'Put text that holds a comma or a line break in "quotes".'))
            continue
        line = Line(number, dict(zip(header, cells, strict=True)))
        formulas = [column for column, cell in line.cells.items() if cell.lstrip().startswith("=")]
        faults += [LineFault(number, column, "holds a formula", FORMULA_REMEDY) for column in formulas]
        if not formulas:
            lines.append(line)
        require_few(content, len(lines) + len(faults))
    if not header:
        raise FileRefused(f"{content.name} is empty")
    return header, tuple(lines)
