"""The HTTP server around the application: its socket, its log, its orderly end."""

import contextlib
import errno
import logging
import socket
import time
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

#: Seconds that requests which are being answered get when the server is asked to stop.
GRACEFUL_S = 10


class PortRefused(RuntimeError):
    """The address cannot be listened on; the message says why and how to choose another."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to ``host`` and ``port`` (0: a free one); raises PortRefused."""
    choose = "choose another with --port or ASSIST1540_PORT (0 takes a free one)"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(128)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortRefused(f"port {port} of {host} is in use by another program; {choose}") from error
        raise PortRefused(f"port {port} of {host} cannot be listened on: {error.strerror}; {choose}") from error
    return bound


def url_of(bound: socket.socket) -> str:
    """The address at which a browser or a client finds ``bound``."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answer_requests(app: FastAPI, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM, then finish those begun; calls ``ready`` when the first can come."""

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        app,
        log_config=None,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_S,
    )
    with contextlib.suppress(KeyboardInterrupt):  # stopped in order, it repeats the signal for whoever called it
        Announcing(config).run(sockets=[bound])


def log_to_stderr() -> None:
    """Have every log of this process written to standard error, with time in UTC and level."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(level=logging.INFO, format="%(asctime)sZ %(levelname)s %(name)s: %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
