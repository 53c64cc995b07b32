"""What therapists write for themselves: exercises, pathways, instructions.

What it locks: nothing but a short lock on the tables that the foreign keys name.
How to undo: ``portal db downgrade 0005``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_owned_table(
        "own_work",
        sa.Column("owner_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("copied_from", sa.String(60), nullable=True),
        sa.Column("shelf", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_own_work_practice_id_once_key"),
        sa.UniqueConstraint("practice_id", "slug", name="uq_own_work_practice_id_slug"),
        owned_key("owner_id", "account"),
    )
    create_owned_table(
        "own_edition",
        sa.Column("work_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "work_id", "version", name="uq_own_edition_practice_id_work_id_version"
        ),
        owned_key("work_id", "own_work", cascade=True),
    )
    create_owned_table(
        "instruction_template",
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("slug", sa.String(60), nullable=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_instruction_template_practice_id_once_key"),
        owned_key("author_id", "account"),
    )


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("instruction_template")
    drop_owned_table("own_edition")
    drop_owned_table("own_work")
