"""Examples of what operations answer, taken from a server with the reference data. A test holds them to the schema."""

from typing import Any

Json = dict[str, Any]


def example(answer: Json, status: int = 200, *, also: Json | None = None) -> dict[int | str, Json]:
    """The success that an operation declares, with an example; ``also``: what it can send besides JSON."""
    return {status: {"content": {"application/json": {"example": answer}, **(also or {})}}}


def listing(item: Json) -> dict[int | str, Json]:
    """The success of a list whose page has one ``item``."""
    return example({"data": [item], "meta": {"limit": 100, "total": None}, "links": {"self": "/v1", "next": None}})


SERVICE: Json = {
    "service": "assist1540",
    "version": "0.1.0",
    "spec": "/v1/openapi.json",
    "code_lists": "/v1/code-lists",
    "problems": "/problems",
    "licence": "Apache-2.0",
    "status": "/ready",
}
HEALTH: Json = {"status": "ok"}
READY: Json = {"status": "ready", "schema_revision": "0006"}
HEAD: Json = {
    "number": 2901,
    "link": "39aa2a180d5657c58bbdffc6ca2d6a375ead47f6f06f465ba30f7d16f108a1ab",
    "head": "2901:39aa2a180d5657c58bbdffc6ca2d6a375ead47f6f06f465ba30f7d16f108a1ab",
    "unsealed": 0,
}
PROBLEM_KIND: Json = {
    "type": "/problems/reference-taken",
    "title": "The reference is in use",
    "status": 409,
    "remedy": "Choose another reference, leave it out to have one made, or amend the record that has it.",
}
CODE_LIST: Json = {
    "name": "domains",
    "version": "1",
    "as_of": "2026-11-23",
    "sha256": "a6cc4906dad9cd25ce4f3762db8f5c0b511c09d5395e8b9bb70a5cd69644d79c",
    "loaded_at": "2026-11-24T21:02:04.342469Z",
}
DOMAIN: Json = {
    "code": "OP3C.BOR",
    "title": {
        "ar": "ضوابط الحدود والجمارك",
        "en": "Border and customs controls",
        "es": "Controles fronterizos y aduaneros",
        "fr": "Contrôles frontaliers et douaniers",
        "ru": "Пограничный и таможенный контроль",
        "zh": "边境和海关管制",
    },
    "since_version": "1",
    "retired_in": None,
    "parent_code": "OP3C",
    "scopes": ["nuclear", "chemical", "biological", "means_of_delivery"],
    "source": "RES1540",
}
MODALITY: Json = {
    "code": "TRN",
    "title": {
        "ar": "التدريب",
        "en": "Training",
        "es": "Capacitación",
        "fr": "Formation",
        "ru": "Обучение",
        "zh": "培训",
    },
    "since_version": "1",
    "retired_in": None,
    "example": "Four-day national course on trafficking of radiological and nuclear material for 16 officers.",
    "example_source": "http://wp.lab.unicri.it/index.php/News/Enhancing-capacities-prevent-trafficking-radiological-nuclear-material-MiddleEast?page=2",
}
WEAPON_SCOPE: Json = {
    "code": "nuclear",
    "title": {"ar": "نووي", "en": "Nuclear", "es": "Nuclear", "fr": "Nucléaire", "ru": "Ядерное", "zh": "核"},
    "since_version": "1",
    "retired_in": None,
}
REGION: Json = {
    "code": "030",
    "title": {
        "ar": "شرق آسيا",
        "en": "Eastern Asia",
        "es": "Asia oriental",
        "fr": "Asie orientale",
        "ru": "Восточная Азия",
        "zh": "东亚",
    },
    "since_version": "1",
    "retired_in": None,
    "level": "subregion",
    "parent_code": "142",
}
GROUP_KIND: Json = {
    "code": "customs_union",
    "title": {
        "ar": "اتحاد جمركي",
        "en": "Customs union",
        "es": "Unión aduanera",
        "fr": "Union douanière",
        "ru": "Таможенный союз",
        "zh": "关税同盟",
    },
    "since_version": "1",
    "retired_in": None,
    "counting_statuses": ["full"],
}
RELATEDNESS: Json = {
    "a": "OP10",
    "b": "OP10.COOP",
    "weight": "0.80",
    "why": "Default: OP10 and OP10.COOP are a subject and a part of it.",
}
PARTY: Json = {
    "reference": "state:ALB",
    "kind": "state",
    "code": "ALB",
    "name": {"ar": "ألبانيا", "en": "Albania", "es": "Albania", "fr": "Albanie", "ru": "Албания", "zh": "阿尔巴尼亚"},
    "alternative_names": ["Republic of Albania"],
    "matchable": True,
    "since_version": "1",
    "retired_in": None,
    "state": {
        "iso3": "ALB",
        "iso2": "AL",
        "m49": "008",
        "regional_group": "EASTERN_EUROPE",
        "regional_group_status": "member",
        "regional_group_note": None,
        "region_code": "150",
        "subregion_code": "039",
        "intermediate_region_code": None,
        "ldc": False,
        "ldc_graduates_on": None,
        "lldc": False,
        "sids": False,
        "languages": ["en"],
        "income_group": "upper_middle",
        "capital": "Tirana",
        "latitude": "41.3274",
        "longitude": "19.8187",
    },
    "group": None,
}
GROUP: Json = {
    "reference": "group:ASEAN",
    "kind": "group",
    "code": "ASEAN",
    "name": {"en": "Association of Southeast Asian Nations"},
    "alternative_names": [],
    "matchable": True,
    "since_version": "1",
    "retired_in": None,
    "state": None,
    "group": {
        "group_kind": "regional_organization",
        "founded": "1967-08-08",
        "treaty": "Bangkok Declaration (1967); ASEAN Charter (2008)",
        "source_url": "https://asean.org/member-states/",
        "as_of": "2026-07",
        "note": "11 members since 2025-10-26 (Timor-Leste).",
        "held_from": None,
        "held_until": None,
    },
}
MEMBER: Json = {
    "state": "BRN",
    "name": {
        "ar": "بروني دار السلام",
        "en": "Brunei Darussalam",
        "es": "Brunei Darussalam",
        "fr": "Brunéi Darussalam",
        "ru": "Бруней-Даруссалам",
        "zh": "文莱达鲁萨兰国",
    },
    "status": "full",
    "counts": True,
    "since": "1984-01-07",
    "starts_on": "1984-01-07",
    "ends_on": None,
    "note": None,
}
