"""``assist1540 doctor``: says ok of what is, and names what is not."""

import json
from typing import Any

import psycopg
import pytest

from tests.commands import assist1540

pytestmark = pytest.mark.once


def examined(url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = assist1540("doctor", "--json", *arguments, database_url=url)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def faults(diagnosis: dict[str, Any]) -> dict[str, str]:
    return {finding["name"]: finding["text"] for finding in diagnosis["findings"] if finding["fault"]}


def by_hand(url: str, statement: str) -> None:
    """Change the database as its owner could, past every trigger."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement.encode()).rowcount > 0


def test_an_installed_database_is_in_order(installed_database_url: str) -> None:
    status, diagnosis = examined(installed_database_url)
    assert (status, faults(diagnosis)) == (0, {})
    names = [finding["name"] for finding in diagnosis["findings"]]
    assert names == ["Python", "settings", "server", "schema", "reference data", "strategy", "queue", "log", "unsealed"]


def test_the_address_of_the_database_is_not_printed(installed_database_url: str) -> None:
    done = assist1540("doctor", database_url=installed_database_url)
    assert "postgresql://" not in done.stdout + done.stderr


def test_an_empty_database_needs_init(empty_database_url: str) -> None:
    status, diagnosis = examined(empty_database_url)
    assert status == 1
    assert faults(diagnosis) == {"schema": "the database is empty; run `assist1540 init`"}
    assert diagnosis["head"] is None


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM code_lists WHERE name = 'regions'", "reference data"),
        ("DELETE FROM strategies", "strategy"),
    ],
)
def test_what_init_makes_is_missed_when_it_is_gone(installed_database_url: str, statement: str, name: str) -> None:
    by_hand(installed_database_url, statement)
    status, diagnosis = examined(installed_database_url)
    assert status == 1
    assert "run `assist1540 init`" in faults(diagnosis)[name]


def test_a_missing_queue_is_named(database_url: str) -> None:
    status, diagnosis = examined(database_url)
    assert status == 1
    assert "queue" in faults(diagnosis)


def test_a_row_of_the_log_edited_by_hand_is_named(installed_database_url: str) -> None:
    by_hand(installed_database_url, "UPDATE events SET actor = 'somebody else' WHERE number = 7")
    status, diagnosis = examined(installed_database_url)
    assert status == 1
    assert faults(diagnosis)["log"].startswith("LINK_BROKEN: event 7 ")


def test_a_log_cut_short_passes_for_whole_only_without_the_earlier_head(installed_database_url: str) -> None:
    status, diagnosis = examined(installed_database_url)
    assert status == 0
    head = diagnosis["head"]
    last = head.partition(":")[0]
    assert examined(installed_database_url, "--head", head)[0] == 0
    for table in ("history", "event_payloads"):
        by_hand(
            installed_database_url,
            f"DELETE FROM {table} WHERE event_id = (SELECT id FROM events WHERE number = {last})",
        )
    by_hand(installed_database_url, f"DELETE FROM events WHERE number = {last}")
    assert examined(installed_database_url)[0] == 0
    status, diagnosis = examined(installed_database_url, "--head", head)
    assert status == 1
    assert faults(diagnosis)["log"] == f"LOG_CUT: the log ends before event {last}: its end was cut off"


def test_a_head_of_another_log_is_not_taken_for_ours(installed_database_url: str) -> None:
    status, diagnosis = examined(installed_database_url, "--head", f"3:{'0' * 64}")
    assert status == 1
    assert faults(diagnosis)["log"].startswith("HEAD_DIFFERS: ")
