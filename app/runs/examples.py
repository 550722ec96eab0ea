"""Examples of runs and previews for the OpenAPI document."""

from typing import Any

_HASH = "18c878b76d101b4169c094b95d5578b9f83d436e45a3d435cddd8a5ba833faaa"

QUEUED_RUN: dict[str, Any] = {
    "reference": "RUN-2015-Q1",
    "quarter": "2015-Q1",
    "revision": 1,
    "revision_reason": None,
    "cut_off": "2015-04-01T03:59:59.999999Z",
    "known_at": None,
    "strategy": {"name": "default", "version": 1, "sha256": _HASH},
    "time_limit_s": 600,
    "state": "queued",
    "stage": None,
    "progress": 0.0,
    "failure": None,
    "status": None,
    "input_hash": None,
    "result_hash": None,
    "summary": None,
    "circumstances": None,
    "chain_head": None,
    "created_at": "2026-11-24T20:58:43.925145Z",
    "started_at": None,
    "finished_at": None,
}

RUN: dict[str, Any] = QUEUED_RUN | {
    "known_at": "2026-11-24T20:58:43.972529Z",
    "state": "done",
    "progress": 1.0,
    "status": "optimal",
    "input_hash": _HASH,
    "result_hash": "1f2a048891ac5dd80b6493632151e50ab4e01c8397d5f0d5a237a03e3cb590d0",
    "summary": {
        "requests": 1,
        "needs": 2,
        "needs_met": 0,
        "offers": 1,
        "intentions": [{"reference": "O-SWE-2015", "party": "state:SWE"}],
        "eligible_pairs": 1,
        "rules": {"DOMAIN": 1},
        "pairings": 1,
        "units_asked": 3,
        "units_served": 2,
        "points": 228,
        "unmatched": {"NO_ELIGIBLE_OFFER": 1},
        "obstacle": None,
        "price_of_fairness": {"points": 228, "total": 228},
        "verdict": {
            "sound": True,
            "feasible": True,
            "proved": "optimal",
            "bound": [256],
            "gap": 0,
            "claimed": False,
        },
        "unexplained": {},
    },
    "circumstances": {"python": "3.13.1", "seconds": {"snapshot": 0.104, "solve": 0.072, "check": 0.002}},
    "chain_head": {"number": 2895, "link": "6b8b142433cfa12a61e90c4577161044fff2f3863f098fa3d391b2a548cf2ce3"},
    "started_at": "2026-11-24T20:58:43.947551Z",
    "finished_at": "2026-11-24T20:58:46.908751Z",
}

CANCELLED_RUN: dict[str, Any] = QUEUED_RUN | {
    "state": "cancelled",
    "failure": {"code": "cancelled", "params": {}, "sentence": "The run was cancelled."},
    "finished_at": "2026-11-24T20:58:46.908751Z",
}

PAIRING: dict[str, Any] = {
    "need": "R-MNG-2015/1",
    "member": None,
    "requester": "state:MNG",
    "states": ["MNG"],
    "domain": "OP3C.BOR",
    "offer": "O-NZL-2015",
    "provider": "state:NZL",
    "units": 2,
    "points": 114,
    "terms": {"domain": 36, "priority": 30, "modality": 20, "coverage": 18, "never_served": 10},
    "rests_on": [{"record": "need", "fact": "scopes", "basis": "not_stated"}],
    "doubtful": [],
    "conditions": None,
    "runner_ups": [],
    "rivals": [],
    "alternates": [],
    "firmness": {
        "stays": 64,
        "settings": 64,
        "share": "1",
        "spread": "1/5",
        "fragile_below": "3/4",
        "fragile": False,
        "sentence": "It stays under 64 of 64 settings in which every weight is varied by up to 1/5.",
    },
    "sentences": [
        "114 points: 36 for subject, 30 for priority, 20 for form of assistance, 18 for coverage, 10 for not served "
        "before.",
        "Not stated, and taken to be open: the weapons concerned of the need.",
        "It stays under 64 of 64 settings in which every weight is varied by up to 1/5.",
    ],
}

