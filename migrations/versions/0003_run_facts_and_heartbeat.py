"""What a run's rows are read by, and its heartbeat; progress is shown, not recorded.

Whoever needs, offers and where is kept with each pairing and unmatched need: a run never depends on what the
record says later. Heartbeat and progress change every second or two, which no history wants to keep.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Changes of a run that are history; its stage, progress and heartbeat are not.
RECORDED = (
    "reference, quarter, revision, revision_reason, cut_off, known_at, strategy_id, time_limit_s, state, attempts, "
    "cancel_requested_at, failure, status, input_hash, result_hash, summary, circumstances, chain_head, "
    "started_at, finished_at"
)


def upgrade() -> None:
    """Both tables are empty until the first release, so the new columns need no defaults."""
    op.add_column("runs", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("runs", sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("pairings", "unmatched"):
        op.add_column(table, sa.Column("requester", sa.Text(), nullable=False))
        op.add_column(table, sa.Column("states", postgresql.ARRAY(sa.Text()), nullable=False))
        op.add_column(table, sa.Column("domain", sa.Text(), nullable=False))
    op.add_column("pairings", sa.Column("provider", sa.Text(), nullable=False))
    op.add_column("unmatched", sa.Column("eligible", sa.Integer(), nullable=False))
    op.drop_column("runs", "job_id")
    op.execute("DROP TRIGGER record_change ON runs")
    op.execute(
        f"CREATE TRIGGER record_change AFTER INSERT OR UPDATE OF {RECORDED} ON runs "
        "FOR EACH ROW EXECUTE FUNCTION record_change('reference')"
    )


def downgrade() -> None:
    """The trigger goes back to every column before the columns go."""
    op.execute("DROP TRIGGER record_change ON runs")
    op.execute(
        "CREATE TRIGGER record_change AFTER INSERT OR UPDATE ON runs "
        "FOR EACH ROW EXECUTE FUNCTION record_change('reference')"
    )
    op.drop_column("unmatched", "eligible")
    op.drop_column("pairings", "provider")
    for table in ("pairings", "unmatched"):
        for column in ("domain", "states", "requester"):
            op.drop_column(table, column)
    op.add_column("runs", sa.Column("job_id", sa.Integer(), nullable=True))
    op.drop_column("runs", "heartbeat_at")
    op.drop_column("runs", "attempts")
