"""${message}.

What it locks: say which tables are locked and for how long on a practice with years of work. Creating a table
locks nothing that people wait for; adding a column with a default or an index on a large table may.
How to undo: ``portal db downgrade ${down_revision}``. Say here what would be lost by it.
Data: if rows have to be changed, do it in batches, and write a test in tests/migrations with rows before and after.
"""

from alembic import op
import sqlalchemy as sa

from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    ${upgrades if upgrades else "raise NotImplementedError"}


def downgrade() -> None:
    """Undo it."""
    ${downgrades if downgrades else "raise NotImplementedError"}
