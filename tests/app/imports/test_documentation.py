"""What is written about files is what the importer does, and the alias file holds to the code lists."""

from app.imports.aliases import aliases
from app.imports.columns import COLUMNS
from app.reference.shipped import read
from app.settings import ROOT


def test_every_column_is_documented_as_it_is_read() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for kind, columns in COLUMNS.items():
        table = page.partition(f"## Columns of a file of {kind}")[2].partition("\n## ")[0]
        listed = [line.split(" | ")[:2] for line in table.splitlines() if line.startswith("| `")]
        assert listed == [[f"| `{column.name}`", column.holds] for column in columns.values()]


def test_every_code_of_the_alias_file_is_in_the_code_lists() -> None:
    rows = read().rows
    codes = {name: {row["code"] for row in rows[name]} for name in ("states", "groups", "regions", "organizations")}
    for word in aliases().regions.values():
        assert set(word.states) <= codes["states"], word.word
        assert set(word.groups) <= codes["groups"], word.word
        assert set(word.regions) <= codes["regions"], word.word
    for words in aliases().conditions:
        assert set(words.requires_groups) <= codes["groups"], words.words
        if words.provider:
            kind, _, code = words.provider.partition(":")
            assert code in codes[f"{kind}s"], words.words


def test_what_counts_as_the_same_thing_has_the_name_of_what_it_stands_for() -> None:
    names = {row["code"]: row["title"]["en"] for row in read().rows["regions"]}
    for word in aliases().regions.values():
        if word.exact and len(word.regions) == 1:
            name = names[word.regions[0]].casefold()
            same = word.word.casefold().replace("north ", "northern ").replace("south-east ", "south-eastern ")
            assert same == name, word.word
