"""A record on its way from a file into the database: what it states, and where in the file each part of it stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from app.faults import fault_of
from app.imports.bodies import RECORD, RECORDS, Document, RecordLine
from app.imports.columns import Column
from app.imports.faults import LineFault
from app.problems import pointer, suggest

#: Said of a place that no column stands for, in NDJSON.
SEE_API = "Correct it as the API's description of the body says."


@dataclass
class Draft:
    """A record as a document, the lines that it takes up, and the line and column of each part of it.

    ``columns`` are those that there may be, ``header`` those that the file has.

    ``assumed_members``: the file does not say for whom a group submission is; the members of the group are assumed.
    """

    lines: tuple[int, ...]
    document: Document
    columns: Mapping[str, Column] = field(default_factory=dict)
    header: Collection[str] = ()
    places: dict[str, tuple[int, str]] = field(default_factory=dict)
    assumed_members: bool = False

    @property
    def line(self) -> int:
        """The line on which the record begins."""
        return self.lines[0]

    @property
    def reference(self) -> str:
        """The reference that the record is known by."""
        return str(self.document.get("reference", ""))

    def place(self, of: str) -> tuple[int, str]:
        """Line and column of the part at a JSON pointer, or of the nearest part around it."""
        around = of
        while around:
            if around in self.places:
                return self.places[around]
            around = around.rpartition("/")[0]
        return self.line, "" if self.places else of

    def fault(self, of: str, detail: str) -> LineFault:
        """What is wrong with the part at a JSON pointer. ``detail`` may end in a remedy, after a semicolon."""
        line, column = self.place(of)
        reason, _, remedy = detail.partition("; ")
        return LineFault(line, column, reason, as_sentence(remedy) if remedy else remedy_for(self.columns.get(column)))


def remedy_for(column: Column | None) -> str:
    """What to do about a cell that does not hold what its column holds."""
    return f"Give {column.holds}." if column else SEE_API


def as_sentence(text: str) -> str:
    """``text`` with a capital and a full stop."""
    text = text[0].upper() + text[1:]
    return text if text.endswith(("?", ".")) else f"{text}."


def body_of(draft: Draft) -> tuple[RecordLine | None, Sequence[LineFault]]:
    """The record that the draft states, or what is wrong with it."""
    kind = draft.document.get(RECORD)
    model = RECORDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        return None, [draft.fault(f"/{RECORD}", f"{kind!r} is no kind of record; {suggest(str(kind), RECORDS)}")]
    content = {name: value for name, value in draft.document.items() if name != RECORD}
    try:
        body = model.model_validate(content)
    except ValidationError as error:
        faults = [fault_of({**each, "loc": ("body", *each["loc"])}, model) for each in error.errors()]
        return None, [draft.fault(fault.pointer, fault.detail) for fault in faults]
    if (body.withdrawn_on is None) != (body.withdrawn_reason is None):
        missing = "withdrawn_on" if body.withdrawn_on is None else "withdrawn_reason"
        return None, [draft.fault(pointer(missing), "is missing; a withdrawal has a day and a reason")]
    return body, []
