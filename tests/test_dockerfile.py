"""The image, without Docker: the Dockerfile's own steps in an empty folder, as an ordinary user.

What stands for the image is a folder. Absolute paths of the steps lie below it, COPY copies what .dockerignore lets
through, RUN runs, and the health check is the one that the Dockerfile names.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from app.settings import ROOT
from tests.accounts import Account, ordinary_account

pytestmark = pytest.mark.once

INSIDE = re.compile(r"(?<![\w./])/(?:opt|src|home)\b")
PASSED_ON = re.compile(r"(?:PIP|SSL|REQUESTS)_\w+|https?_proxy|no_proxy", re.IGNORECASE)


def steps() -> list[tuple[str, str]]:
    """Instruction and argument of each step, in order."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def only(instruction: str) -> str:
    """The argument of the last step of that kind, the one that counts."""
    return [argument for word, argument in steps() if word == instruction][-1]


@dataclass(frozen=True)
class Image:
    """The folder that stands for the image, the account that made it, and its environment."""

    root: Path
    account: Account
    env: dict[str, str]

    def path(self, inside: str) -> Path:
        """Where an absolute path of the Dockerfile lies."""
        return self.root / inside.lstrip("/")

    def shell(self, command: str, cwd: Path) -> None:
        """Perform a RUN step."""
        below = INSIDE.sub(lambda found: f"{self.root}{found[0]}", command)
        arguments = self.account.arguments | {"env": self.env}
        done = subprocess.run(["sh", "-c", below], cwd=cwd, capture_output=True, text=True, check=False, **arguments)
        assert done.returncode == 0, f"RUN {command}\n{done.stdout}{done.stderr}"

    def assist1540(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a container's command: the entry point with ``arguments``."""
        return subprocess.Popen(
            [self.path("/opt/assist1540/bin/assist1540"), *arguments],
            cwd=self.path("/home/assist1540"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self.account.arguments | {"env": self.env | more},
        )


def let_through(source: str) -> bool:
    """Whether .dockerignore leaves a file or folder for COPY."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return lines[1] == "*" and f"!{source}" in lines


def copy(image: Image, argument: str, cwd: Path) -> None:
    """Perform a COPY step; one from another stage finds its files where that stage left them."""
    if argument.startswith("--from="):
        source, target = argument.split()[1:]
        assert source == target
        assert image.path(source).exists()
        return
    *sources, target = argument.split()
    for source in sources:
        assert let_through(source), f"{source} is kept out by .dockerignore"
        path, into = ROOT / source, cwd / target
        if path.is_dir():
            shutil.copytree(path, into, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, into)
    image.account.give(image.root)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, made by the Dockerfile's steps."""
    with TemporaryDirectory(prefix="assist1540-image-") as place:
        Path(place).chmod(0o755)
        account = ordinary_account()
        image = Image(Path(place), account, {})
        for folder in ("opt", "src", "home/assist1540", "bin"):
            image.path(folder).mkdir(parents=True)
        (image.path("bin") / "python").symlink_to(account.python)
        account.give(image.root)
        image.env.update({name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)})
        image.env.update(
            PATH=f"{image.path('bin')}:/usr/bin:/bin", HOME=str(image.path("home/assist1540")), LANG="C.UTF-8"
        )
        perform(image)
        yield image


def perform(image: Image) -> None:
    """All steps, but for those that need an image below or root's rights."""
    cwd = image.root
    for word, argument in steps():
        if word == "WORKDIR":
            cwd = image.path(argument)
        elif word == "COPY":
            copy(image, argument, cwd)
        elif word == "RUN" and not argument.startswith("useradd "):
            image.shell(argument, cwd)
        elif word == "ENV":
            settings = dict(part.split("=", 1) for part in shlex.split(argument))
            path = settings.pop("PATH").replace("$PATH", image.env["PATH"])
            image.env.update(settings, PATH=INSIDE.sub(lambda found: f"{image.root}{found[0]}", path))


def test_the_wheel_holds_everything_that_is_no_code_too(image: Image) -> None:
    (wheel,) = image.path("/src/dist").glob("assist1540-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "app", "matching"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(tracked.stdout.split()) <= held
    assert {f"app/_migrations/versions/{path.name}" for path in (ROOT / "migrations/versions").glob("*.py")} <= held
    assert {"app/_migrations/env.py", "app/_migrations/script.py.mako"} <= held
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == {"app", "matching"}
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in held}


def test_the_package_does_not_need_the_checkout(image: Image) -> None:
    with image.assist1540("--version") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert re.fullmatch(r"assist1540 \d+\.\d+\.\d+\n", out)


def test_the_service_is_set_up_serves_and_is_found_healthy(image: Image, empty_database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"DATABASE_URL": empty_database_url, "ASSIST1540_PORT": str(port)}
    with image.assist1540("init", **settings) as init:
        out, err = init.communicate()
    assert init.returncode == 0, err
    assert "Chain head" in out

    assert json.loads(only("ENTRYPOINT")) == ["assist1540"]
    with image.assist1540(*json.loads(only("CMD")), **settings) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == f"assist1540 serves http://127.0.0.1:{port}/v1/openapi.json until Ctrl-C\n"
        check = json.loads(only("HEALTHCHECK").partition(" CMD ")[2].replace(":1540/", f":{port}/"))
        assert health(image, check) == 0
        service.send_signal(signal.SIGTERM)  # docker stop
        service.communicate(timeout=60)
    assert service.returncode == 0
    assert health(image, check) != 0


def health(image: Image, check: list[str]) -> int:
    """Exit code of the health check."""
    return subprocess.run(check, check=False, stderr=subprocess.DEVNULL, env=image.env, cwd=image.root).returncode


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert only("USER") not in ("root", "0")
    assert [argument for word, argument in steps() if word == "FROM"][-1] == "python:3.13-slim"


def test_every_install_is_checked_against_hashes_or_takes_nothing_from_outside() -> None:
    installs = [argument for word, argument in steps() if word == "RUN" for argument in argument.split("&&")]
    for install in installs:
        if " install " in install:
            assert "--require-hashes" in install or {"--no-deps", "--no-index"} <= set(install.split())
        if " wheel " in install:
            assert {"--no-deps", "--no-build-isolation"} <= set(install.split())


def test_compose_runs_commands_that_there_are_on_the_database_it_starts() -> None:
    from app.cli.commands import COMMANDS

    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    commands = {name: service["command"] for name, service in services.items() if "command" in service}
    assert commands == {"init": ["init"], "service": ["serve"], "worker": ["worker"]}
    assert {command[0] for command in commands.values()} <= set(COMMANDS)
    for name in commands:
        assert "@database:5432/" in services[name]["environment"]["DATABASE_URL"]
        assert "ports" not in services[name]
    assert services["database"]["image"] == "postgres:18"
