"""Posts: lines that each name a path of the API and the body to post there, written through the same services.

Unlike a file of records, which states what is, such a file says what to do, line after line: it may hold answers,
exclusions and withdrawals too, and is taken whole or not at all.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.answers import service as answers
from app.answers.models import Answer
from app.answers.schemas import AnswerSubmit
from app.faults import fault_of
from app.imports.drafts import SEE_API
from app.imports.faults import LineFault
from app.imports.models import Import
from app.offers import service as offers
from app.offers.models import Offer
from app.offers.schemas import OfferSubmit
from app.parties import exclusions
from app.parties.models import Exclusion
from app.parties.schemas import ExclusionSubmit
from app.problems import Conflict, Fault, InvalidContent, Problem, suggest
from app.records import Origin, refuse_numbered, sign, table_of
from app.requests import service as requests
from app.requests.models import Request
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.schemas import Withdrawal
from app.visibility import Viewer

#: Posts that are held, checked and inserted at a time.
WINDOW = 1_000
PATH = re.compile(r"/v1/(?P<collection>[a-z-]+)(/(?P<reference>[A-Za-z0-9._-]+)/withdraw)?")


class Post(NamedTuple):
    """One line: its number in the file, the path, and the body."""

    line: int
    resource: str
    body: dict[str, Any]


class PostsRefused(Exception):
    """Some posts cannot be taken, each for a reason told with its line."""

    def __init__(self, faults: Sequence[LineFault]) -> None:
        first = faults[0]
        super().__init__(f"line {first.line}{first.column and f', {first.column}'}: {first.reason}")
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Collection:
    """A path to which bodies can be posted: their form, where references are kept, and the service's functions."""

    form: type[BaseModel]
    references: ColumnElement[str]
    submit: Callable[..., list[str]]
    withdraw: Callable[..., object]


@dataclass(frozen=True)
class Ready:
    """A post whose body has the form that its collection asks for. ``withdrawn`` names the record to withdraw."""

    post: Post
    collection: str
    body: Any
    withdrawn: str | None


def register(session: Session, viewer: Viewer, name: str, sha256: str, n_posts: int, n_withdrawals: int) -> Import:
    """The import that the posts of a file belong to, as it will be when all of them are written."""
    sign(session, viewer)
    made = Import(
        file_name=name,
        sha256=sha256,
        sheet="",
        rows=n_posts,
        created=n_posts - n_withdrawals,
        amended=n_withdrawals,
        unchanged=0,
        skipped=0,
    )
    session.add(made)
    session.flush()
    return made


def is_withdrawal(resource: str) -> bool:
    """Whether what is posted to this path withdraws a record."""
    return resource.endswith("/withdraw")


def prepare(post: Post) -> Ready:
    """The post with its body in the form of its collection; raises PostsRefused."""
    path = PATH.fullmatch(post.resource)
    if path is None or path["collection"] not in COLLECTIONS:
        hint = suggest(post.resource, [f"/v1/{name}" for name in COLLECTIONS])
        reason = f"{post.resource!r} is no path to which a record can be posted"
        raise PostsRefused([LineFault(post.line, "/resource", reason, hint[0].upper() + hint[1:])])
    collection, reference = path["collection"], path["reference"]
    form = Withdrawal if reference else COLLECTIONS[collection].form
    try:
        body = form.model_validate(post.body)
    except ValidationError as error:
        faults = [fault_of({**each, "loc": ("body", *each["loc"])}, form) for each in error.errors()]
        raise PostsRefused([_at(post, fault) for fault in faults]) from None
    return Ready(post, collection, body, reference)


def write(session: Session, viewer: Viewer, brought: Import, window: Sequence[Ready]) -> None:
    """Write one window of posts, collection by collection, so that nothing is named before it is there.

    Raises PostsRefused. An exclusion that stands already is left as it is, and counted as unchanged.
    """
    for name, collection in COLLECTIONS.items():
        mine = [ready for ready in window if ready.collection == name and ready.withdrawn is None]
        if mine:
            _require_new(session, collection, mine)
            n_stored = len(_submit(session, viewer, collection, brought.id, mine))
            brought.created -= len(mine) - n_stored
            brought.unchanged += len(mine) - n_stored
    for ready in window:
        if ready.withdrawn is not None:
            try:
                COLLECTIONS[ready.collection].withdraw(session, viewer, ready.withdrawn, ready.body)
            except Problem as problem:
                raise PostsRefused(_refusals([ready], problem)) from problem


def _require_new(session: Session, collection: Collection, window: Sequence[Ready]) -> None:
    given = [ready.body.reference for ready in window if ready.body.reference is not None]
    taken = set(session.scalars(select(collection.references).where(collection.references.in_(given))))
    remedy = "Post what is new; a record that is there is amended through the API."
    faults = [
        LineFault(ready.post.line, "/body/reference", f"{ready.body.reference} is there already", remedy)
        for ready in window
        if ready.body.reference in taken
    ]
    if faults:
        raise PostsRefused(faults)


def _submit(
    session: Session, viewer: Viewer, collection: Collection, import_id: UUID, window: Sequence[Ready]
) -> list[str]:
    origins = [Origin(import_id, ready.post.line) for ready in window]
    try:
        return collection.submit(session, viewer, [ready.body for ready in window], origins)
    except Problem as problem:
        raise PostsRefused(_refusals(window, problem)) from problem


def _refusals(window: Sequence[Ready], problem: Problem) -> list[LineFault]:
    """Each thing that a service refuses, at its line. A batch's faults begin with the number of the body."""
    found = [error for error in problem.errors if isinstance(error, Fault)]
    if not found:
        return [LineFault(window[0].post.line, "", str(problem), problem.remedy)]
    return [_at(*_placed(window, fault)) for fault in found]


def _placed(window: Sequence[Ready], fault: Fault) -> tuple[Post, Fault]:
    number, _, place = fault.pointer.removeprefix("/").partition("/")
    if not number.isdigit():
        return window[0].post, fault
    return window[int(number)].post, Fault(f"/{place}", fault.code, fault.detail)


def _at(post: Post, fault: Fault) -> LineFault:
    return LineFault(post.line, f"/body{fault.pointer}", fault.detail, SEE_API)


def _exclude(
    session: Session, viewer: Viewer, bodies: Sequence[ExclusionSubmit], origins: Sequence[Origin]
) -> list[str]:
    stored = []
    for number, (body, origin) in enumerate(zip(bodies, origins, strict=True)):
        try:
            # Two parties exclude each other once, whoever recorded it.
            with suppress(Conflict):
                stored.append(exclusions.submit(session, viewer, body, origin).reference)
        except InvalidContent as problem:
            faults = [error for error in problem.errors if isinstance(error, Fault)]
            refuse_numbered([*([] for _ in range(number)), faults])
    return stored


#: In an order in which each finds what it names.
COLLECTIONS = {
    "offers": Collection(OfferSubmit, table_of(Offer).c.reference, offers.submit_batch, offers.withdraw),
    "exclusions": Collection(ExclusionSubmit, table_of(Exclusion).c.reference, _exclude, exclusions.withdraw),
    "group-submissions": Collection(
        GroupSubmissionSubmit, table_of(Request).c.reference, requests.submit_batch, requests.withdraw
    ),
    "requests": Collection(RequestSubmit, table_of(Request).c.reference, requests.submit_batch, requests.withdraw),
    "answers": Collection(AnswerSubmit, table_of(Answer).c.reference, answers.submit_batch, answers.withdraw),
}
