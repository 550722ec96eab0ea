"""The mutants of a package: all of them, those of some modules, or a stratified sample."""

import difflib
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.operators import Mutation, mutated, mutations


class UnknownModule(Exception):
    """A module was asked for that the package does not have."""


@dataclass(frozen=True)
class Mutant:
    """A module, by its path from the root of a checkout, with one change."""

    path: Path
    mutation: Mutation

    @property
    def package(self) -> Path:
        """The folder of the module: the stratum it is drawn from."""
        return self.path.parent

    def source(self, original: bytes) -> bytes:
        """The changed module."""
        return mutated(original, self.mutation)

    def diff(self, original: bytes) -> str:
        """The change as people read changes."""
        before, after = (text.decode().splitlines() for text in (original, self.source(original)))
        lines = difflib.unified_diff(before, after, str(self.path), str(self.path), n=1, lineterm="")
        return "\n".join(lines)


def mutants(root: Path, package: str, modules: Sequence[str] = ()) -> list[Mutant]:
    """Mutants of ``package`` below ``root``, or of those ``modules`` and subpackages of it (``matching.optimum.flow``).

    Raises UnknownModule.
    """
    found: dict[Path, list[Mutant]] = {}
    for name in modules or [package]:
        place = Path(*name.split("."))
        files = [root / place.with_suffix(".py"), *sorted((root / place).rglob("*.py"))]
        paths = [file.relative_to(root) for file in files if file.is_file()]
        if not paths or place.parts[0] != package:
            raise UnknownModule(f"{package} has no module {name}; write its name with dots, {package}.module")
        for path in paths:
            found[path] = [Mutant(path, mutation) for mutation in mutations((root / path).read_bytes())]
    return [mutant for path in sorted(found) for mutant in found[path]]


def sample(population: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """A sample in which each package has its share, in random order: what comes first is a sample too."""
    draw = random.Random(seed)
    strata: dict[Path, list[Mutant]] = defaultdict(list)
    for mutant in population:
        strata[mutant.package].append(mutant)
    size = min(size, len(population))
    shares = {package: size * len(stratum) / len(population) for package, stratum in strata.items()}
    number = {package: int(share) for package, share in shares.items()}
    # What rounding leaves goes to the largest remainders.
    for package in sorted(shares, key=lambda package: number[package] - shares[package])[: size - sum(number.values())]:
        number[package] += 1
    drawn = [mutant for package, stratum in strata.items() for mutant in draw.sample(stratum, number[package])]
    draw.shuffle(drawn)
    return drawn
