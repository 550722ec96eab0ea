"""The command ``matching`` as people run it: a process of its own, with files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
MATCHING = (sys.executable, "-m", "matching")


def matching(*arguments: object, given: bytes | None = None, stdout: Any = subprocess.PIPE) -> "Ended":
    """Run the command to its end."""
    done = subprocess.run(
        [*MATCHING, *map(str, arguments)], cwd=ROOT, input=given, stdout=stdout, stderr=subprocess.PIPE, timeout=60
    )
    return Ended(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


class Ended:
    """How a command ended, and what it wrote."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def saved(folder: Path, document: Any, name: str = "problem.json") -> Path:
    """A document as a file."""
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
