"""Which edition of a therapist's own work the practice took over, and what the administrator wrote to its owner.

What it locks: the table of own works, for as long as adding two columns with a constant default takes.
How to undo: ``portal db downgrade 0006``. The decisions would have to be made again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("own_work", sa.Column("practice_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("own_work", sa.Column("note", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the columns again."""
    op.drop_column("own_work", "note")
    op.drop_column("own_work", "practice_version")
