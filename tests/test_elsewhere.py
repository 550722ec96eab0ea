"""The same on other servers: started separately, and of the system's PostgreSQL where there is one.

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
def test_on_a_server_that_was_started_separately_of_each_version_that_the_system_has() -> None:
    versions: list[Path | None] = [*SYSTEM]
    for programs in versions or [None]:
        with fleeting(programs=programs) as url:
            subset_passes(DATABASE_URL=url)