UNMATCHED: dict[str, Any] = {
    "need": "R-MNG-2015/2",
    "member": None,
    "requester": "state:MNG",
    "states": ["MNG"],
    "domain": "OP3D.LIC",
    "units": 1,
    "code": "NO_ELIGIBLE_OFFER",
    "eligible": 0,
    "rules": {"DOMAIN": 1},
    "taken_by": [],
    "change": {
        "code": "ONE_CHANGE",
        "complete": True,
        "changes": [{"code": "ADD_DOMAIN", "record": "offer", "id": "O-NZL-2015", "value": "OP3D.LIC"}],
        "sentence": "It would be served if O-NZL-2015 extended to “Licensing system”.",
    },
    "sentences": [
        "None of the 1 offers can be used.",
        "1 of 1 offers does not cover “Licensing system” or a subject related closely enough.",
    ],
}

PROBLEM: dict[str, Any] = {
    "format": "matching/1",
    "quarter": "2015-Q1",
    "cut_off": "2015-04-01T03:59:59.999999Z",
    "delivery": {"from": "2015-04-01", "until": "2015-06-30"},
    "needs": [],
    "offers": [],
}

RESULT: dict[str, Any] = {
    "format": "matching-result/1",
    "status": "optimal",
    "input_hash": _HASH,
    "pairings": [],
    "unmatched": [],
}

CERTIFICATE: dict[str, Any] = {
    "status": "optimal",
    "objective": [256],
    "bound": [256],
    "solver_bound": None,
    "certificate": {
        "format": "matching-certificate/1",
        "levels": [{"weights": [0, 1], "offers": {"O-NZL-2015": 114}, "providers": {}, "states": {}, "groups": {}}],
    },
    "input_hash": _HASH,
    "result_hash": _HASH,
    "verdict": {
        "sound": True,
        "feasible": True,
        "proved": "optimal",
        "bound": [256],
        "gap": 0,
        "claimed": False,
        "defects": [],
    },
}

PAIR: dict[str, Any] = {
    "need": "R-MNG-2015/2",
    "member": None,
    "offer": "O-NZL-2015",
    "units": 0,
    "code": "RULE",
    "rule": "DOMAIN",
    "loss": None,
    "losers": [],
    "conditions_kept": False,
    "sentences": ["O-NZL-2015 does not cover “Licensing system” or a subject related closely enough."],
}

OFFER_USE: dict[str, Any] = {
    "number": 1,
    "offer": "O-NZL-2015",
    "use": "USED",
    "units": 2,
    "used": 2,
    "eligible": 1,
    "shared": 0,
    "rules": {},
    "sentences": [
        "All its units are proposed.",
        "It could serve 1 need; 0 of it could be served by another offer too.",
    ],
}

SHADOW: dict[str, Any] = {
    "number": 1,
    "domain": "OP3D.LIC",
    "subregion": "030",
    "gain": [114],
    "eligible": 1,
    "sentence": "One more unit for “Licensing system” in the subregion 030 would add 114 points.",
}

POOL: dict[str, Any] = {
    "number": 1,
    "group": "CARICOM",
    "domain": "OP3C.BOR",
    "modality": "TRN",
    "needs": ["R-JAM-2015/1", "R-BRB-2015/1"],
    "offer": "O-NZL-2015",
    "gain": [40],
    "met_before": 1,
    "met_after": 2,
    "sentence": "One joint activity of O-NZL-2015 for “Border controls”, submitted by Caribbean Community, could stand "
    "for R-BRB-2015/1 and R-JAM-2015/1: 2 needs would be met instead of 1, and the total would change by 40 points.",
}

PREVIEW: dict[str, Any] = {
    "quarter": "2026-Q4",
    "as_of": "2026-11-24",
    "strategy": {"name": "default", "version": 1, "sha256": _HASH},
    "gain": 154,
    "pairings": [
        PAIRING
        | {"need": "~PREVIEW/1", "units": 1}
        | dict.fromkeys(("runner_ups", "rivals", "alternates", "firmness"))
        | {"sentences": PAIRING["sentences"][:2]}
    ],
    "unmatched": [],
    "displaced": [],
}
