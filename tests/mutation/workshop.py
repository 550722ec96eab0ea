"""A copy of a checkout, in which one mutant at a time stands in the place of its module."""

import py_compile
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

from tests.mutation.mutants import Mutant

NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "htmlcov", "*.egg-info")


class Workshop:
    """A copy of the checkout ``original`` in ``root``, which nobody else uses. What is compiled in it is kept."""

    def __init__(self, original: Path, root: Path) -> None:
        self.root = root
        shutil.copytree(original, root, ignore=NOT_COPIED)

    def another(self, root: Path) -> "Workshop":
        """A copy of this copy, with all that is compiled."""
        made = object.__new__(Workshop)
        made.root = root
        shutil.copytree(self.root, root)
        return made

    def original(self, mutant: Mutant) -> bytes:
        """The module of a mutant without its change, while no mutant is in place."""
        return (self.root / mutant.path).read_bytes()

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """Within it the mutant is what is imported; afterwards the module is as it was."""
        path, original = self.root / mutant.path, self.original(mutant)
        # Python tells by time, in seconds, and size whether what it has compiled is of this source: that may not do.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_bytes(mutant.source(original))
        try:
            yield
        finally:
            path.write_bytes(original)
            py_compile.compile(str(path), doraise=True)
