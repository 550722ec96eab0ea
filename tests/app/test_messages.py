"""The message catalogue: a message for every code, a code for every message, and sentences that read well."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import app
import matching
from app.messages import catalogue, codes, render
from matching.insight.overlaps import Use
from matching.insight.remedies import Remedy

SOURCES = Path(app.__file__).parent
ENGINE = Path(matching.__file__).parent


def expected() -> set[str]:
    """Codes that the engine can give, by the kind of message that is made of them."""
    rules = {rule.value for rule in matching.Rule}
    return (
        {f"rule.{code}" for code in rules}
        | {f"brief.{code}" for code in rules}
        | {f"reason.{code.value}" for code in matching.Reason}
        | {f"term.{code.value}" for code in matching.Term}
        | {f"obstacle.{code.value}" for code in matching.Obstacle}
        | {f"remedy.{code.value}" for code in Remedy}
        | {f"use.{code.value}" for code in Use}
    )


def strings() -> set[str]:
    """Every string in our source, the parts of f-strings as patterns."""
    found: set[str] = set()
    for source in (*SOURCES.rglob("*.py"), *ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_code_of_the_engine_has_a_message() -> None:
    assert expected() - codes() == set()


def test_every_stage_that_the_engine_tells_of_has_a_message() -> None:
    told = {
        str(node.args[0].value)
        for source in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tell"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert "solving" in told
    assert {f"stage.{stage}" for stage in told} <= codes()


def test_no_message_is_unused() -> None:
    said = strings()
    kinds = {name.removesuffix(".") for name in said if re.fullmatch(r"[a-z]+\.", name)}
    unused = {
        code
        for code in codes() - expected()
        if code not in said and not (code.partition(".")[0] in kinds and code.partition(".")[2] in said)
    }
    assert unused == set()


def test_every_reason_for_a_failed_run_has_a_message() -> None:
    given = set()
    for source in (SOURCES / "runs").glob("*.py"):
        given |= set(re.findall(r'SolveFailed\(\s*"([a-z_]+)"', source.read_text()))
        given |= set(re.findall(r'"code": "([a-z_]+)"', source.read_text()))
    assert given
    # Work that stops without an outcome leaves the run to somebody else.
    assert {f"failure.{code}" for code in given - {"stopping", "taken_over"}} <= codes()


def test_one_and_many_are_told_apart() -> None:
    told: dict[str, Any] = {"total": 55, "domain": "Export-control legislation"}
    assert render("rule.DOMAIN", n=1, **told).startswith("1 of 55 offers does not cover “Export-control legislation”")
    assert render("rule.DOMAIN", n=31, **told).startswith("31 of 55 offers do not cover “Export-control legislation”")


def test_a_parameter_that_looks_like_a_template_is_only_text() -> None:
    assert render("pairing.conditions", conditions="{0.__class__}") == "The provider's condition: “{0.__class__}”"


def test_a_missing_message_or_parameter_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        render("rule.NONE", n=1)
    with pytest.raises(KeyError):
        render("rule.DOMAIN", n=1)


def test_no_message_is_empty_or_marked_as_doubtful() -> None:
    for message in catalogue("en"):
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert all(texts), message.id
        assert not (message.fuzzy and message.id), message.id
