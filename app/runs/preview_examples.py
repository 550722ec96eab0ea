"""Examples of previews in a finished run for the OpenAPI document."""

from typing import Any

PREVIEW_IN_RUN: dict[str, Any] = {
    "run": "RUN-2015-Q1",
    "method": "warm",
    "asked": 6,
    "served": 3,
    "gain": [142],
    "pairings": [
        {"need": "R-MNG-2015/1", "member": None, "offer": "O-NZL-2015", "units": 2},
        {"need": "R-MNG-2015/2", "member": None, "offer": "O-NZL-2015", "units": 1},
    ],
    "losers": [],
    "winners": [{"need": "R-MNG-2015/2", "member": None, "units": 1}],
    "sentences": [
        "It would have served R-MNG-2015/1 (Mongolia) and R-MNG-2015/2 (Mongolia).",
        "The total would have gained 142 points.",
        "By it, R-MNG-2015/2 (Mongolia) would have more units.",
    ],
}
