"""Verdicts and explanations beside the results of runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KIND = "ck_run_documents_kind"
COLUMNS = {"pairings": ("runner_ups", "rivals", "alternates"), "unmatched": ("change",)}


def upgrade() -> None:
    """Earlier runs stay without."""
    op.drop_constraint(op.f(KIND), "run_documents", type_="check")
    op.create_check_constraint(op.f(KIND), "run_documents", "kind IN ('problem', 'result', 'verdict', 'explanation')")
    for table, names in COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Verdicts and explanations are lost; a run can be made again."""
    for table, names in COLUMNS.items():
        for name in reversed(names):
            op.drop_column(table, name)
    op.execute("DELETE FROM run_documents WHERE kind IN ('verdict', 'explanation')")
    op.drop_constraint(op.f(KIND), "run_documents", type_="check")
    op.create_check_constraint(op.f(KIND), "run_documents", "kind IN ('problem', 'result')")
