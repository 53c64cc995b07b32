"""Assigned exercises, responses, answers, drafts, overlaps and a therapist's words.

What it locks: nothing but a short lock on account, couple and practice for the foreign keys.
How to undo: ``portal db downgrade 0001``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa
from alembic import op

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, owned_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_owned_table(
        "exercise_copy",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("translations", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    create_owned_table(
        "assignment",
        sa.Column("copy_id", sa.String(26), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("whom", sa.String(4), nullable=False),
        sa.Column("recurrence", sa.String(8), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("instructions_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("both_sent_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("previous_id", sa.String(26), nullable=True),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_assignment_practice_id_once_key"),
        owned_key("copy_id", "exercise_copy"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_assignment_couple", "assignment", ["practice_id", "couple_id", "state", "opens_at"])
    create_owned_table(
        "response",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(26), nullable=True),
        sa.Column("turn", sa.String(8), nullable=True),
        sa.Column("asked_round", sa.String(24), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("once_key", sa.String(40), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id",
            "assignment_id",
            "author_id",
            "part",
            "period",
            name="uq_response_practice_id_assignment_id_author_id_part_period",
        ),
        owned_key("assignment_id", "assignment"),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_response_couple", "response", ["practice_id", "couple_id", "state", "sent_at"])
    create_owned_table(
        "draft",
        sa.Column("response_id", sa.String(26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "response_id", name="uq_draft_practice_id_response_id"),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
        owned_key("response_id", "response", cascade=True),
    )
    create_owned_table(
        "answer",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("response_id", sa.String(26), nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shared_at", UtcDateTime(), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "response_id", "item", name="uq_answer_practice_id_response_id_item"
        ),
        owned_key("assignment_id", "assignment"),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
        owned_key("response_id", "response", cascade=True),
    )
    op.create_index("ix_answer_assignment", "answer", ["practice_id", "assignment_id", "author_id"])
    op.create_index("ix_answer_couple", "answer", ["practice_id", "couple_id", "sent_at"])
    create_owned_table(
        "overlap_match",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("option", sa.String(80), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "assignment_id", "option", name="uq_overlap_match_practice_id_assignment_id_option"
        ),
        owned_key("assignment_id", "assignment", cascade=True),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "reaction",
        sa.Column("response_id", sa.String(26), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "response_id", "author_id", name="uq_reaction_practice_id_response_id_author_id"
        ),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
        owned_key("response_id", "response", cascade=True),
    )
    create_owned_table(
        "feedback",
        sa.Column("assignment_id", sa.String(26), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("once_key", sa.String(40), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("addressee_id", sa.String(26), nullable=True),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("open_at", UtcDateTime(), nullable=True),
        sa.Column("lists_open", sa.Boolean(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "once_key", name="uq_feedback_practice_id_once_key"),
        owned_key("addressee_id", "account"),
        owned_key("assignment_id", "assignment"),
        owned_key("author_id", "account"),
        owned_key("couple_id", "couple"),
    )
    op.create_index("ix_feedback_assignment", "feedback", ["practice_id", "assignment_id"])


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("feedback")
    drop_owned_table("reaction")
    drop_owned_table("overlap_match")
    drop_owned_table("answer")
    drop_owned_table("draft")
    drop_owned_table("response")
    drop_owned_table("assignment")
    drop_owned_table("exercise_copy")
