"""How long a process takes for each stage of its work, and how much memory it has held."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Stage(NamedTuple):
    """A stage of work: seconds of processor time of this process, all its threads together, and of the clock."""

    name: str
    cpu_s: float
    wall_s: float


class Clock:
    """Times stages, in the order in which they end."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.stages.append(Stage(name, time.process_time() - cpu, time.perf_counter() - wall))


def peak_mb() -> float:
    """The most memory that this process has held, in MB of a million bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
