"""Finds a person's consent by the person, which is asked at every request.

What it locks: the table of consents against writing, for as long as the index takes; it has a row or two a person.
How to undo: ``portal db downgrade 0007``.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_consent_account", "consent", ["practice_id", "account_id"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_consent_account", "consent")
