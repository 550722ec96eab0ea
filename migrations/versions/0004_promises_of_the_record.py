"""What the services promise of the record, held by the database too: whoever writes it, by whatever way.

What one row shows is a CHECK or a foreign key; what several rows show is a trigger, which counts them as they are
when the statement ends. Services check the same before, to name the place and the remedy.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RECORDS = ("requests", "offers", "exclusions", "answers")

#: Table -> name of the constraint -> what every row fulfils.
CHECKS = {
    "requests": {"not_superseded_by_itself": "superseded_by_id <> id"},
    "offers": {
        "domain_given": "cardinality(domains) > 0",
        "unspecified_stands_alone": "NOT 'UNSPEC' = ANY (domains) OR cardinality(domains) = 1",
        "required_language_given": "NOT language_required OR cardinality(languages) > 0",
        "covered_or_excepted": "NOT coverage_states && coverage_excepted",
        "exception_to_a_coverage": (
            "cardinality(coverage_excepted) = 0 OR worldwide"
            " OR cardinality(coverage_states || coverage_groups || coverage_regions) > 0"
        ),
    },
    "exclusions": {
        "withdrawal_has_reason": "(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)",
        "period": "expires_on >= dated_on",
    },
    "answers": {"withdrawal_has_reason": "(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)"},
}
#: The same of every kind of record.
CHECKS_OF_ALL = {
    "withdrawn_after_date": "withdrawn_on >= dated_on",
    "date_has_precision": "(dated_on IS NULL) = (date_precision = 'unknown')",
}

# Without scans of whole tables: a session keeps the plan that it made first, and a large import begins when the
# tables are empty and every plan is as good.
#
# A need is for somebody, unless its source does not name who asks; and each way to deliver it needs its members.
CHECK_AUDIENCE = """
CREATE FUNCTION check_audience() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    bad text;
BEGIN
    SELECT need.reference INTO bad
        FROM fresh AS need
        JOIN requests ON requests.id = need.request_id
        JOIN parties ON parties.id = requests.requester_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM beneficiaries WHERE beneficiaries.request_id = need.request_id
        ) AS audience
        WHERE (audience.n = 0 AND parties.matchable)
            OR (parties.kind = 'group' AND need.delivery IS NULL)
            OR (parties.kind = 'state' AND need.delivery IS NOT NULL)
            OR need.least > audience.n
        LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'need % does not fit its beneficiaries', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_needs_audience';
    END IF;
    RETURN NULL;
END $$
"""

# A group asks for its members on the day of the document, a State for itself.
CHECK_BELONGING = """
CREATE FUNCTION check_belonging() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    bad text;
BEGIN
    SELECT requests.reference INTO bad
        FROM fresh AS beneficiary
        JOIN requests ON requests.id = beneficiary.request_id
        JOIN parties ON parties.id = requests.requester_id
        WHERE (parties.kind = 'state' AND beneficiary.state_id <> parties.id)
            OR (parties.kind = 'group' AND NOT EXISTS (
                SELECT FROM memberships
                JOIN groups ON groups.party_id = memberships.group_id
                JOIN group_kinds ON group_kinds.code = groups.group_kind
                CROSS JOIN LATERAL (
                    SELECT coalesce(requests.dated_on, (now() AT TIME ZONE 'America/New_York')::date) AS day
                ) AS document
                WHERE memberships.group_id = parties.id AND memberships.state_id = beneficiary.state_id
                    AND memberships.status = ANY (group_kinds.counting_statuses)
                    AND coalesce(memberships.starts_on <= document.day, true)
                    AND coalesce(memberships.ends_on >= document.day, true)
            ))
        LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'request % is for a State that is not of its requester', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_beneficiaries_belonging';
    END IF;
    RETURN NULL;
END $$
"""

CHECK_SIDES = """
CREATE FUNCTION check_sides() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    bad text;
BEGIN
    SELECT answer.reference INTO bad
        FROM fresh AS answer
        JOIN offers ON offers.id = answer.offer_id
        JOIN needs ON needs.id = answer.need_id
        JOIN requests ON requests.id = needs.request_id
        WHERE offers.provider_id = requests.requester_id
            OR offers.provider_id IN (SELECT state_id FROM beneficiaries WHERE request_id = requests.id)
        LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'answer % is of a party to itself', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_answers_two_sides';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Constraints, the indexes that lists by beneficiary and by excluded party read, then triggers."""
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for table in RECORDS:
        for name, condition in CHECKS_OF_ALL.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_unique_constraint(op.f("uq_offers_id_provider_id"), "offers", ["id", "provider_id"])
    op.drop_constraint(op.f("fk_exclusions_offer_id"), "exclusions", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_exclusions_offer_id_by_party_id"),
        "exclusions",
        "offers",
        ["offer_id", "by_party_id"],
        ["id", "provider_id"],
    )
    op.create_index(op.f("ix_beneficiaries_state_id"), "beneficiaries", ["state_id"])
    op.create_index(op.f("ix_exclusions_other_party_id"), "exclusions", ["other_party_id"])
    op.execute(
        "CREATE TRIGGER check_partners BEFORE INSERT OR UPDATE OF partners ON offers "
        "FOR EACH ROW EXECUTE FUNCTION check_codes('partners', 'parties', 'reference')"
    )
    op.execute(
        "CREATE TRIGGER check_requester_candidates BEFORE INSERT OR UPDATE OF requester_candidates ON requests "
        "FOR EACH ROW EXECUTE FUNCTION check_codes('requester_candidates', 'states', 'iso3')"
    )
    for function in (CHECK_AUDIENCE, CHECK_BELONGING, CHECK_SIDES):
        op.execute(function)
    hold_statements("needs", "check_audience", "INSERT", "UPDATE")
    hold_statements("beneficiaries", "check_belonging", "INSERT")
    hold_statements("answers", "check_sides", "INSERT")


def hold_statements(table: str, function: str, *acts: str) -> None:
    """Check all rows that a statement has written at once; PostgreSQL wants a trigger for each kind of statement."""
    for act in acts:
        op.execute(
            f"CREATE TRIGGER {function}_on_{act.lower()} AFTER {act} ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    """Dropping a function with CASCADE drops its triggers."""
    for function in ("check_sides()", "check_belonging()", "check_audience()"):
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.execute("DROP TRIGGER check_requester_candidates ON requests")
    op.execute("DROP TRIGGER check_partners ON offers")
    op.drop_index(op.f("ix_exclusions_other_party_id"), table_name="exclusions")
    op.drop_index(op.f("ix_beneficiaries_state_id"), table_name="beneficiaries")
    op.drop_constraint(op.f("fk_exclusions_offer_id_by_party_id"), "exclusions", type_="foreignkey")
    op.create_foreign_key(op.f("fk_exclusions_offer_id"), "exclusions", "offers", ["offer_id"], ["id"])
    op.drop_constraint(op.f("uq_offers_id_provider_id"), "offers", type_="unique")
    for table in RECORDS:
        for name in CHECKS_OF_ALL:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
