"""Loading a file of posts: NDJSON whose lines are ``{"resource": "/v1/offers", "body": {...}}``."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.imports.drafts import SEE_API, Draft
from app.imports.faults import FileRefused, LineFault
from app.imports.files import Content
from app.imports.models import Import
from app.imports.ndjson_file import read_ndjson
from app.imports.posts import WINDOW, Post, PostsRefused, Ready, is_withdrawal, prepare, register, write
from app.visibility import Viewer

#: Told of each stage, and of the share of it that is done (0 to 1).
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Posted:
    """What came of a file of posts: all of them were written, as ``brought`` counts, or for the ``faults`` none."""

    n_posts: int
    brought: Import | None
    faults: tuple[LineFault, ...] = ()


def holds_posts(content: Content) -> bool:
    """Whether the first line of the file names a resource to post to, rather than being a record itself."""
    try:
        first: Any = json.loads(content.data.lstrip().split(b"\n", 1)[0])
    except ValueError:
        return False
    return isinstance(first, dict) and "resource" in first


def require_whole(content: Content, *, skip_bad: bool) -> None:
    """Raise FileRefused where bad lines are to be left out: later posts build on earlier ones."""
    if skip_bad:
        raise FileRefused(f"{content.name} says what to post, line after line; load it whole, without --skip-bad")


def load_posts(session: Session, viewer: Viewer, content: Content, tell: Progress, *, keep: bool) -> Posted:
    """Write every post of the file, or none; with ``keep`` false, only find out what would come of it.

    The caller commits. Raises FileRefused for a file that cannot be read as a whole.
    """
    drafts, faults = read_ndjson(content)
    ready, found = _ready(drafts, tell)
    if faults := [*faults, *found]:
        return Posted(len(drafts), None, tuple(sorted(faults)))
    attempt = session.begin_nested()
    n_withdrawals = sum(is_withdrawal(each.post.resource) for each in ready)
    brought = register(session, viewer, content.name, content.sha256, len(ready), n_withdrawals)
    try:
        for begin in range(0, len(ready), WINDOW):
            tell("writing", begin / len(ready))
            write(session, viewer, brought, ready[begin : begin + WINDOW])
    except PostsRefused as refused:
        attempt.rollback()
        return Posted(len(drafts), None, refused.faults)
    session.flush()
    session.expunge(brought)
    if keep:
        attempt.commit()
    else:
        attempt.rollback()
    return Posted(len(drafts), brought)


def _ready(drafts: Sequence[Draft], tell: Progress) -> tuple[list[Ready], list[LineFault]]:
    ready: list[Ready] = []
    faults: list[LineFault] = []
    for number, draft in enumerate(drafts):
        if number % WINDOW == 0:
            tell("checking", number / len(drafts))
        try:
            ready.append(prepare(_post(draft)))
        except PostsRefused as refused:
            faults += refused.faults
    return ready, faults


def _post(draft: Draft) -> Post:
    resource, body = draft.document.get("resource"), draft.document.get("body")
    if isinstance(resource, str) and isinstance(body, dict) and len(draft.document) == 2:
        return Post(draft.line, resource, body)
    raise PostsRefused([*_misshapen(draft, resource, body)])


def _misshapen(draft: Draft, resource: object, body: object) -> Iterator[LineFault]:
    if not isinstance(resource, str):
        yield LineFault(draft.line, "/resource", "is no path such as /v1/offers", SEE_API)
    if not isinstance(body, dict):
        yield LineFault(draft.line, "/body", "is no object", SEE_API)
    for name in draft.document:
        if name not in ("resource", "body"):
            yield LineFault(draft.line, f"/{name}", "is not expected here", "Take it out.")
