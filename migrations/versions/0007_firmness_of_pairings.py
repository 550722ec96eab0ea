"""How firm each pairing of a run is, beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier runs stay without."""
    op.add_column("pairings", sa.Column("firmness", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Firmness is lost; a study of it can be made again."""
    op.drop_column("pairings", "firmness")
