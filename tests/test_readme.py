"""README is true: its excerpt is the real output, its commands exist, its links lead somewhere."""

import re
from pathlib import Path

import pytest

from app.cli.commands import COMMANDS
from tests.commands import assist1540

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def excerpt() -> list[str]:
    """The lines of the output that README shows."""
    shown = README.partition("<!-- excerpt of `make run`")[2].partition("```text\n")[2].partition("\n```")[0]
    return [line for line in shown.splitlines() if line and line != "…"]


def test_the_excerpt_is_what_a_run_on_the_public_record_prints(installed_database_url: str) -> None:
    for command in (["load"], ["run"]):
        done = assist1540(*command, database_url=installed_database_url)
        assert done.returncode == 0, done.stderr
    # The log's head differs from one installation to the next: events are salted and carry their time.
    printed = iter(re.sub(r"^log .*", "log", line) for line in done.stdout.splitlines())
    for line in excerpt():
        assert re.sub(r"^log .*", "log", line) in printed, f"README shows a line that is not printed there: {line}"


def test_readme_names_every_command_and_no_other() -> None:
    assert set(re.findall(r"\.venv/bin/assist1540 ([a-z][a-z-]+)", README)) == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
