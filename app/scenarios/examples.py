"""Examples of studies for the OpenAPI document."""

from typing import Any

_HASH = "18c878b76d101b4169c094b95d5578b9f83d436e45a3d435cddd8a5ba833faaa"

QUEUED_STUDY: dict[str, Any] = {
    "reference": "STUDY-2015-Q1",
    "kind": "what_if",
    "run": "RUN-2015-Q1",
    "asked": {
        "kind": "what_if",
        "reference": "STUDY-2015-Q1",
        "run": "RUN-2015-Q1",
        "strategies": ["default"],
        "grid": {"affinity.coverage.named_state.value": ["24", "30", "40"]},
    },
    "time_limit_s": 600,
    "state": "queued",
    "progress": 0.0,
    "scenarios": {"queued": 4, "running": 0, "done": 0, "failed": 0, "cancelled": 0},
    "prepared_at": "2026-11-24T20:58:43.925145Z",
    "cancel_requested_at": None,
    "created_at": "2026-11-24T20:58:43.925145Z",
}

STUDY: dict[str, Any] = QUEUED_STUDY | {
    "state": "done",
    "progress": 1.0,
    "scenarios": {"queued": 0, "running": 0, "done": 4, "failed": 0, "cancelled": 0},
}

CANCELLED_STUDY: dict[str, Any] = QUEUED_STUDY | {
    "state": "cancelled",
    "progress": 1.0,
    "scenarios": {"queued": 0, "running": 0, "done": 1, "failed": 0, "cancelled": 3},
    "cancel_requested_at": "2026-11-24T20:58:45.161843Z",
}

SCENARIO: dict[str, Any] = {
    "number": 2,
    "name": "affinity.coverage.named_state.value=24",
    "quarter": "2015-Q1",
    "strategy_sha256": _HASH,
    "weight": None,
    "baseline": 1,
    "state": "done",
    "failure": None,
    "figures": {
        "status": "optimal",
        "units_served": 2,
        "units_asked": 3,
        "points": 228,
        "objective": [292],
        "equality": {
            "gini": "0",
            "least_share": "2/3",
            "worst_off": ["MNG"],
            "states": {"MNG": [2, 3]},
            "groups": {"ASIA_PACIFIC": [2, 3]},
        },
        "input_hash": _HASH,
        "result_hash": "1f2a048891ac5dd80b6493632151e50ab4e01c8397d5f0d5a237a03e3cb590d0",
    },
    "against_baseline": {"appear": 0, "disappear": 0, "change": 0},
    "leeway": None,
    "finished_at": "2026-11-24T20:58:46.908751Z",
}

CHANGES: dict[str, Any] = {
    "number": 2,
    "baseline": 1,
    "changes": [
        {
            "need": "R-MNG-2015/1",
            "member": None,
            "offer": "O-NZL-2015",
            "units_before": 2,
            "units_after": 0,
            "before": {"rule": None, "points": 104, "terms": {"domain": 60, "priority": 30, "coverage": 14}},
            "after": {"rule": None, "points": 98, "terms": {"domain": 60, "priority": 30, "coverage": 8}},
            "sentences": ["Worth 98 points instead of 104: 8 instead of 14 for coverage."],
        }
    ],
}

FIRMNESS: dict[str, Any] = {
    "settings": 64,
    "spread": "1/5",
    "fragile_below": "3/4",
    "pairings": [
        {
            "need": "R-MNG-2015/1",
            "member": None,
            "offer": "O-NZL-2015",
            "units": 2,
            "stays": 48,
            "share": "3/4",
            "fragile": False,
        }
    ],
}
