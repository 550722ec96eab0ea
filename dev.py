"""Everything a checkout needs, from the standard library alone: `python3 dev.py run|test|check|…`.

The environment in .venv is made from requirements/dev.lock, with every file's hash checked, when it is missing or
no longer what the lock says. There is one environment for running and for testing, so that what was tested is what
runs; the smaller requirements/run.lock is for the image.
"""

# Read by whatever Python is there, so that one that is too old is told so: no syntax newer than 3.7 in this file.
from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)
VERSIONS = [(3, minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
LOCK = ROOT / "requirements" / "dev.lock"
UV_LOCK = ROOT / "requirements" / "uv.lock"

#: pip's setting -> uv's environment variable for the same thing; uv does not read pip's configuration.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}

USAGE = """usage: python3 dev.py COMMAND [ARGUMENTS]      (or: make COMMAND ARGS="...")

  run          the main job: set the database up, load the record, run the next quarter, show the outcome
  serve        serve the REST API on this machine
  worker       work off the queue of runs
  test         run the tests; ARGUMENTS go to pytest
  check        all that CI checks
  mutation     how many small changes of the engine its tests notice; takes long, see `mutation --help`
  lock         renew the lock files; --upgrade takes newer versions
  environment  make .venv if need be, and print where it is; --newest: of the newest Python found"""


class Stopped(Exception):
    """Nothing more can be done; the message says why and what to do about it."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code; 2 for wrong use or a Python that does not fit."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        require_fitting_python()
        return COMMANDS[name](rest)
    except Stopped as stopped:
        print(f"dev.py: {stopped}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("dev.py: interrupted; repeat the command to go on", file=sys.stderr)
        return 1


# -- commands -----------------------------------------------------------------------------------------------------


def run(arguments: list[str]) -> int:
    """Initialise, load the shipped record, run the quarter after the newest record and show the outcome."""
    program = environment() / "bin" / "assist1540"
    for step in (["init"], ["load"], ["run", *arguments]):
        say("$ assist1540 " + " ".join(step))
        status = call([program, *step])
        if status:
            return status
    return 0


def serve(arguments: list[str]) -> int:
    """Hand this process over to the server."""
    become([environment() / "bin" / "assist1540", "serve", *arguments])


def worker(arguments: list[str]) -> int:
    """Hand this process over to the worker."""
    become([environment() / "bin" / "assist1540", "worker", *arguments])


def test(arguments: list[str]) -> int:
    """All tests; or, given arguments, what they ask pytest for."""
    whole = ["-n", "auto", "--dist", "worksteal"]
    return call([environment() / "bin" / "python", "-m", "pytest", *(arguments or whole)])


def check(arguments: list[str]) -> int:
    """Hand this process over to the script that CI runs."""
    become([ROOT / ".ci" / "run", *arguments])


def mutation(arguments: list[str]) -> int:
    """Try mutants of the engine, in copies of this checkout."""
    return call([environment() / "bin" / "python", "-m", "tests.mutation", *arguments])


def lock(arguments: list[str]) -> int:
    """Write the lock files anew: hashes, markers for every Python that fits, and no index's address."""
    uv = environment() / "bin" / "uv"
    compile_: list[str | Path] = [
        uv,
        "pip",
        "compile",
        "-q",
        "--universal",
        "--generate-hashes",
        "--no-header",
        *arguments,
    ]
    for target, source in (
        ("run.lock", ["pyproject.toml"]),
        ("dev.lock", ["pyproject.toml", "--group", "dev"]),
        ("build.lock", ["--group", "build"]),
        ("uv.lock", ["--group", "bootstrap"]),
    ):
        say(f"requirements/{target}")
        status = call([*compile_, *source, "-o", f"requirements/{target}"])
        if status:
            return status
    return 0


def show_environment(arguments: list[str]) -> int:
    """Make the environment, or with --newest one of the newest Python found, and print its folder."""
    if arguments == ["--newest"]:
        python = newest_python()
        name = Path(python).name
        ours = name == "python{}.{}".format(*sys.version_info)
        print(environment() if ours else environment(ROOT / name.replace("python", ".venv-"), python))
    elif arguments:
        raise Stopped(f"environment takes --newest or nothing, not {' '.join(arguments)}")
    else:
        print(environment())
    return 0


COMMANDS = {
    "run": run,
    "serve": serve,
    "worker": worker,
    "test": test,
    "check": check,
    "mutation": mutation,
    "lock": lock,
    "environment": show_environment,
}


# -- Python -------------------------------------------------------------------------------------------------------


def require_fitting_python() -> None:
    """Go on as another Python on the path if this one does not fit; raise Stopped where none does."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    other = newest_python()
    say(f"Python {sys.version.split()[0]} does not fit; going on with {other}")
    become([other, ROOT / "dev.py", *sys.argv[1:]])


def newest_python() -> str:
    """The newest Python found that fits: on the path, or among those that pyenv has."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders += [str(folder) for folder in sorted(pyenv.glob("versions/*/bin"), reverse=True)]
    for version in VERSIONS:
        for folder in folders:
            python = Path(folder) / "python{}.{}".format(*version)
            if python.is_file() and version_of(str(python)) == version:
                return str(python)
    wanted = "Python {}.{} to {}.{}".format(*OLDEST, *NEWEST)
    raise Stopped(f"{wanted} is needed; this is {sys.version.split()[0]}, and no other was found on the path")


def version_of(python: str) -> tuple[int, ...] | None:
    """Version of a Python that really starts and can make environments (a shim of pyenv may do neither)."""
    probe = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


# -- the environment ----------------------------------------------------------------------------------------------


def environment(folder: Path = ROOT / ".venv", python: str = sys.executable) -> Path:
    """The environment in ``folder``, made or brought up to date if need be."""
    with one_at_a_time():
        wanted = stamp(folder, python)
        noted = folder / "made-from.json"
        if noted.is_file() and noted.read_text() == wanted and (folder / "bin" / "python").exists():
            return folder
        make(folder, python)
        noted.write_text(wanted)
    return folder


def stamp(folder: Path, python: str) -> str:
    """All that an environment depends on. Its place is part of it, because its scripts name it."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = {
        "folder": str(folder),
        "python": version_of(python),
        "lock": digest(LOCK.read_bytes()),
        "uv": digest(UV_LOCK.read_bytes()),
        "project": digest(json.dumps([project["project"], project["build-system"]]).encode()),
    }
    return json.dumps(parts, indent=1)


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def make(folder: Path, python: str) -> None:
    """Make or renew an environment: uv from its own lock, with uv the rest, the project last."""
    if python == sys.executable and not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        raise Stopped(
            f"{python} cannot make environments; install its venv module (Debian: apt-get install python3-venv)"
        )
    stale = folder / "made-from.json"
    if renewable(folder, python):
        say(f"bringing {folder.name} up to date with requirements/{LOCK.name}")
        stale.unlink()  # until it is whole again
    else:
        say(f"making {folder.name} from requirements/{LOCK.name} (up to a minute the first time)")
        shutil.rmtree(str(folder), ignore_errors=True)
        if call([python, "-m", "venv", folder]):
            raise Stopped(f"{python} could not make {folder}; see above")
    ours = folder / "bin" / "python"
    pip: list[str | Path] = [ours, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    uv: list[str | Path] = [folder / "bin" / "uv", "pip"]
    settings = {**os.environ, **uv_settings(ours)}
    if call([*pip, "--require-hashes", "-r", UV_LOCK]) or call(
        [*uv, "sync", "-q", "--require-hashes", "--python", ours, LOCK], settings
    ):
        say("uv did not manage; trying with pip, which takes longer")
        if call([*pip, "--require-hashes", "-r", LOCK]):
            raise Stopped("the packages of requirements/dev.lock could not be installed; see above")
    # hatchling, which builds it, comes from the lock too: nothing is downloaded for this.
    if call([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT]):
        raise Stopped("the project itself could not be installed; see above")


def renewable(folder: Path, python: str) -> bool:
    """Whether an environment was once whole, in this place and for this Python."""
    stale = folder / "made-from.json"
    if not stale.is_file():
        return False
    ours = version_of(str(folder / "bin" / "python"))
    return json.loads(stale.read_text())["folder"] == str(folder) and ours is not None and ours == version_of(python)


def uv_settings(python: Path) -> dict[str, str]:
    """pip's settings of this machine in uv's words, unless uv has settings of its own."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    own_files = [home / "uv" / "uv.toml", Path("/etc/uv/uv.toml"), Path(os.environ.get("UV_CONFIG_FILE") or "/-")]
    links = {"UV_LINK_MODE": "copy"}  # a checkout and uv's cache may lie on different disks
    if any(file.is_file() for file in own_files):
        return links
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    given = translated(listed.stdout.decode())
    return {**links, **{name: value for name, value in given.items() if name not in os.environ}}


def translated(listed: str) -> dict[str, str]:
    """The output of `pip config list` as uv's environment variables."""
    found: dict[str, str] = {}
    # [install] goes before [global], the environment before both
    order = {"global": 0, "install": 1, ":env:": 2}
    lines = [line.partition("=") for line in listed.splitlines()]
    for key, _, value in sorted(lines, key=lambda line: order.get(line[0].split(".")[0], -1)):
        section, _, option = key.partition(".")
        if section in order and option in UV_NAMES:
            found[option] = ast.literal_eval(value)
    settings = {}
    for option, value in found.items():
        several = option in ("extra-index-url", "find-links", "trusted-host")
        separator = "," if option == "find-links" else " "
        settings[UV_NAMES[option]] = separator.join(value.split()) if several else value
    if "UV_INDEX" in settings:
        # pip takes the best of all indexes, uv the first that has the name; the hashes make both safe.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return settings


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started together do not make the same environment at once."""
    import fcntl

    with LOCK.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


# -- processes ----------------------------------------------------------------------------------------------------


def say(line: str) -> None:
    """Tell what is being done, on standard error."""
    print(line, file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], settings: dict[str, str] | None = None) -> int:
    """Run a program in the project's folder and return its exit code. It gets Ctrl-C itself; we wait for its end."""
    with subprocess.Popen([str(part) for part in command], cwd=str(ROOT), env=settings) as process:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda asked, _frame: process.send_signal(asked))
        while True:
            try:
                status = process.wait()
                return status if status >= 0 else 128 - status
            except KeyboardInterrupt:
                continue


def become(command: Sequence[str | Path]) -> NoReturn:
    """Replace this process by a program in the project's folder, which then gets every signal itself."""
    os.chdir(str(ROOT))
    os.execv(str(command[0]), [str(part) for part in command])  # noqa: S606 - our own programs, no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
