"""A run to take home: one archive with everything it takes to verify the run offline, with Python alone.

Archives of equal runs are equal to the byte: nothing in them tells when, where or by whom they were packed.
"""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from matching.attributes.problem import Problem
from matching.attributes.run_pairs import eligible_pairs, pairs_of
from matching.canonical import canonical
from matching.optimum.ties import drawn

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can state."""

CHECKER = ("canonical.py", "certificate")
"""What `matching` holds of the checker that runs on Python alone."""

MAIN = """from matching.certificate.offline import main

raise SystemExit(main())
"""

README = """A run of the matching of requests for assistance with offers, to verify without any service.

Unpack this archive, open a terminal in the folder and run, with Python 3.11 or later and nothing else:

    python verify.pyz

It reads the files beside it, computes every figure and hash of the result again, checks that every limit and
condition is kept, and proves from the prices in certificate.json how much better any other result could be: not at
all, if it says so. verify.pyz is a zip file of plain Python: unpack it to read what it does.

problem.json       what was asked and offered
result.json        what was proposed, and why
certificate.json   the prices that prove that nothing is better
order.json         the lots drawn to choose among equals: the first 16 digits of SHA-256 over "quarter|reference"
"""

README_OF_RUN = """strategy.json      the rules and weights
pairs.json         every pair that the rules allow, with its points: what verify.pyz starts from

To derive the pairs and their points again from problem.json and strategy.json takes the engine itself.
"""


def of_answer(problem: Mapping[str, Any], answer: Mapping[str, Any]) -> bytes:
    """The archive of an answer to a problem of the pair form, both as parsed JSON."""
    ids = [record["id"] for record in problem["needs"]], [record["id"] for record in problem["offers"]]
    return _packed(
        {
            "problem.json": canonical(problem),
            "order.json": _order(problem.get("quarter") or "", *ids),
            "README.txt": README.encode(),
            **_halves(answer),
        }
    )


def of_run(problem: Problem, result: Mapping[str, Any]) -> bytes:
    """The archive of a run of the attribute form: the problem, and its result as parsed JSON."""
    document = {name: value for name, value in problem.document.items() if name != "strategy"}
    pairs = pairs_of(problem, eligible_pairs(problem))
    ids = [record["id"] for record in pairs["needs"]], [record["id"] for record in pairs["offers"]]
    return _packed(
        {
            "problem.json": canonical(document),
            "strategy.json": canonical(problem.strategy.document),
            "pairs.json": canonical(pairs),
            "order.json": _order(problem.record.quarter, *ids),
            "README.txt": (README + README_OF_RUN).encode(),
            **_halves(result),
        }
    )


def checker() -> bytes:
    """``verify.pyz``: the checker as an archive that Python runs."""
    sources = {name: text for part in CHECKER for name, text in _sources("matching", part)}
    alone = b'"""What the checker needs of the matching engine."""\n'
    return _packed({"__main__.py": MAIN.encode(), "matching/__init__.py": alone, **sources})


def _sources(package: str, part: str) -> Iterable[tuple[str, bytes]]:
    """Python files of a module or a package inside a package, by their path."""
    found = files(package).joinpath(part)
    if found.is_file():
        return [(f"{package}/{part}", found.read_bytes())]
    return [
        (f"{package}/{part}/{module.name}", module.read_bytes())
        for module in found.iterdir()
        if module.name.endswith(".py")
    ]


def _halves(result: Mapping[str, Any]) -> dict[str, bytes]:
    """A result and its certificate, apart, and what checks them."""
    kept = {name: value for name, value in result.items() if name != "certificate"}
    return {
        "result.json": canonical(kept),
        "certificate.json": canonical(result.get("certificate")),
        "verify.pyz": checker(),
    }


def _order(quarter: str, needs: Iterable[str], offers: Iterable[str]) -> bytes:
    lots = {
        name: {reference: f"{lot:016x}" for reference, lot in zip(ids, drawn(quarter, ids).tolist(), strict=True)}
        for name, ids in (("needs", list(needs)), ("offers", list(offers)))
    }
    return canonical({"quarter": quarter, **lots})


def _packed(contents: Mapping[str, bytes]) -> bytes:
    """An archive of files: by name, of no date, and not compressed, as not every machine compresses alike."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name in sorted(contents):
            info = ZipInfo(name, EARLIEST)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, contents[name])
    return packed.getvalue()
