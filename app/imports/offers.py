"""Lines of offers as documents: providers, coverage and conditions in codes, by the reviewed alias file."""

from collections.abc import Mapping
from typing import Any

from app.classification import Basis
from app.imports.aliases import aliases
from app.imports.bodies import RECORD
from app.imports.cells import codes
from app.imports.columns import Column
from app.imports.drafts import Draft, as_sentence
from app.imports.faults import LineFault
from app.imports.files import Line
from app.imports.lines import Cells, basis_of, fill, fill_date, fill_sources
from app.imports.requests import LIKE_DOMAINS, World, domains_basis
from app.problems import pointer, suggest
from app.reference.vocabulary import UNSPECIFIED

PROVIDER_KINDS = (
    "state", "organization", "international_organization", "regional_organization", "arrangement", "ngo", "group",
)  # fmt: skip
#: What may stand before the colon in a cell of coverage -> the field that it fills.
COVERAGE = {"state": "coverage_states", "group": "coverage_groups", "region": "coverage_regions"}
#: Fact -> the columns that state it, where there are two.
PAIRED = {"capacity": ("capacity_per_quarter", "capacity_total"), "validity": ("valid_from", "valid_until")}


def offer_draft(line: Line, columns: Mapping[str, Column], world: World) -> tuple[Draft, list[LineFault]]:
    """The offer of a line, and what cannot be read of it."""
    faults: list[LineFault] = []
    cells = Cells(line, columns, faults)
    draft = Draft((line.number,), {RECORD: "offer"}, columns, line.cells)
    fill(draft, cells, columns, draft.document)
    fill_sources(draft, cells)
    fill_date(draft, cells, "date")
    _fill_provider(draft, cells, world)
    on_site = cells.one_of("described_on_1540_site", ("yes", "no", "unknown"), "unknown")
    draft.document.setdefault("kind", "offer" if on_site == "yes" else "programme")
    cells.one_of("point_of_contact_exists", ("yes", "no", "unknown"), "unknown")
    draft.document["basis"] = _bases(draft, cells)
    _fill_coverage(draft, cells)
    _fill_conditions(draft, cells)
    return draft, faults


def _fill_provider(draft: Draft, cells: Cells, world: World) -> None:
    kind, code = cells.one_of("provider_kind", PROVIDER_KINDS, "organization"), cells["provider"]
    draft.places["/provider"] = cells.line.number, "provider"
    draft.document["provider"] = world.party(kind, code)
    draft.places["/partners"] = cells.line.number, "partner_codes"
    draft.document["partners"] = [_partner(code, world) for code in codes(cells["partner_codes"])]


def _partner(code: str, world: World) -> str:
    if ":" in code:
        return code
    return world.party("state" if code in world.states else "organization", code)


def _bases(draft: Draft, cells: Cells) -> dict[str, str]:
    specific = UNSPECIFIED not in codes(cells["domains"])
    of_domains = domains_basis(cells, specific=specific)
    default = of_domains if specific else Basis.STATED.value
    basis = {"domains": of_domains} if of_domains not in (Basis.STATED, Basis.NOT_STATED) else {}
    for fact, column in LIKE_DOMAINS.items():
        basis |= basis_of(cells, fact, column, default)
    basis |= basis_of(cells, "languages", "languages")
    for fact, pair in PAIRED.items():
        basis |= _basis_of_pair(cells, fact, pair)
    columns = {"domains": "domains", "languages": "languages"} | LIKE_DOMAINS
    columns |= {fact: fact for fact in (*PAIRED, "coverage")}
    draft.places |= {pointer("basis", fact): (cells.line.number, f"{name}_basis") for fact, name in columns.items()}
    return basis


def _basis_of_pair(cells: Cells, fact: str, pair: tuple[str, str]) -> dict[str, str]:
    said = cells.one_of(f"{fact}_basis", Basis, "stated")
    given = any(cells[name] for name in pair)
    return {fact: said} if given and said not in (Basis.STATED, Basis.NOT_STATED) else {}


def _fill_coverage(draft: Draft, cells: Cells) -> None:
    """Whom the offer covers. A word that is our reading of the source makes the coverage an inferred fact."""
    found: dict[str, list[str]] = {name: [] for name in COVERAGE.values()}
    inferred = False
    for name in (*found, "worldwide"):
        draft.places[pointer(name)] = cells.line.number, "regions_or_states"
    for entry in codes(cells["regions_or_states"]):
        kind, _, word = entry.partition(":")
        if entry == "all":
            draft.document["worldwide"] = True
        elif kind == "region" and not word.isdigit():
            inferred |= _read_region(cells, word.strip(), found)
        elif kind in COVERAGE and word:
            found[COVERAGE[kind]].append(word.strip())
        else:
            cells.fault("regions_or_states", f"{entry!r} is no coverage")
    draft.document |= {name: [*dict.fromkeys(listed)] for name, listed in found.items()}
    said = cells.one_of("coverage_basis", Basis, "inferred" if inferred else "stated")
    if cells["regions_or_states"] and said not in (Basis.STATED, Basis.NOT_STATED):
        draft.document["basis"]["coverage"] = said


def _read_region(cells: Cells, word: str, found: dict[str, list[str]]) -> bool:
    """Add what a region word means to ``found``; says whether that is our reading of it."""
    known = aliases().regions
    alias = known.get(word.casefold())
    if alias is None:
        hint = as_sentence(suggest(word, [each.word for each in known.values()]))
        remedy = f"{hint} Or give M49 codes (region:145), States or groups."
        cells.fault("regions_or_states", f"there is no region {word!r} in the alias file", remedy)
        return False
    found["coverage_states"] += alias.states
    found["coverage_groups"] += alias.groups
    found["coverage_regions"] += alias.regions
    return not alias.exact


def _fill_conditions(draft: Draft, cells: Cells) -> None:
    """What known words in the conditions say; a column of its own, where the file has it, goes before them."""
    document: dict[str, Any] = draft.document
    for words in aliases().conditions:
        if not words.are_in(cells["conditions"], document["provider"]):
            continue
        if words.requires_groups and "requires_groups" not in cells:
            document["requires_groups"] = [*document.get("requires_groups", []), *words.requires_groups]
        for name, day in (("valid_from", words.valid_from), ("valid_until", words.valid_until)):
            if day and name not in cells:
                document[name] = day.isoformat()
