"""The OpenAPI document: generated, committed, the same from the same code."""

import subprocess
import sys

import pytest

from app import openapi
from app.settings import ROOT

pytestmark = pytest.mark.once


def test_the_committed_document_is_the_generated_one() -> None:
    committed = (ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8")
    assert openapi.document() == committed, "run: python -m app.openapi > openapi/openapi.json"


def test_the_document_is_printed_without_a_database() -> None:
    done = subprocess.run([sys.executable, "-m", "app.openapi"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == openapi.document()


def test_no_operation_declares_the_frameworks_own_refusal() -> None:
    assert "HTTPValidationError" not in openapi.document()
