"""Canonical JSON and hashes: equal values give equal bytes, on every machine."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def canonical(value: Any) -> bytes:
    """UTF-8, sorted keys, no spaces. Raises TypeError for a value that JSON has no form for."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sha256(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


NOT_HASHED = ("certificate", "result_hash", "solver_bound")


def hash_of_result(document: Mapping[str, Any]) -> str:
    """The hash a result carries: over all of it but the hash and what proves it, which others prove otherwise."""
    return sha256({key: value for key, value in document.items() if key not in NOT_HASHED})


def plain_decimal(number: Decimal) -> str:
    """The one way a decimal is written: no exponent, no trailing zeros, no minus before zero."""
    return format(number.normalize(), "f") if number else "0"
