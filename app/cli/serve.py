"""``assist1540 serve``."""

from socket import socket
from typing import Annotated

import typer

from app.cli.console import opened, say
from app.cli.errors import Failed
from app.main import create_app
from app.serving import PortRefused, answer_requests, listen, log_to_stderr, url_of
from app.settings import Settings, read_settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; of this machine only, since there is no sign-in yet.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
) -> None:
    """Serve the REST API on this machine.

    Prints its address and runs until Ctrl-C. Runs that are started through it wait for `assist1540 worker`.
    """
    settings = read_settings(host=host, port=port)
    with _listening(settings) as bound, opened(settings) as engine:
        address = engine.url.render_as_string(hide_password=False)
        app = create_app(settings.model_copy(update={"database_url": address}))
        log_to_stderr()
        answer_requests(app, bound, lambda: say(f"assist1540 serves {url_of(bound)}/v1/openapi.json until Ctrl-C"))


def _listening(settings: Settings) -> socket:
    try:
        return listen(settings.host, settings.port)
    except PortRefused as error:
        raise Failed(str(error)) from None
