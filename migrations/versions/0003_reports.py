"""A therapist's own words in reports.

What it locks: nothing but a short lock on account, couple and practice for the foreign keys.
How to undo: ``portal db downgrade 0002``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_owned_table(
        "report_words",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("copy", sa.String(12), nullable=False),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("comment_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "couple_id", "kind", "copy", name="uq_report_words_practice_id_couple_id_kind_copy"
        ),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("report_words")
