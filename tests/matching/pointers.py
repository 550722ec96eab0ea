"""Whether a JSON pointer leads to something in a document."""

import re
from typing import Any


def leads(document: Any, pointer: str) -> bool:
    """Whether each step of a pointer is there; the last one may be the name of a field that is missing."""
    if pointer and not pointer.startswith("/"):
        return False
    here, steps = document, [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for number, step in enumerate(steps):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            is_field = re.fullmatch("[a-z_]+", step) is not None
            return isinstance(here, dict) and number == len(steps) - 1 and is_field
    return True
