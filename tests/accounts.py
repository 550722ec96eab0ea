"""An ordinary user, for tests of what must work without root's rights."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.clusters import as_servant, is_root, reachable, servant


@dataclass(frozen=True)
class Account:
    """A user: numbers, a Python that this user can start, and arguments of ``subprocess`` to act as this user."""

    user: int
    group: int
    python: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def give(self, folder: Path) -> None:
        """Make ``folder`` and all in it this user's own."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.user, self.group, follow_symlinks=False)


def ordinary_account() -> Account:
    """Ourselves; if we are root, an unprivileged user, unless root alone can start any Python of this machine."""
    python = _public_python()
    if not is_root() or python is None:
        return Account(os.geteuid(), os.getegid(), sys.executable)
    return Account(*servant(), python, as_servant())


def _public_python() -> str | None:
    """Our own Python if everybody can start it, else one of the system's that fits."""
    candidates = [sys.executable]
    for minor in (13, 12, 11):
        candidates += filter(None, [shutil.which(f"python3.{minor}", path="/usr/local/bin:/usr/bin")])
    for python in candidates:
        if reachable(Path(python)) and reachable(Path(python).resolve()):
            return python
    return None
