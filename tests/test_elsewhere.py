"""The same on other servers: a PostgreSQL of the system's, and one that was started separately.

What depends most on the server is tested there again: migrations, the log and its triggers, and a run from end to end.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from app.migration import OLDEST_POSTGRES
from app.postgres import fleeting
from app.settings import ROOT
from tests.commands import environment

pytestmark = pytest.mark.once

SUBSET = [
    "tests/test_migrations.py",
    "tests/app/events",
    "tests/app/test_installation.py",
    "tests/test_end_to_end.py",
]

SYSTEM = sorted(
    folder
    for folder in Path("/usr/lib/postgresql").glob("*/bin")
    if (folder / "initdb").exists() and int(folder.parent.name) >= OLDEST_POSTGRES
)


def subset_passes(**settings: str) -> None:
    """Run the subset in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUBSET],
        cwd=ROOT,
        env={**environment(), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert " passed" in done.stdout.splitlines()[-1]


@pytest.mark.skipif(not SYSTEM, reason="no PostgreSQL of the system in /usr/lib/postgresql; apt-get install postgresql")
def test_on_each_postgresql_of_the_system() -> None:
    for folder in SYSTEM:
        subset_passes(ASSIST1540_POSTGRES_BIN=str(folder))


def test_on_a_server_that_was_started_separately() -> None:
    with fleeting() as url:
        subset_passes(DATABASE_URL=url)
