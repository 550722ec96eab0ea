"""The command of ``verify.pyz``: checks a run that was taken home, with Python alone.

python verify.pyz                        the unpacked archive that verify.pyz lies in
python verify.pyz archive.zip            an archive, or the folder it was unpacked to
python verify.pyz problem.json result.json

Ends with 0 where everything holds, 1 where something does not, 2 where there is nothing to read.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from matching.certificate.attributes import NOT_DERIVED, answer_in_pairs, wrong_figures_of_run
from matching.certificate.proposal import Defect
from matching.certificate.reading import Unreadable
from matching.certificate.verdict import check_answer, explained

SOUND, NOT_SOUND, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name, say what was found, and return how it ended."""
    given = [Path(argument) for argument in (sys.argv[1:] if arguments is None else arguments)]
    try:
        if len(given) > 2:
            raise Unreadable("name an archive or a folder, or a problem and its result")
        sound, sentences = _checked(given)
    except (Unreadable, BadZipFile, OSError, ValueError) as error:
        print(f"verify: {error}", file=sys.stderr)
        return UNREADABLE
    print(sentences)
    return SOUND if sound else NOT_SOUND


def _checked(given: Sequence[Path]) -> tuple[bool, str]:
    if len(given) == 2:
        problem, result = (json.loads(path.read_bytes()) for path in given)
        return _answer(problem, result, [])
    home = given[0] if given else Path(sys.argv[0]).resolve().parent
    if home.is_dir():
        return _run(lambda name: _of_folder(home, name))
    with ZipFile(home) as archive:
        return _run(lambda name: _of_archive(archive, name))


def _of_folder(home: Path, name: str) -> Any:
    path = home / name
    return json.loads(path.read_bytes()) if path.exists() else None


def _of_archive(archive: ZipFile, name: str) -> Any:
    return json.loads(archive.read(name)) if name in archive.namelist() else None


def _run(read: Callable[[str], Any]) -> tuple[bool, str]:
    """What is to be said of the files of an archive."""
    problem, result, order = read("problem.json"), read("result.json"), read("order.json")
    if not isinstance(problem, dict) or not isinstance(result, dict):
        raise Unreadable("there is no archive of a run here: problem.json or result.json is missing")
    result = {**result, "certificate": read("certificate.json")}
    lots = list(_wrong_lots(order))
    pairs = read("pairs.json")
    if pairs is None:
        return _answer(problem, result, lots)
    defects = [*lots, *wrong_figures_of_run(problem, read("strategy.json"), pairs, result)]
    sound, sentences = _answer(pairs, answer_in_pairs(pairs, result), defects)
    return sound, f"{sentences}\n{NOT_DERIVED}"


def _answer(problem: Any, answer: Any, others: Sequence[Defect]) -> tuple[bool, str]:
    verdict = check_answer(problem, answer)
    verdict = replace(verdict, defects=[*others, *verdict.defects])
    return verdict.sound, explained(verdict, answer)


def _wrong_lots(order: Any) -> Iterator[Defect]:
    """Lots that are not what anyone draws: the first 64 bits of SHA-256 over the quarter and the reference."""
    if not isinstance(order, Mapping):
        return
    for kind in ("needs", "offers"):
        for name, lot in order[kind].items():
            if lot != hashlib.sha256(f"{order['quarter']}|{name}".encode()).hexdigest()[:16]:
                yield Defect("WRONG_LOT", f"{name} did not draw {lot}", f"/{kind}/{name}")
