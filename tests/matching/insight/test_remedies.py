"""The list of changes is published as it is."""

import re
from pathlib import Path

import pytest

from matching.insight.remedies import Change, Remedy

pytestmark = pytest.mark.once

PUBLISHED = Path(__file__).parents[3] / "docs" / "explanations.md"


def test_the_published_list_is_the_one_that_is_tried() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (need|offer) \|", PUBLISHED.read_text(), re.MULTILINE)
    assert rows == [(str(remedy), "need" if Change(remedy, "").of_need else "offer") for remedy in Remedy]
