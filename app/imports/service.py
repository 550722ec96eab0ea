"""Loading files of records: checked whole, written whole or not at all, and not written twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.imports.drafts import Draft, body_of
from app.imports.faults import LineFault
from app.imports.files import Content, read_file
from app.imports.models import Import
from app.imports.posted_file import Posted, holds_posts, load_posts, require_whole
from app.imports.reading import Reading, read_drafts
from app.imports.requests import World
from app.imports.writing import BATCH, Stated, Written, examine, write
from app.parties.roll import members_on, roll
from app.records import Outcome, sign, today
from app.visibility import Viewer

#: The public record, as it is shipped.
RECORD_FILES = tuple(Path(__file__).parent / "record" / name for name in ("requests.csv", "offers.csv"))

#: Told of each stage, and of the share of it that is done (0 to 1) where it is known.
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class ImportReport:
    """What came of a file. Counts are of records; ``bad`` ones have at least one of the ``faults``.

    ``written`` says whether the transaction now holds anything of the file; where it does not, the counts are of what
    would be done. ``loaded_before``: the same bytes were loaded at that time and are not applied again, so that what
    people changed since is not undone.
    """

    file: str
    sheet: str
    records: int
    created: int
    amended: int
    unchanged: int
    bad: int
    faults: tuple[LineFault, ...]
    dry_run: bool
    written: bool
    loaded_before: datetime | None = None


def load_file(
    session: Session,
    viewer: Viewer,
    path: Path,
    *,
    sheet: str | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    again: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the records of a CSV, XLSX or NDJSON file into the database; the caller commits.

    Nothing is written unless every line is good, or ``skip_bad`` leaves the bad ones out. A ``dry_run`` tells what
    would be done. The bytes of a file that was loaded whole before are not applied ``again`` unless asked for.
    Raises FileRefused for a file that cannot be read as a whole, or OSError.
    """
    tell = progress or (lambda _stage, _share: None)
    tell(f"reading {path.name}", None)
    content = read_file(path)
    # One import at a time, so that what is new to one is not being written by another.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("import"))))
    if not again and (before := _loaded_before(session, content, sheet)):
        return _nothing_to_do(before, dry_run=dry_run)
    if content.is_ndjson and holds_posts(content):
        require_whole(content, skip_bad=skip_bad)
        return _of_posts(content, load_posts(session, viewer, content, tell, keep=not dry_run), dry_run=dry_run)
    reading = read_drafts(content, _world(session), sheet)
    faults = set(reading.faults)
    good = _good(session, reading.drafts, faults, tell)
    stage = "trying" if dry_run or (faults and not skip_bad) else "writing"
    while True:
        attempt = session.begin_nested()
        import_id = _begin(session, viewer, content, reading)
        written = write(session, viewer, good, import_id, lambda share: tell(stage, share))
        # Those that are refused all the same, for what is stored, are left out, and the others written once more.
        if not written.faults or not skip_bad:
            break
        attempt.rollback()
        faults.update(written.faults)
        good = _without_bad(good, faults)
    faults.update(written.faults)
    report = _report(content, reading, faults, written, dry_run=dry_run, skip_bad=skip_bad)
    if report.written:
        _end(session, import_id, report)
        attempt.commit()
    else:
        attempt.rollback()
    return report


def _loaded_before(session: Session, content: Content, sheet: str | None) -> Import | None:
    """The last import of the same bytes that left nothing out."""
    statement = select(Import).where(Import.sha256 == content.sha256, Import.skipped == 0)
    if sheet is not None:
        statement = statement.where(Import.sheet == sheet)
    return session.scalars(statement.order_by(Import.imported_at.desc()).limit(1)).one_or_none()


def _nothing_to_do(before: Import, *, dry_run: bool) -> ImportReport:
    return ImportReport(
        before.file_name,
        before.sheet,
        records=before.rows,
        created=0,
        amended=0,
        unchanged=before.rows,
        bad=0,
        faults=(),
        dry_run=dry_run,
        written=False,
        loaded_before=before.imported_at,
    )


def _of_posts(content: Content, posted: Posted, *, dry_run: bool) -> ImportReport:
    brought = posted.brought
    return ImportReport(
        content.name,
        "",
        records=posted.n_posts,
        created=brought.created if brought else 0,
        amended=brought.amended if brought else 0,
        unchanged=brought.unchanged if brought else 0,
        bad=len({fault.line for fault in posted.faults}),
        faults=posted.faults,
        dry_run=dry_run,
        written=brought is not None and not dry_run,
    )


def _world(session: Session) -> World:
    known = roll(session)
    return World(
        frozenset(known.states),
        frozenset(known.groups),
        lambda group, day: members_on(session, group, day or today()),
    )


def _good(session: Session, drafts: Sequence[Draft], faults: set[LineFault], tell: Progress) -> list[Stated]:
    """The drafts whose content can be taken; what is wrong with the others joins ``faults``."""
    stated = []
    unreadable = {(fault.line, fault.column) for fault in faults}
    lines = {line for line, _ in unreadable}
    for number, draft in enumerate(drafts):
        if number % BATCH == 0:
            tell("checking", number / len(drafts))
        body, found = body_of(draft)
        if not lines.isdisjoint(draft.lines):
            # What only follows from a cell that could not be read is no news.
            found = [
                each for each in found if each.column in draft.header and (each.line, each.column) not in unreadable
            ]
        faults.update(found)
        if body is not None:
            stated.append(Stated(draft, body))
    faults.update(examine(session, stated))
    return _without_bad(stated, faults)


def _without_bad(stated: Sequence[Stated], faults: set[LineFault]) -> list[Stated]:
    bad = {fault.line for fault in faults}
    return [each for each in stated if bad.isdisjoint(each.draft.lines)]


def _begin(session: Session, viewer: Viewer, content: Content, reading: Reading) -> UUID:
    """The row that the records of the file refer to; what came of it is not known yet."""
    sign(session, viewer)
    counts = {"rows": 0, "created": 0, "amended": 0, "unchanged": 0, "skipped": 0}
    made = insert(Import).values(file_name=content.name, sha256=content.sha256, sheet=reading.sheet, **counts)
    return session.execute(made.returning(Import.id)).scalar_one()


def _end(session: Session, import_id: UUID, report: ImportReport) -> None:
    counts = {"rows": report.records, "skipped": report.bad}
    counts |= {"created": report.created, "amended": report.amended, "unchanged": report.unchanged}
    session.execute(update(Import).where(Import.id == import_id).values(counts))


def _report(
    content: Content, reading: Reading, faults: set[LineFault], written: Written, *, dry_run: bool, skip_bad: bool
) -> ImportReport:
    bad_lines = {fault.line for fault in faults}
    bad_records = [draft for draft in reading.drafts if not bad_lines.isdisjoint(draft.lines)]
    # Lines that could not even be split into cells make up no record, and each counts for one.
    astray = bad_lines.difference(*(draft.lines for draft in bad_records))
    created, amended, unchanged = (
        written.outcomes[outcome] for outcome in (Outcome.CREATED, Outcome.AMENDED, Outcome.UNCHANGED)
    )
    return ImportReport(
        content.name,
        reading.sheet,
        records=len(reading.drafts) + len(astray),
        created=created,
        amended=amended,
        unchanged=unchanged,
        bad=len(bad_records) + len(astray),
        faults=tuple(sorted(faults)),
        dry_run=dry_run,
        written=not dry_run and created + amended > 0 and (skip_bad or not faults),
    )
