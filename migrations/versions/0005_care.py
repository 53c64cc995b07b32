"""Pathways as they were armed, couples' ways through them, sessions, and safety flags.

What it locks: nothing but a short lock on the tables that the foreign keys name.
How to undo: ``portal db downgrade 0004``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa
from alembic import op

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_owned_table(
        "pathway_copy",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    create_owned_table(
        "journey",
        sa.Column("copy_id", sa.String(26), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_journey_practice_id_once_key"),
        owned_key("author_id", "account"),
        owned_key("copy_id", "pathway_copy"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_journey_couple", "journey", ["practice_id", "couple_id", "state"])
    create_owned_table(
        "journey_step",
        sa.Column("journey_id", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("assignment_id", sa.String(26), nullable=True),
        sa.Column("opened_by_therapist_at", UtcDateTime(), nullable=True),
        sa.Column("moved_to", UtcDateTime(), nullable=True),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "journey_id", "position", name="uq_journey_step_practice_id_journey_id_position"
        ),
        owned_key("assignment_id", "assignment"),
        owned_key("couple_id", "couple"),
        owned_key("journey_id", "journey", cascade=True),
    )
    create_owned_table(
        "therapy_session",
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_therapy_session_practice_id_once_key"),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_therapy_session_couple", "therapy_session", ["practice_id", "couple_id", "starts_at"])
    create_owned_table(
        "safety_flag",
        sa.Column("about_id", sa.String(26), nullable=True),
        sa.Column("assignment_id", sa.String(26), nullable=True),
        sa.Column("response_id", sa.String(26), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(26), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("couple_id", sa.String(26), nullable=False),
        owned_key("about_id", "account"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_safety_flag_response", "safety_flag", ["practice_id", "response_id"])
    op.create_index("ix_safety_flag_couple", "safety_flag", ["practice_id", "couple_id", "closed_at"])


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("safety_flag")
    drop_owned_table("therapy_session")
    drop_owned_table("journey_step")
    drop_owned_table("journey")
    drop_owned_table("pathway_copy")
