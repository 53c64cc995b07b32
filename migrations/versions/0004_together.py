"""What two do together: talks, shared texts, ladders, plans, and cards of a therapist's own.

What it locks: nothing but a short lock on the tables that the foreign keys name.
How to undo: ``portal db downgrade 0003``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa
from alembic import op

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_owned_table(
        "talk_move",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("back_at", UtcDateTime(), nullable=True),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id",
            "assignment_id",
            "period",
            "number",
            name="uq_talk_move_practice_id_assignment_id_period_number",
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "agreement_event",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("clause", sa.String(80), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id",
            "assignment_id",
            "number",
            name="uq_agreement_event_practice_id_assignment_id_number",
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "ladder_event",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "assignment_id", "number", name="uq_ladder_event_practice_id_assignment_id_number"
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "solo_ladder_event",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id",
            "assignment_id",
            "author_id",
            "number",
            name="uq_solo_ladder_event_practice_id_assignment_id_author_id_number",
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "plan_event",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "assignment_id", "number", name="uq_plan_event_practice_id_assignment_id_number"
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_plan_event_couple", "plan_event", ["practice_id", "couple_id"])
    create_owned_table(
        "own_card",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "assignment_id", "number", name="uq_own_card_practice_id_assignment_id_number"
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("own_card")
    drop_owned_table("plan_event")
    drop_owned_table("solo_ladder_event")
    drop_owned_table("ladder_event")
    drop_owned_table("agreement_event")
    drop_owned_table("talk_move")
