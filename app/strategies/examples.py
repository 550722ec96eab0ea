"""Examples of strategies for the OpenAPI document: the shipped one, and one made from it under another name."""

from typing import Any

from app.strategies.service import shipped

_DOCUMENT = shipped()

#: What a client may send as it is.
SUBMITTED: dict[str, Any] = _DOCUMENT | {
    "name": "trial",
    "title": "Points alone, to compare with",
    "objective": "points",
}

SUMMARY: dict[str, Any] = {
    "name": _DOCUMENT["name"],
    "version": 1,
    "title": _DOCUMENT["title"],
    "sha256": "f497bdb9cfd45eb56e152bda87495dfa329c5b073494ab68414a306354fe70ac",
    "recorded_at": "2026-11-24T09:00:00Z",
}

STRATEGY: dict[str, Any] = SUMMARY | {"document": _DOCUMENT}
