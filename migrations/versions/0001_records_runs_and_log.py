"""Reference data, the record, runs and the event log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8; a copy, because a migration must not change with the models."""

    cache_ok = True

    def get_col_spec(self, **_kw: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "code_lists",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_code_lists")),
    )
    op.create_table(
        "domains",
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["domains.code"], name=op.f("fk_domains_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_domains")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "actor",
            sa.Text(),
            server_default=sa.text("coalesce(nullif(current_setting('assist1540.actor', true), ''), 'system')"),
            nullable=False,
        ),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_key", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(number IS NULL) = (link IS NULL)", name=op.f("ck_events_sealed_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("number", name=op.f("uq_events_number")),
    )
    op.create_index("ix_events_entity", "events", ["entity", "entity_key"], unique=False)
    op.create_index(
        "ix_events_unsealed", "events", ["xid", "id"], unique=False, postgresql_where=sa.text("number IS NULL")
    )
    op.create_table(
        "group_kinds",
        sa.Column("counting_statuses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_group_kinds")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("amended", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "modalities",
        sa.Column("example", sa.Text(), nullable=True),
        sa.Column("example_source", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_modalities")),
    )
    op.create_table(
        "parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("state", "organization", "group", name="kind", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("alternative_names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("matchable", sa.Boolean(), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.CheckConstraint("reference = kind || ':' || code", name=op.f("ck_parties_reference_is_kind_and_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sa.UniqueConstraint("reference", name=op.f("uq_parties_reference")),
    )
    op.create_table(
        "regions",
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('region', 'subregion', 'intermediate_region')", name=op.f("ck_regions_level")),
        sa.ForeignKeyConstraint(["parent_code"], ["regions.code"], name=op.f("fk_regions_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_table(
        "strategies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategies")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_strategies_name_version")),
    )
    op.create_table(
        "weapon_scopes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.Column("retired_in", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_weapon_scopes")),
    )
    op.create_table(
        "event_payloads",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_payloads_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_payloads")),
    )
    op.create_table(
        "groups",
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("group_kind", sa.Text(), nullable=False),
        sa.Column("founded", sa.Text(), nullable=True),
        sa.Column("treaty", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("held_from", sa.Date(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.CheckConstraint("held_until >= held_from", name=op.f("ck_groups_conference_dates")),
        sa.ForeignKeyConstraint(["group_kind"], ["group_kinds.code"], name=op.f("fk_groups_group_kind")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_groups_party_id")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_groups")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_key", sa.Text(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("known_until >= known_from", name=op.f("ck_history_period")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_history_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_entity_known", "history", ["entity", "entity_key", "known_from"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("offer", "intention", "programme", name="offer_kind", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("accepts_requests", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("partners", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modalities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language_required", sa.Boolean(), nullable=False),
        sa.Column("worldwide", sa.Boolean(), nullable=False),
        sa.Column("coverage_states", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("coverage_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("coverage_regions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("coverage_excepted", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity_per_quarter", sa.Integer(), nullable=True),
        sa.Column("capacity_total", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("requires_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("preferred_domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("preferred_states", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "classification",
            sa.Enum("unclassified", "confidential", name="classification", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column(
            "date_precision",
            sa.Enum(
                "day", "month", "year", "unknown", name="date_precision", native_enum=False, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("date_note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("source_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum("high", "medium", "low", name="confidence", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_offers_withdrawal_has_reason")
        ),
        sa.CheckConstraint(
            "NOT worldwide OR cardinality(coverage_states || coverage_groups || coverage_regions) = 0",
            name=op.f("ck_offers_worldwide_stands_alone"),
        ),
        sa.CheckConstraint(
            "capacity_per_quarter BETWEEN 0 AND 1000000000", name=op.f("ck_offers_capacity_per_quarter_range")
        ),
        sa.CheckConstraint("capacity_total BETWEEN 0 AND 1000000000", name=op.f("ck_offers_capacity_total_range")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_offers_validity")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_offers_import_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["parties.id"], name=op.f("fk_offers_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("reference", name=op.f("uq_offers_reference")),
    )
    op.create_index(op.f("ix_offers_dated_on"), "offers", ["dated_on"], unique=False)
    op.create_index(op.f("ix_offers_provider_id"), "offers", ["provider_id"], unique=False)
    op.create_table(
        "relatedness",
        sa.Column("a", sa.Text(), nullable=False),
        sa.Column("b", sa.Text(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("a < b", name=op.f("ck_relatedness_ordered")),
        sa.CheckConstraint("weight BETWEEN 0 AND 1", name=op.f("ck_relatedness_weight_range")),
        sa.ForeignKeyConstraint(["a"], ["domains.code"], name=op.f("fk_relatedness_a")),
        sa.ForeignKeyConstraint(["b"], ["domains.code"], name=op.f("fk_relatedness_b")),
        sa.PrimaryKeyConstraint("a", "b", name=op.f("pk_relatedness")),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("formal", "intention", name="request_kind", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requester_candidates", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "1540_committee",
                "template",
                "note_verbale_or_memorandum",
                "national_report",
                "referral_with_consent",
                "informal",
                "bwc_programme",
                name="channel",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("authenticated_on", sa.Date(), nullable=True),
        sa.Column("action_plan", sa.Boolean(), nullable=False),
        sa.Column("status_note", sa.Text(), nullable=True),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "classification",
            sa.Enum("unclassified", "confidential", name="classification", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column(
            "date_precision",
            sa.Enum(
                "day", "month", "year", "unknown", name="date_precision", native_enum=False, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("date_note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("source_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum("high", "medium", "low", name="confidence", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_requests_withdrawal_has_reason")
        ),
        sa.CheckConstraint(
            "authenticated_on IS NULL OR dated_on IS NULL OR authenticated_on >= dated_on",
            name=op.f("ck_requests_authenticated_after_date"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_requests_import_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["parties.id"], name=op.f("fk_requests_requester_id")),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["requests.id"], name=op.f("fk_requests_superseded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_requests_reference")),
    )
    op.create_index(op.f("ix_requests_dated_on"), "requests", ["dated_on"], unique=False)
    op.create_index(op.f("ix_requests_requester_id"), "requests", ["requester_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_reason", sa.Text(), nullable=True),
        sa.Column("cut_off", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strategy_id", sa.Uuid(), nullable=False),
        sa.Column("time_limit_s", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="run_state",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("input_hash", sa.Text(), nullable=True),
        sa.Column("result_hash", sa.Text(), nullable=True),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("circumstances", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("chain_head", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name=op.f("ck_runs_quarter_form")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_runs_progress_range")),
        sa.CheckConstraint(
            "revision >= 1 AND (revision = 1) = (revision_reason IS NULL)", name=op.f("ck_runs_revision_has_reason")
        ),
        sa.ForeignKeyConstraint(["strategy_id"], ["strategies.id"], name=op.f("fk_runs_strategy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("quarter", "revision", name=op.f("uq_runs_quarter_revision")),
        sa.UniqueConstraint("reference", name=op.f("uq_runs_reference")),
    )
    op.create_table(
        "states",
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("iso3", sa.Text(), nullable=False),
        sa.Column("iso2", sa.Text(), nullable=False),
        sa.Column("m49", sa.Text(), nullable=False),
        sa.Column("regional_group", sa.Text(), nullable=False),
        sa.Column("regional_group_status", sa.Text(), nullable=False),
        sa.Column("regional_group_note", sa.Text(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("subregion_code", sa.Text(), nullable=False),
        sa.Column("intermediate_region_code", sa.Text(), nullable=True),
        sa.Column("ldc", sa.Boolean(), nullable=False),
        sa.Column("ldc_graduates_on", sa.Date(), nullable=True),
        sa.Column("lldc", sa.Boolean(), nullable=False),
        sa.Column("sids", sa.Boolean(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("income_group", sa.Text(), nullable=True),
        sa.Column("capital", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=4), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=8, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["intermediate_region_code"], ["regions.code"], name=op.f("fk_states_intermediate_region_code")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_states_party_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_states_region_code")),
        sa.ForeignKeyConstraint(["subregion_code"], ["regions.code"], name=op.f("fk_states_subregion_code")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_states")),
        sa.UniqueConstraint("iso2", name=op.f("uq_states_iso2")),
        sa.UniqueConstraint("iso3", name=op.f("uq_states_iso3")),
        sa.UniqueConstraint("m49", name=op.f("uq_states_m49")),
    )
    op.create_table(
        "beneficiaries",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=False),
        sa.Column(
            "consent",
            sa.Enum("pending", "confirmed", "left", name="consent", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column(
            "consent_basis",
            sa.Enum(
                "stated",
                "inferred",
                "assumed",
                "not_stated",
                name="consent_basis",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_beneficiaries_request_id")),
        sa.ForeignKeyConstraint(["state_id"], ["states.party_id"], name=op.f("fk_beneficiaries_state_id")),
        sa.PrimaryKeyConstraint("request_id", "state_id", name=op.f("pk_beneficiaries")),
    )
    op.create_table(
        "exclusions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("by_party_id", sa.Uuid(), nullable=False),
        sa.Column("other_party_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column(
            "classification",
            sa.Enum("unclassified", "confidential", name="classification", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column(
            "date_precision",
            sa.Enum(
                "day", "month", "year", "unknown", name="date_precision", native_enum=False, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("date_note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("source_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum("high", "medium", "low", name="confidence", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("by_party_id <> other_party_id", name=op.f("ck_exclusions_two_parties")),
        sa.ForeignKeyConstraint(["by_party_id"], ["parties.id"], name=op.f("fk_exclusions_by_party_id")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_exclusions_import_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_exclusions_offer_id")),
        sa.ForeignKeyConstraint(["other_party_id"], ["parties.id"], name=op.f("fk_exclusions_other_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
        sa.UniqueConstraint("reference", name=op.f("uq_exclusions_reference")),
    )
    op.create_index(op.f("ix_exclusions_dated_on"), "exclusions", ["dated_on"], unique=False)
    op.create_index(
        "uq_exclusions_live",
        "exclusions",
        ["by_party_id", "other_party_id", sa.literal_column("coalesce(offer_id, by_party_id)")],
        unique=True,
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_memberships_period")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.party_id"], name=op.f("fk_memberships_group_id")),
        sa.ForeignKeyConstraint(["state_id"], ["states.party_id"], name=op.f("fk_memberships_state_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "group_id", "state_id", "status", "since", name=op.f("uq_memberships_group_id_state_id_status_since")
        ),
    )
    op.create_index("ix_memberships_state_id", "memberships", ["state_id"], unique=False)
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("domain_code", sa.Text(), nullable=False),
        sa.Column("modalities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=True),
        sa.Column("wanted_by", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "delivery",
            sa.Enum("joint", "per_member", name="delivery", native_enum=False, create_constraint=True),
            nullable=True,
        ),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "least IS NULL OR (least >= 1 AND delivery IS NOT NULL)", name=op.f("ck_needs_least_of_a_group_need")
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name=op.f("ck_needs_priority_range")),
        sa.CheckConstraint("units BETWEEN 1 AND 1000000000", name=op.f("ck_needs_units_range")),
        sa.CheckConstraint("wanted_by >= wanted_from", name=op.f("ck_needs_wanted_period")),
        sa.ForeignKeyConstraint(["domain_code"], ["domains.code"], name=op.f("fk_needs_domain_code")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_needs_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.UniqueConstraint("reference", name=op.f("uq_needs_reference")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_needs_request_id_number")),
    )
    op.create_index(op.f("ix_needs_domain_code"), "needs", ["domain_code"], unique=False)
    op.create_table(
        "pairings",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("need_reference", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("offer_reference", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rests_on", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_pairings_run_id")),
        sa.PrimaryKeyConstraint("run_id", "need_reference", "member", "offer_reference", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_offer_reference"), "pairings", ["offer_reference"], unique=False)
    op.create_table(
        "run_documents",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('problem', 'result')", name=op.f("ck_run_documents_kind")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_documents_run_id")),
        sa.PrimaryKeyConstraint("run_id", "kind", name=op.f("pk_run_documents")),
    )
    op.create_table(
        "unmatched",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("need_reference", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_unmatched_run_id")),
        sa.PrimaryKeyConstraint("run_id", "need_reference", "member", name=op.f("pk_unmatched")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "accepted",
                "declined",
                "delivered",
                "failed",
                name="answer_state",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "classification",
            sa.Enum("unclassified", "confidential", name="classification", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column(
            "date_precision",
            sa.Enum(
                "day", "month", "year", "unknown", name="date_precision", native_enum=False, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("date_note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("source_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum("high", "medium", "low", name="confidence", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name=op.f("ck_answers_a_refusal_has_a_reason")),
        sa.CheckConstraint("units BETWEEN 1 AND 1000000000", name=op.f("ck_answers_units_range")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_answers_import_id")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_answers_need_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_answers_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("reference", name=op.f("uq_answers_reference")),
    )
    op.create_index(op.f("ix_answers_dated_on"), "answers", ["dated_on"], unique=False)
    op.create_index(op.f("ix_answers_need_id"), "answers", ["need_id"], unique=False)
    op.create_index(op.f("ix_answers_offer_id"), "answers", ["offer_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_answers_offer_id"), table_name="answers")
    op.drop_index(op.f("ix_answers_need_id"), table_name="answers")
    op.drop_index(op.f("ix_answers_dated_on"), table_name="answers")
    op.drop_table("answers")
    op.drop_table("unmatched")
    op.drop_table("run_documents")
    op.drop_index(op.f("ix_pairings_offer_reference"), table_name="pairings")
    op.drop_table("pairings")
    op.drop_index(op.f("ix_needs_domain_code"), table_name="needs")
    op.drop_table("needs")
    op.drop_index("ix_memberships_state_id", table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("uq_exclusions_live", table_name="exclusions", postgresql_where=sa.text("withdrawn_on IS NULL"))
    op.drop_index(op.f("ix_exclusions_dated_on"), table_name="exclusions")
    op.drop_table("exclusions")
    op.drop_table("beneficiaries")
    op.drop_table("states")
    op.drop_table("runs")
    op.drop_index(op.f("ix_requests_requester_id"), table_name="requests")
    op.drop_index(op.f("ix_requests_dated_on"), table_name="requests")
    op.drop_table("requests")
    op.drop_table("relatedness")
    op.drop_index(op.f("ix_offers_provider_id"), table_name="offers")
    op.drop_index(op.f("ix_offers_dated_on"), table_name="offers")
    op.drop_table("offers")
    op.drop_index("ix_history_entity_known", table_name="history")
    op.drop_table("history")
    op.drop_table("groups")
    op.drop_table("event_payloads")
    op.drop_table("weapon_scopes")
    op.drop_table("strategies")
    op.drop_table("regions")
    op.drop_table("parties")
    op.drop_table("modalities")
    op.drop_table("imports")
    op.drop_table("group_kinds")
    op.drop_index("ix_events_unsealed", table_name="events", postgresql_where=sa.text("number IS NULL"))
    op.drop_index("ix_events_entity", table_name="events")
    op.drop_table("events")
    op.drop_table("domains")
    op.drop_table("code_lists")
