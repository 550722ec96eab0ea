"""An ordinary user for tests that must not run as root, and a Python that such a user can start."""

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.clusters import as_servant, is_root, reachable, servant


@dataclass(frozen=True)
class Account:
    """A user without root's rights: numbers, a Python, and arguments of ``subprocess`` to act as that user."""

    user: int
    group: int
    python: str
    arguments: dict[str, Any] = field(default_factory=dict)


def ordinary_account() -> Account:
    """Ourselves, unless we are root: then an unprivileged user, who may need the system's Python of our version."""
    user, group = servant()
    if not is_root():
        return Account(user, group, sys.executable)
    python = public_python()
    environment = {**os.environ, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    if python != sys.executable:
        environment["PYTHONPATH"] = sysconfig.get_path("purelib")
    return Account(user, group, python, {**as_servant(), "env": environment})


def public_python() -> str:
    """Our own Python if everybody can start it, else the system's of the same version."""
    if reachable(Path(sys.executable)) and reachable(Path(sys.executable).resolve()):
        return sys.executable
    name = f"python3.{sys.version_info.minor}"
    for folder in ("/usr/bin", "/usr/local/bin"):
        if found := shutil.which(name, path=folder):
            return found
    pytest.skip(f"root alone can start {sys.executable}, and there is no {name} of the system for an ordinary user")
