"""Studies: scenarios that are solved beside the runs, and the problems that they are about.

They decide nothing and are no part of the record, so they have no history and no events.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = ("what_if", "backtest", "firmness", "sensitivity")
STATES = ("queued", "running", "done", "failed", "cancelled")


def coded(codes: tuple[str, ...], name: str) -> sa.Enum:
    """Codes kept as text and held by a CHECK constraint."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True)


def upgrade() -> None:
    """A study before its problems, and both before the scenarios that point at them."""
    op.create_table(
        "studies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", coded(KINDS, "study_kind"), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("time_limit_s", sa.Integer(), nullable=False),
        sa.Column("in_queue", sa.Boolean(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("reference", name=op.f("uq_studies_reference")),
    )
    op.create_table(
        "study_problems",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("study_id", "sha256", name=op.f("pk_study_problems")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_study_problems_study_id")),
    )
    op.create_table(
        "scenarios",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("strategy", postgresql.JSONB(), nullable=False),
        sa.Column("strategy_sha256", sa.Text(), nullable=False),
        sa.Column("weight", sa.Text(), nullable=True),
        sa.Column("baseline", sa.Integer(), nullable=True),
        sa.Column("problem_sha256", sa.Text(), nullable=True),
        sa.Column("state", coded(STATES, "scenario_state"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", postgresql.JSONB(), nullable=True),
        sa.Column("outcome", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("study_id", "number", name=op.f("pk_scenarios")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_scenarios_study_id")),
        sa.ForeignKeyConstraint(
            ["study_id", "problem_sha256"],
            ["study_problems.study_id", "study_problems.sha256"],
            name=op.f("fk_scenarios_study_id_problem_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "baseline"],
            ["scenarios.study_id", "scenarios.number"],
            name=op.f("fk_scenarios_study_id_baseline"),
        ),
        sa.CheckConstraint("number >= 1 AND baseline <> number", name=op.f("ck_scenarios_numbers")),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name=op.f("ck_scenarios_done_has_outcome")),
    )


def downgrade() -> None:
    """What points goes before what it points at."""
    for table in ("scenarios", "study_problems", "studies"):
        op.drop_table(table)
