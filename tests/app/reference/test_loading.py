"""Reference data: loaded whole, once; a newer version amends and retires, and nothing is lost."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.events.models import Event
from app.parties.models import GroupFacts, Membership, Party, StateFacts
from app.reference.loading import ReferenceDataRefused, load_reference
from app.reference.models import CodeList, Domain, GroupKind, Modality, Region, Relatedness
from app.reference.shipped import DATA, InvalidReferenceData, Shipped, first_day, read, regional_groups

Edit = Callable[[Path], None]
Newer = Callable[..., Shipped]


@pytest.fixture
def newer(tmp_path: Path) -> Newer:
    """Reads a copy of the shipped files after they have been edited and every list has got a new version."""

    def make(*edits: Edit, version: int = 2) -> Shipped:
        folder = tmp_path / f"version-{version}"
        shutil.copytree(DATA, folder)
        for edit in edits:
            edit(folder)
        shipped = read(folder)
        return replace(
            shipped,
            versions={
                name: replace(entry, version=version, as_of=date(2027, 6, 1))
                for name, entry in shipped.versions.items()
            },
        )

    return make


def replacing(name: str, old: str, new: str) -> Edit:
    """An edit of the file ``name``; the old text must be there, or the test would test nothing."""

    def edit(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new, 1), encoding="utf-8")

    return edit


def without_line(name: str, start: str) -> Edit:
    """An edit that takes out the line of ``name`` that begins with ``start``."""

    def edit(folder: Path) -> None:
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(start)]
        assert len(kept) == len(lines) - 1
        (folder / name).write_text("".join(kept), encoding="utf-8")

    return edit


def membership(session: Session, group: str, state: str, status: str = "full") -> Membership:
    return session.execute(
        select(Membership)
        .join(GroupFacts, GroupFacts.party_id == Membership.group_id)
        .join(Party, Party.id == GroupFacts.party_id)
        .join(StateFacts, StateFacts.party_id == Membership.state_id)
        .where(Party.code == group, StateFacts.iso3 == state, Membership.status == status)
        .execution_options(populate_existing=True)
    ).scalar_one()


def events(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Event)) or 0


def test_every_state_group_and_code_is_loaded(session: Session) -> None:
    load_reference(session)

    counted = {model: session.scalar(select(func.count()).select_from(model)) for model in (StateFacts, GroupFacts)}
    assert counted == {StateFacts: 193, GroupFacts: 83}
    assert session.scalar(select(func.count()).select_from(Domain)) == 56
    assert session.scalar(select(func.count()).select_from(Modality).where(Modality.example.is_not(None))) == 15
    albania = session.execute(select(StateFacts).where(StateFacts.iso3 == "ALB")).scalar_one()
    assert (albania.m49, albania.regional_group, albania.region_code, albania.subregion_code) == (
        "008",
        "EASTERN_EUROPE",
        "150",
        "039",
    )
    assert session.get_one(Region, albania.subregion_code).title["fr"] == "Europe méridionale"


def test_every_list_says_which_version_of_which_file_it_is(session: Session) -> None:
    load_reference(session)
    lists = {row.name: row for row in session.scalars(select(CodeList))}
    assert set(lists) == set(read().versions)
    assert all(row.version == "1" and len(row.sha256) == 64 for row in lists.values())


def test_loading_twice_writes_nothing(session: Session) -> None:
    assert load_reference(session).changed
    session.commit()
    before = events(session)

    again = load_reference(session)
    session.commit()

    assert not again.changed
    assert sum(entry.unchanged for entry in again.lists) > 2000
    assert events(session) == before


def test_a_code_that_a_newer_version_drops_is_retired_and_can_come_back(session: Session, newer: Newer) -> None:
    load_reference(session)
    load_reference(session, newer(without_line("taxonomy.yaml", "  - {code: STV,")))
    study_visit = session.get_one(Modality, "STV", populate_existing=True)
    assert (study_visit.since_version, study_visit.retired_in) == ("1", "2")

    load_reference(session, newer(version=3))
    assert session.get_one(Modality, "STV", populate_existing=True).retired_in is None


def test_only_what_a_newer_version_changes_is_written(session: Session, newer: Newer) -> None:
    load_reference(session)
    session.commit()
    before = events(session)

    report = load_reference(session, newer(replacing("taxonomy.yaml", 'en: "Laboratory capacity and', 'en: "Lab and')))
    session.commit()

    assert {entry.name: entry.amended for entry in report.lists if entry.amended} == {"domains": 1}
    assert session.get_one(Domain, "X.LAB").title["en"] == "Lab and accreditation"
    assert events(session) == before + 1 + len(report.lists)  # the title, and the new version of each list


def test_a_state_that_changes_its_name_keeps_its_key(session: Session, newer: Newer) -> None:
    load_reference(session)
    before = session.execute(select(Party).where(Party.reference == "state:TUR")).scalar_one()
    key = before.id

    report = load_reference(session, newer(replacing("states.csv", "TUR,TR,792,Türkiye", "TUR,TR,792,Anatolia")))

    assert next(entry for entry in report.lists if entry.name == "states").amended == 1
    after = session.get_one(Party, key, populate_existing=True)
    assert after.name["en"] == "Anatolia"


def test_a_membership_that_a_newer_list_drops_ends_on_the_day_of_that_list(session: Session, newer: Newer) -> None:
    load_reference(session)
    load_reference(session, newer(without_line("group_members.csv", "EFTA,NOR,full")))
    assert membership(session, "EFTA", "NOR").ends_on == date(2027, 6, 1)

    load_reference(session, newer(version=3))
    assert membership(session, "EFTA", "NOR").ends_on is None


def test_a_suspended_member_was_full_until_the_day_before(session: Session, newer: Newer) -> None:
    load_reference(session)
    suspending = without_line("group_members.csv", "AU,KEN,full")

    def suspended(folder: Path) -> None:
        suspending(folder)
        with (folder / "group_members.csv").open("a", encoding="utf-8") as file:
            file.write("AU,KEN,suspended,2027-03-15,\n")

    load_reference(session, newer(suspended))
    assert membership(session, "AU", "KEN").ends_on == date(2027, 3, 14)
    assert membership(session, "AU", "KEN", "suspended").starts_on == date(2027, 3, 15)
    assert membership(session, "AU", "MLI").ends_on == date(2021, 5, 31)


def test_a_corrected_date_amends_the_membership(session: Session, newer: Newer) -> None:
    load_reference(session)
    key = membership(session, "AES", "BFA").id
    load_reference(session, newer(replacing("group_members.csv", "AES,BFA,full,2023-09-16", "AES,BFA,full,2023-09")))
    amended = membership(session, "AES", "BFA")
    assert (amended.id, amended.since, amended.starts_on, amended.ends_on) == (key, "2023-09", date(2023, 9, 1), None)


def test_a_pair_that_is_related_no_more_weighs_nothing(session: Session, newer: Newer) -> None:
    load_reference(session)
    load_reference(session, newer(without_line("taxonomy.yaml", "    - {a: X.LAB, b: OP3C.DET")))
    pair = session.get_one(Relatedness, ("OP3C.DET", "X.LAB"))
    assert pair.weight == 0
    assert pair.why == "No longer listed in version 2."


def test_related_pairs_are_those_named_and_the_two_defaults(session: Session) -> None:
    load_reference(session)
    pairs = {(row.a, row.b): row for row in session.scalars(select(Relatedness))}
    assert str(pairs["OP3A.SEC", "OP3B.PHY"].weight) == "0.80"
    assert str(pairs["OP3C.BOR", "OP3C.PORT"].weight) == "0.70", "a pair that is named goes before the defaults"
    assert str(pairs["OP3C.BOR", "OP3C.BRO"].weight) == "0.50"
    assert pairs["OP3C.BOR", "OP3C.BRO"].why == "Default: both are parts of OP3C."
    assert str(pairs["OP3C", "OP3C.BOR"].weight) == "0.80"
    assert not [pair for pair in pairs if "UNSPEC" in pair]


def test_changed_content_under_a_loaded_version_is_refused(session: Session, newer: Newer) -> None:
    load_reference(session)
    changed = newer(replacing("regions.csv", "Caraïbes,Caribe,", "Antilles,Caribe,"))
    same_version = replace(
        changed, versions={name: replace(entry, version=1) for name, entry in changed.versions.items()}
    )
    with pytest.raises(ReferenceDataRefused, match="regions differs from its version 1"):
        load_reference(session, same_version)


def test_an_older_release_does_not_turn_a_list_back(session: Session, newer: Newer) -> None:
    load_reference(session, newer())
    with pytest.raises(ReferenceDataRefused, match="version 2 of the list weapon_scopes is loaded"):
        load_reference(session)


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (replacing("group_members.csv", "AES,BFA,full", "AES,BFX,full"), "BFX is not among the states"),
        (replacing("states.csv", "Asia,Southern Asia,", "Asia,Southern Azia,"), "states.csv: AFG is in a region"),
        (replacing("states.csv", "ASIA_PACIFIC", "ASIA"), "AFG is in ASIA, no regional group"),
        (replacing("taxonomy.yaml", "a: OP3A.ACC, b: OP3B.PHY", "a: OP3A.ACC, b: OP3B.PHI"), "OP3B.PHI"),
        (replacing("taxonomy.yaml", "parent: OP2,", "parent: OP22,"), "domains: OP22 is not among the domains"),
        (replacing("group_kinds.yaml", "ar: اتحاد جمركي", "xx: y"), "customs_union has no title in ar"),
    ],
)
def test_files_that_contradict_each_other_are_refused(newer: Newer, edit: Edit, complaint: str) -> None:
    with pytest.raises(InvalidReferenceData, match=complaint):
        newer(edit)


def test_who_is_not_named_is_a_party_that_never_matches(session: Session) -> None:
    load_reference(session)
    matchable = {row.reference: row.matchable for row in session.execute(select(Party.reference, Party.matchable))}
    assert [reference for reference, may in matchable.items() if not may] == ["organization:UNATTRIBUTED"]


def test_an_assistance_conference_is_a_group_with_dates(session: Session) -> None:
    load_reference(session)
    party = session.execute(select(Party).where(Party.reference == "group:AU_RAC_2016")).scalar_one()
    conference = session.get_one(GroupFacts, party.id)
    assert conference.group_kind == "assistance_conference"
    assert (conference.held_from, conference.held_until) == (date(2016, 4, 6), date(2016, 4, 7))
    assert session.get_one(GroupKind, "assistance_conference").counting_statuses == ["participant"]


def test_participants_of_a_conference_belong_to_it_from_its_first_day(session: Session, newer: Newer) -> None:
    naming = replacing("conferences.yaml", "participants: []", "participants: [ETH, MLI]")
    load_reference(session, newer(naming, version=1))
    took_part = membership(session, "AU_RAC_2016", "ETH", "participant")
    assert (took_part.since, took_part.starts_on) == ("2016-04-06", date(2016, 4, 6))


def test_every_kind_of_group_counts_some_status_of_its_groups(session: Session) -> None:
    load_reference(session)
    empty = session.execute(
        text("""
            SELECT p.code FROM groups g JOIN parties p ON p.id = g.party_id JOIN group_kinds k ON k.code = g.group_kind
            WHERE NOT EXISTS (SELECT FROM memberships m
                              WHERE m.group_id = g.party_id AND m.status = ANY (k.counting_statuses))
            ORDER BY p.code
        """)
    ).scalars()
    assert list(empty) == ["ASEAN_TOKYO_2023", "AU_RAC_2016"], "only conferences whose participants no source names"


@pytest.mark.parametrize(
    ("since", "day"),
    [("1963", date(1963, 1, 1)), ("1963-08", date(1963, 8, 1)), ("1963-08-12", date(1963, 8, 12)), ("", None)],
)
def test_a_membership_begins_on_the_first_day_that_its_date_can_mean(since: str, day: date | None) -> None:
    assert first_day(since) == day


def test_every_file_of_the_data_is_part_of_a_list_and_described() -> None:
    listed = yaml.safe_load((DATA / "manifest.yaml").read_text(encoding="utf-8"))["lists"]
    used = {name for entry in listed.values() for name in entry["files"]}
    present = {path.name for path in DATA.iterdir()} - {"manifest.yaml", "README.md"}
    assert present == used
    described = (DATA / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(present) if f"`{name}`" not in described] == []


def test_regional_groups_have_titles_in_six_languages() -> None:
    assert regional_groups()["WEOG"]["es"] == "Estados de Europa Occidental y otros Estados"
