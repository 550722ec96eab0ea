"""`dev.py`: makes the environment when it must, says so, and says in one sentence what it cannot do."""

import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.settings import ROOT

pytestmark = pytest.mark.once


@pytest.fixture
def dev() -> ModuleType:
    """dev.py as a module."""
    spec = importlib.util.spec_from_file_location("dev_under_test", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small checkout: all that dev.py reads, a package that does nothing, and a lock of a few packages."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "requirements").mkdir()
    for name in ("dev.py", "pyproject.toml", "README.md", "requirements/uv.lock"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "requirements/build.lock", folder / "requirements/dev.lock")
    for package in ("app", "matching"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "migrations").mkdir()
    yield folder
    shutil.rmtree(folder)


def make(checkout: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", "environment"],
        cwd=checkout,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )


def version(checkout: Path) -> str:
    """What the environment says is the project's version."""
    program = "import app, importlib.metadata; print(importlib.metadata.version('assist1540'), app.__file__)"
    python = checkout / ".venv/bin/python"
    return subprocess.run([python, "-c", program], cwd="/", capture_output=True, text=True, check=True).stdout.strip()


def test_the_environment_is_made_once_renewed_when_stale_and_remade_when_broken(checkout: Path) -> None:
    first = make(checkout)
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"{checkout}/.venv\n"
    assert "making .venv from requirements/dev.lock" in first.stderr
    assert version(checkout) == f"0.1.0 {checkout}/app/__init__.py"

    began = time.monotonic()
    again = make(checkout)
    assert (again.returncode, again.stderr) == (0, "")
    assert time.monotonic() - began < 5

    pyproject = checkout / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))
    stale = make(checkout)
    assert stale.returncode == 0, stale.stderr
    assert "bringing .venv up to date" in stale.stderr
    assert version(checkout).startswith("0.2.0 ")

    (checkout / ".venv/made-from.json").unlink()  # as an interruption leaves it
    (checkout / ".venv/bin/pip").write_text("half")
    half = make(checkout)
    assert half.returncode == 0, half.stderr
    assert "making .venv" in half.stderr
    assert version(checkout).startswith("0.2.0 ")


def test_where_uv_cannot_work_pip_does(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    made = make(checkout, UV_OFFLINE="1", UV_NO_CACHE="1")
    assert made.returncode == 0, made.stderr
    assert "uv did not manage; trying with pip" in made.stderr
    assert version(checkout).endswith(f"{checkout}/app/__init__.py")


def test_a_file_that_does_not_have_the_hash_of_the_lock_is_not_installed(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    lock = checkout / "requirements/dev.lock"
    good = lock.read_text()
    try:
        lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", good))
        refused = make(checkout)
    finally:
        lock.write_text(good)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("dev.py: the packages of requirements/dev.lock could not be")
    assert not (checkout / ".venv/made-from.json").exists()


def test_a_python_that_does_not_fit_is_told_in_a_sentence(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"OLDEST": (4, 0), "NEWEST": (4, 1), "VERSIONS": [(4, 1), (4, 0)]}.items():
        monkeypatch.setattr(dev, name, value)
    assert dev.main(["environment"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("dev.py: Python 4.0 to 4.1 is needed; this is 3.")
    assert said.count("\n") == 1


def test_an_older_python_can_read_the_file_as_far_as_that_sentence() -> None:
    ast.parse((ROOT / "dev.py").read_text(), feature_version=(3, 7))


def test_a_python_without_the_parts_for_environments_is_told_what_to_install(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(dev.Stopped, match=r"cannot make environments; install its venv module \(Debian: apt-get"):
        dev.make(tmp_path / ".venv", sys.executable)
    assert not (tmp_path / ".venv").exists()


def test_settings_of_pip_are_handed_to_uv(dev: ModuleType) -> None:
    listed = (
        "global.index-url='file:///mirror/simple'\n"
        "global.extra-index-url='file:///one/simple file:///two/simple'\n"
        "install.find-links='/wheels\\n/more'\n"
        ":env:.index-url='file:///from-the-environment'\n"
        "global.no-index='true'\n"
        "global.cert='/ca.pem'\n"
        "global.disable-pip-version-check='1'\n"
    )
    assert dev.translated(listed) == {
        "UV_DEFAULT_INDEX": "file:///from-the-environment",
        "UV_INDEX": "file:///one/simple file:///two/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_NO_INDEX": "true",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_settings_that_uv_has_itself_are_left_alone(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///of-pip")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    python = Path(sys.executable)
    assert dev.uv_settings(python)["UV_DEFAULT_INDEX"] == "file:///of-pip"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "file:///of-uv")
    assert "UV_DEFAULT_INDEX" not in dev.uv_settings(python)
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv/uv.toml").touch()
    assert "UV_DEFAULT_INDEX" not in dev.uv_settings(python)


def test_make_has_the_commands_of_dev_py(dev: ModuleType) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == {"help", *dev.COMMANDS}
    assert all(f"\n  {name} " in dev.USAGE for name in dev.COMMANDS)


def test_no_command_and_an_unknown_one_show_what_there_is(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 2
    assert dev.main(["rnu"]) == 2
    assert dev.main(["help"]) == 0
    assert capsys.readouterr().out.count("usage: python3 dev.py") == 2


def test_ctrl_c_waits_for_the_command_and_hands_its_exit_code_on(tmp_path: Path) -> None:
    child = (
        "import signal, sys, time\n"
        "try:\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    time.sleep(0.3)\n"
        "    sys.exit(7)\n"
    )
    program = f"import sys; import dev; sys.exit(dev.call([sys.executable, '-c', {child!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of the group
        _, said = process.communicate(timeout=30)
    assert process.returncode == 7
    assert "Traceback" not in said


def test_the_stamp_of_an_environment_names_all_that_it_depends_on(dev: ModuleType) -> None:
    noted = json.loads(dev.stamp(ROOT / ".venv", sys.executable))
    assert noted["python"] == list(sys.version_info[:2])
    assert set(noted) == {"folder", "python", "lock", "uv", "project"}
    assert noted["lock"] == dev.digest((ROOT / "requirements/dev.lock").read_bytes())
