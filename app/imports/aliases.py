"""The reviewed alias file: what the sources' words for regions and conditions mean in codes."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter

ALIASES = Path(__file__).with_name("aliases.yaml")


@dataclass(frozen=True)
class RegionWord:
    """A word for a part of the world, and the States, groups and M49 regions that it means."""

    word: str
    exact: bool
    why: str
    states: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConditionWords:
    """Words in an offer's conditions, and what they say of who may be served and when."""

    words: str
    why: str
    provider: str | None = None
    requires_groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    def are_in(self, conditions: str, provider: str) -> bool:
        """Whether one of the conditions, which have semicolons between them, is these words."""
        said = [part.strip().casefold() for part in conditions.split(";")]
        return self.words.casefold() in said and self.provider in (None, provider)


@dataclass(frozen=True)
class Aliases:
    """The whole file. Words of regions are found without regard to capitals."""

    regions: dict[str, RegionWord]
    conditions: tuple[ConditionWords, ...]


@cache
def aliases(path: Path = ALIASES) -> Aliases:
    """The alias file at ``path``."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = TypeAdapter(list[RegionWord]).validate_python(given["regions"])
    conditions = TypeAdapter(tuple[ConditionWords, ...]).validate_python(given["conditions"])
    return Aliases({word.word.casefold(): word for word in words}, conditions)
