"""The version of this package, the same for the command line and the API."""

import tomllib
from importlib.metadata import version
from pathlib import Path

#: There in a checkout, whose own version counts more than that of a package installed beside it.
PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def own_version() -> str:
    """The version of this package: a checkout's own, else the installed one's."""
    if PROJECT.is_file():
        return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    return version("assist1540")
