"""Settings: read once, refused with the name of the variable, and never with the password."""

from pathlib import Path

import pytest

from app.settings import InvalidSettings, default_data_dir, read_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "ASSIST1540_DATA_DIR", "ASSIST1540_HOST", "ASSIST1540_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_without_any_setting_the_embedded_database_and_loopback_are_used() -> None:
    settings = read_settings()
    assert settings.embedded
    assert settings.host == "127.0.0.1"
    assert settings.port == 1540
    assert settings.data_dir == default_data_dir()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_scheme_names_the_same_database(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://user:word@db.example:5433/record")
    settings = read_settings()
    assert settings.database_url == "postgresql://user:word@db.example:5433/record"
    assert not settings.embedded


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings().embedded


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:s3cret@host/db",
        "sqlite:///s3cret.db",
        "postgresql://user:s3cret@host:port/db",
        "postgresql://user:s3cret@host/db?no_such_option=1",
        "postgresql://user:s3cret%zz@host/db",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(InvalidSettings, match=r"^DATABASE_URL: .*postgresql://user") as refusal:
        read_settings()
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost"])
def test_loopback_addresses_are_accepted(host: str) -> None:
    assert read_settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])
def test_any_other_address_is_refused_because_nobody_is_asked_who_they_are(host: str) -> None:
    with pytest.raises(InvalidSettings, match=r"ASSIST1540_HOST: must be a loopback address .* no sign-in yet"):
        read_settings(host=host)


@pytest.mark.parametrize("port", [-1, 65_536, "http"])
def test_a_port_that_cannot_be_is_refused_by_name(port: object) -> None:
    with pytest.raises(InvalidSettings, match="ASSIST1540_PORT: "):
        read_settings(port=port)


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSIST1540_PORT", "8000")
    assert read_settings().port == 8000
    assert read_settings(port=9000).port == 9000
    assert read_settings(port=None).port == 8000


def test_the_data_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSIST1540_DATA_DIR", str(tmp_path))
    assert read_settings().data_dir == tmp_path


def test_settings_do_not_change_while_a_process_runs() -> None:
    settings = read_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
