"""History and events written by triggers, code arrays held to their lists, and the sealer.

Triggers, not the application, so that bulk updates and SQL typed by hand leave the same trace.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Each recorded table, with the columns that name one of its rows for a reader.
RECORDED = {
    "code_lists": "name,version",
    "weapon_scopes": "code",
    "domains": "code",
    "modalities": "code",
    "relatedness": "a,b",
    "regions": "code",
    "group_kinds": "code",
    "parties": "reference",
    "states": "iso3",
    "groups": "party_id",
    "memberships": "id",
    "exclusions": "reference",
    "requests": "reference",
    "needs": "reference",
    "beneficiaries": "request_id,state_id",
    "offers": "reference",
    "answers": "reference",
    "strategies": "name,version",
    "imports": "id",
    "runs": "reference",
}

#: Arrays of codes that PostgreSQL cannot hold to a list by a foreign key: table -> column -> list, its column.
CODED_ARRAYS = {
    "needs": {"modalities": ("modalities", "code"), "scopes": ("weapon_scopes", "code")},
    "offers": {
        "domains": ("domains", "code"),
        "modalities": ("modalities", "code"),
        "scopes": ("weapon_scopes", "code"),
        "coverage_states": ("states", "iso3"),
        "coverage_excepted": ("states", "iso3"),
        "coverage_regions": ("regions", "code"),
        "preferred_domains": ("domains", "code"),
        "preferred_states": ("states", "iso3"),
    },
}

#: Groups are parties; their codes are unique only among groups.
GROUP_ARRAYS = {"offers": ("coverage_groups", "requires_groups")}

RECORD_CHANGE = """
CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fresh jsonb := to_jsonb(NEW);
    named text[];
    said text;
    grains bytea := decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
    act text := 'created';
    moment timestamptz := clock_timestamp();
    logged bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) = fresh THEN RETURN NULL; END IF;
        act := CASE WHEN fresh ->> 'withdrawn_on' IS NOT NULL AND to_jsonb(OLD) ->> 'withdrawn_on' IS NULL
                    THEN 'withdrawn' ELSE 'amended' END;
    END IF;
    SELECT array_agg(fresh ->> trim(part)) INTO named FROM unnest(string_to_array(TG_ARGV[0], ',')) AS part;
    said := jsonb_build_object('row', fresh)::text;
    INSERT INTO events (at, entity, entity_key, action, digest)
        VALUES (moment, TG_TABLE_NAME, array_to_string(named, ','), act,
                sha256(grains || convert_to(said, 'UTF8')))
        RETURNING id INTO logged;
    INSERT INTO event_payloads (event_id, salt, payload) VALUES (logged, grains, said);
    IF TG_OP = 'UPDATE' THEN
        UPDATE history SET known_until = greatest(moment, known_from)
            WHERE entity = TG_TABLE_NAME AND entity_key = array_to_string(named, ',') AND known_until IS NULL;
    END IF;
    INSERT INTO history (entity, entity_key, known_from, event_id, row)
        VALUES (TG_TABLE_NAME, array_to_string(named, ','), moment, logged, fresh);
    RETURN NULL;
END $$
"""

REFUSE_DELETION = """
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted; withdraw or retire them', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

# An event may change once: when the sealer gives it a number and a link.
KEEP_EVENT = """
CREATE FUNCTION keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NULL AND NEW.number IS NOT NULL
       AND to_jsonb(OLD) - 'number' - 'link' = to_jsonb(NEW) - 'number' - 'link' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'event % is not to be changed', OLD.id USING ERRCODE = 'restrict_violation';
END $$
"""

CHECK_CODES = """
CREATE FUNCTION check_codes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given text[];
    unknown text[];
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) USING NEW INTO given;
    EXECUTE format('SELECT array_agg(code) FROM unnest($1) AS code WHERE code NOT IN (SELECT %I FROM %s)',
                   TG_ARGV[2], TG_ARGV[1]) USING given INTO unknown;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'unknown codes in %.%: %', TG_TABLE_NAME, TG_ARGV[0], array_to_string(unknown, ', ')
            USING ERRCODE = 'foreign_key_violation',
                  CONSTRAINT = format('fk_%s_%s', TG_TABLE_NAME, TG_ARGV[0]);
    END IF;
    RETURN NEW;
END $$
"""

# One sealer at a time. It numbers only events whose transaction is older than every running one, so that no
# event can appear later before a number that is already given; writers wait for nobody.
SEAL_EVENTS = """
CREATE FUNCTION seal_events() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head_number bigint;
    head_link bytea;
    sealed bigint := 0;
    event events;
BEGIN
    PERFORM pg_advisory_xact_lock(1540, 1);
    SELECT number, link INTO head_number, head_link FROM events
        WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1;
    head_number := coalesce(head_number, 0);
    head_link := coalesce(head_link, decode(repeat('00', 32), 'hex'));
    FOR event IN
        SELECT * FROM events
        WHERE number IS NULL AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id
    LOOP
        head_number := head_number + 1;
        head_link := sha256(head_link || convert_to(event_header(event, head_number), 'UTF8') || event.digest);
        UPDATE events SET number = head_number, link = head_link WHERE id = event.id;
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$
"""

EVENT_HEADER = """
CREATE FUNCTION event_header(event events, number bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(number, event.id, event.xid::text,
        to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        event.actor, event.entity, event.entity_key, event.action)::text
$$
"""


def upgrade() -> None:
    """Functions first, then a trigger of each kind on every table that needs it."""
    for function in (RECORD_CHANGE, REFUSE_DELETION, KEEP_EVENT, CHECK_CODES, EVENT_HEADER, SEAL_EVENTS):
        op.execute(function)
    for table, named in RECORDED.items():
        op.execute(
            f"CREATE TRIGGER record_change AFTER INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION record_change('{named}')"
        )
    for table in (*RECORDED, "events", "history", "run_documents", "pairings", "unmatched"):
        op.execute(
            f"CREATE TRIGGER refuse_deletion BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deletion()"
        )
        op.execute(
            f"CREATE TRIGGER refuse_truncation BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion()"
        )
    op.execute("CREATE TRIGGER keep_event BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION keep_event()")
    for table, columns in CODED_ARRAYS.items():
        for column, (listed_in, code) in columns.items():
            hold_to_list(table, column, listed_in, code)
    for table, group_columns in GROUP_ARRAYS.items():
        for column in group_columns:
            hold_to_list(table, column, "(SELECT code FROM parties WHERE kind = ''group'') AS listed", "code")


def hold_to_list(table: str, column: str, listed_in: str, code: str) -> None:
    """Refuse any code in ``table.column`` that ``listed_in`` does not have, as a foreign key would."""
    op.execute(
        f"CREATE TRIGGER check_{column} BEFORE INSERT OR UPDATE OF {column} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION check_codes('{column}', '{listed_in}', '{code}')"
    )


def downgrade() -> None:
    """Dropping a function with CASCADE drops its triggers."""
    for function in (
        "seal_events()",
        "event_header(events, bigint)",
        "check_codes()",
        "keep_event()",
        "refuse_deletion()",
        "record_change()",
    ):
        op.execute(f"DROP FUNCTION {function} CASCADE")
