"""Records as a file: one line of JSON for each thing to post, in the order in which to post them."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import IO

from app.generator.setting import Line

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
#: Lines written between two reports of progress.
STEP = 1_000

#: Told of the share that is done (0 to 1).
Report = Callable[[float], None]


@dataclass
class Tally:
    """What a sequence of records comes to: lines, records by resource, needs, and the digest of the file's bytes."""

    lines: int = 0
    needs: int = 0
    records: Counter[str] = field(default_factory=Counter)
    sha256: str = ""


def write(lines: Iterable[Line], file: IO[bytes], n_needs: int, report: Report) -> Tally:
    """Write ``lines`` to ``file``, as they come, and tell what they are. ``n_needs`` are expected in all."""
    return _spell(lines, file.write, n_needs, report)


def measure(lines: Iterable[Line], n_needs: int, report: Report) -> Tally:
    """What ``write`` would tell, without a file."""
    return _spell(lines, len, n_needs, report)


def _spell(lines: Iterable[Line], keep: Callable[[bytes], object], n_needs: int, report: Report) -> Tally:
    tally, digest = Tally(), hashlib.sha256()
    for line in lines:
        written = _ENCODE({"resource": line.resource, "body": line.body}).encode() + b"\n"
        digest.update(written)
        keep(written)
        _count(tally, line)
        if tally.lines % STEP == 0:
            report(tally.needs / n_needs)
    tally.sha256 = digest.hexdigest()
    return tally


def _count(tally: Tally, line: Line) -> None:
    tally.lines += 1
    tally.needs += len(line.body.get("needs", ()))
    tally.records[kind_of(line)] += 1


def kind_of(line: Line) -> str:
    """What ``line`` posts: ``offers``, ``requests``, ``withdrawals`` and so on."""
    return "withdrawals" if line.resource.endswith("/withdraw") else line.resource.rsplit("/", 1)[1]
