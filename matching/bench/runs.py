"""Measurements of problem files: the engine and its rivals, each in a process of its own, one after the other."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matching.bench.rivals import SOLVERS
from matching.cli.endings import Failed
from matching.model import Objective

Json = dict[str, Any]

PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """What to measure of a problem file. ``rivals`` are names of `rivals.SOLVERS`."""

    name: str
    path: Path
    objective: Objective = "points"
    rivals: Sequence[str] = tuple(SOLVERS)
    edits: int = 0
    again: bool = False
    whole_s: float | None = None


@dataclass(frozen=True)
class Measured:
    """What was measured of a case: of the engine, and of each rival by its name."""

    case: Case
    engine: Json
    rivals: dict[str, Json] = field(default_factory=dict)

    def seconds(self, *stages: str) -> float:
        """Processor time of the engine: of the stages named, or of all from the loaded problem to the proof."""
        return float(
            sum(cpu for name, cpu, _ in self.engine["stages"] if name in stages or (not stages and name != "load"))
        )

    def wall(self) -> float:
        """Seconds of the clock from the loaded problem to the proof."""
        return float(sum(wall for name, _, wall in self.engine["stages"] if name != "load"))

    def rival_seconds(self, *names: str) -> float | None:
        """Processor time of the fastest of some rivals; None where none was measured."""
        taken = [of["stages"][0][1] for name, of in self.rivals.items() if name in names]
        return float(min(taken)) if taken else None

    @property
    def agrees(self) -> bool:
        """Whether what was proved, and the totals of rivals where they solve the same, are what the engine has."""
        same = self.case.objective != "points" or all(
            of["total"] == self.engine["total"] for of in self.rivals.values()
        )
        return same and self.engine["proved"] is not False and self.engine["status"] == "optimal"


def measure(case: Case, scratch: Path) -> Measured:
    """Measure a case; ``scratch`` is a folder for the pairs that rivals are given."""
    kept = scratch / "pairs.npz"
    kept.unlink(missing_ok=True)
    task: Json = {"measure": "engine", "path": str(case.path), "objective": case.objective}
    more = {"edits": case.edits, "again": case.again, "whole_s": case.whole_s}
    engine = process(task | {"kept": str(kept) if case.rivals else None, **more})
    rivals = case.rivals if engine["plain"] else ()
    found = {name: process({"measure": "rival", "kept": str(kept), "solver": name}) for name in rivals}
    return Measured(case, engine, found)


def installed() -> Iterable[str]:
    """The rivals that there are; OR-Tools is an optional dependency."""
    from importlib.util import find_spec

    return [name for name in SOLVERS if name != "OR-Tools" or find_spec("ortools")]


def process(task: Json) -> Json:
    """What a task of `child` measures in a process of its own. Raises Failed."""
    search = os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))
    ended = subprocess.run(  # noqa: S603 - our own program, no shell
        [sys.executable, "-m", "matching.bench.child", json.dumps(task)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": search},
        check=False,
    )
    if ended.returncode:
        raise Failed(f"the measurement {task} ended with status {ended.returncode}")
    found: Json = json.loads(ended.stdout)
    return found
