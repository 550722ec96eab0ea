"""``assist1540 preview``."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.text import Text

from app.cli.console import JsonOption, opened, say, say_json
from app.cli.errors import WrongInput
from app.database import session_scope
from app.faults import fault_of
from app.runs.preview_schemas import Method, PreviewInRunAsk
from app.runs.warm_preview import preview_in
from app.settings import read_settings
from app.visibility import LOCAL

STANDARD_INPUT = Path("-")


def preview(
    run: Annotated[str, typer.Argument(help="A finished run, such as RUN-2015-Q1.")],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help='What to preview, as JSON, such as {"changed_offer": {"offer": "O-NZL-2015", "units": 6}}; '
            "- is the input.",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """See what one need or offer, new or changed, would have changed in a run."""
    body = _body(file)
    with opened(read_settings()) as engine, session_scope(engine) as session:
        found = preview_in(session, LOCAL, run, body)
    if as_json:
        say_json(found)
        return
    how = "the optimum that the run keeps" if found.method is Method.WARM else "a new solve of the run"
    say(Text(f"{found.served} of {found.asked} units", style="bold"), *map(Text, found.sentences), Text(f"By {how}."))


def _body(file: Path) -> PreviewInRunAsk:
    """What a file asks; raises WrongInput."""
    name = "standard input" if file == STANDARD_INPUT else str(file)
    try:
        text = sys.stdin.read() if file == STANDARD_INPUT else file.read_text(encoding="utf-8")
        return PreviewInRunAsk.model_validate_json(text)
    except OSError as error:
        raise WrongInput(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongInput(f"{name} is no text in UTF-8") from None
    except ValidationError as error:
        faults = [fault_of({**each, "loc": ("body", *each["loc"])}, PreviewInRunAsk) for each in error.errors()]
        lines = [f"{fault.pointer or '/'}: {fault.detail} ({fault.code})" for fault in faults]
        raise WrongInput(f"{name} cannot be previewed:", lines) from None
