"""The command line as a user has it: a process of its own, with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.settings import ROOT

#: Settings of whoever runs the tests, which a command under test must not see.
FOREIGN = ("DATABASE_URL", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHONDONTWRITEBYTECODE")

COMMAND = [sys.executable, "-m", "app.cli"]


def environment(database_url: str | None = None, data_dir: Path | None = None, **more: str) -> dict[str, str]:
    """Environment of a command on the database at ``database_url``, or on an embedded one in ``data_dir``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and (not name.startswith("ASSIST1540_") or name == "ASSIST1540_POSTGRES_BIN")
    }
    given = {"PYTHONPATH": str(ROOT), **more}
    if database_url is not None:
        given["DATABASE_URL"] = database_url
    if data_dir is not None:
        given["ASSIST1540_DATA_DIR"] = str(data_dir)
    return kept | given


def assist1540(
    *arguments: str, database_url: str | None = None, data_dir: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run ``assist1540`` to its end; ``more`` are environment variables."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(database_url, data_dir, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def started(*arguments: str, env: dict[str, str], **options: Any) -> subprocess.Popen[str]:
    """Start ``assist1540`` and go on; its output is piped."""
    return subprocess.Popen(
        [*COMMAND, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
