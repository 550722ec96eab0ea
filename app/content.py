"""Canonical JSON and the hash of a record's content, the same whether a file or a client brought it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """What canonical JSON writes for a value it has no form for: dates in ISO 8601, decimals as strings."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """UTF-8, sorted keys, no spaces: equal values give equal bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=plain)
    return text.encode()


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content in canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()
