"""Reading the cells of one line into a document, with every fault noted where it stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.classification import Basis
from app.imports.bodies import Document
from app.imports.cells import UnreadableCell, dated, unguarded, urls
from app.imports.columns import Column
from app.imports.drafts import Draft, as_sentence, remedy_for
from app.imports.faults import LineFault
from app.imports.files import Line
from app.problems import pointer, suggest

#: How much of a date is known, from most to least.
PRECISIONS = ("day", "month", "year")


@dataclass
class Cells:
    """The cells of a line. What cannot be read becomes a fault and counts as empty."""

    line: Line
    columns: Mapping[str, Column]
    faults: list[LineFault]

    def __contains__(self, name: str) -> bool:
        """Whether the file has the column."""
        return name in self.line.cells

    def __getitem__(self, name: str) -> str:
        """The text of the cell, empty where the file has no such column."""
        return unguarded(self.line.cells.get(name, "").strip())

    def fault(self, name: str, reason: str, remedy: str | None = None) -> None:
        """Note what is wrong with the cell."""
        self.faults.append(LineFault(self.line.number, name, reason, remedy or remedy_for(self.columns[name])))

    def read(self, name: str, parse: Callable[[str], Any] | None = None) -> Any:
        """What the cell holds, None where it is empty or cannot be read."""
        if not self[name]:
            return None
        try:
            return (parse or self.columns[name].parse)(self[name])
        except UnreadableCell as error:
            self.fault(name, str(error))
            return None

    def one_of(self, name: str, choices: Iterable[str], default: str) -> str:
        """The cell's word if it is one of ``choices``; anything else is a fault."""
        word = self[name] or default
        if word not in (valid := [*choices]):
            self.fault(name, f"there is no {name} {word!r}", as_sentence(suggest(word, valid)))
            return default
        return word


def fill(draft: Draft, cells: Cells, names: Iterable[str], document: Document, at: tuple[str | int, ...] = ()) -> None:
    """Put what the cells of the columns ``names`` hold into ``document``, which stands at ``at`` in the draft."""
    for name in names:
        column = cells.columns[name]
        if column.field is None:
            continue
        draft.places[pointer(*at, column.field)] = cells.line.number, name
        if (value := cells.read(name)) is not None:
            document[column.field] = value


def fill_sources(draft: Draft, cells: Cells) -> None:
    """The web addresses of the record, in the order of their columns."""
    found: list[str] = []
    for name in ("source_url", "source_url_2", "further_source_urls"):
        for address in cells.read(name, urls) or []:
            draft.places[pointer("source_urls", len(found))] = cells.line.number, name
            found.append(address)
    draft.places["/source_urls"] = cells.line.number, "further_source_urls" if len(found) > 2 else "source_url"
    draft.document["source_urls"] = found


def fill_date(draft: Draft, cells: Cells, name: str) -> None:
    """The date of the record, and how much of it is known: as it is written, or less where date_precision says so."""
    draft.places["/dated_on"] = draft.places["/date_precision"] = cells.line.number, name
    found = cells.read(name, dated)
    said = cells.one_of("date_precision", (*PRECISIONS, "unknown"), found[1] if found else "unknown")
    if found is None:
        if said != "unknown" and not cells[name]:
            cells.fault(name, f"is empty, but date_precision says {said}")
        return
    first, written = found
    if said not in PRECISIONS or PRECISIONS.index(said) < PRECISIONS.index(written):
        cells.fault("date_precision", f"says {said}, but {name} is written to the {written}")
        return
    draft.document |= {"dated_on": first, "date_precision": said}


def basis_of(cells: Cells, fact: str, column: str, default: str = "stated") -> dict[str, str]:
    """On what a fact rests, for the ``basis`` of a body: nothing where it is stated, or where there is no fact."""
    name = f"{column}_basis"
    given = bool(cells[column])
    said = cells.one_of(name, Basis, default)
    if said == Basis.NOT_STATED and given and cells[name]:
        cells.fault(name, f"says not_stated, but {column} is given")
    if said in (Basis.STATED, Basis.NOT_STATED) or not given:
        return {}
    return {fact: said}
