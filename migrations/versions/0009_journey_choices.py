"""Keeps for each step of a pathway for whom it was chosen, and whether an open safety flag left it out.

What it locks: the table of journeys' steps, for a moment; on neither engine are its rows written anew.
How to undo: ``portal db downgrade 0008``. Choices that were made would be lost by it: steps then are as their pathway says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("journey_step", sa.Column("whom", sa.String(4), nullable=True))
    op.add_column(
        "journey_step",
        sa.Column("left_out_for_flag", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("journey_step", "left_out_for_flag")
    op.drop_column("journey_step", "whom")
