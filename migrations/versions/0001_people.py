"""Practices, their keys and audit trail, accounts, couples and signing in.

What it locks: nothing: the tables are new.
How to undo: ``portal db downgrade base``. Everything in these tables would be lost by it.
"""

import sqlalchemy as sa
from alembic import op

from portal.kit.db import UtcDateTime
from portal.kit.migrations import create_owned_table, drop_owned_table, grant, make_role, owned_key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    make_role()
    op.create_table(
        "practice",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("crisis_resources", sa.JSON(), nullable=False),
        sa.Column("secrets_policy", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practice"),
    )
    create_owned_table(
        "practice_key",
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    create_owned_table(
        "person_key",
        sa.Column("owner_id", sa.String(26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_person_key_owner", "person_key", ["practice_id", "owner_id"])
    create_owned_table(
        "audit_entry",
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(26), nullable=True),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(26), nullable=True),
        sa.Column("couple_id", sa.String(26), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("entry_hash", sa.LargeBinary(32), nullable=True),
        append_only=True,
    )
    create_owned_table(
        "account",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("role_names", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("totp_next_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.String(16), nullable=True),
        sa.Column("theme", sa.String(12), nullable=False),
        sa.Column("text_size", sa.Integer(), nullable=False),
        sa.Column("introduced_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "login_name",
        sa.Column("email_key", sa.String(64), nullable=False),
        sa.Column("practice_id", sa.String(26), nullable=False),
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("email_key", "practice_id", name="pk_login_name"),
        owned_key("account_id", "account", cascade=True),
    )
    create_owned_table(
        "couple",
        sa.Column("goals_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
    )
    create_owned_table(
        "partner",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("seat", sa.String(1), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint("practice_id", "couple_id", "seat", name="uq_partner_practice_id_couple_id_seat"),
        sa.UniqueConstraint("practice_id", "account_id", name="uq_partner_practice_id_account_id"),
        owned_key("account_id", "account"),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "caseload",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("couple_id", sa.String(26), nullable=False),
        sa.UniqueConstraint(
            "practice_id", "account_id", "couple_id", name="uq_caseload_practice_id_account_id_couple_id"
        ),
        owned_key("account_id", "account"),
        owned_key("couple_id", "couple"),
    )
    create_owned_table(
        "invitation",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("invited_by", sa.String(26), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("practice_id", "token_hash", name="uq_invitation_practice_id_token_hash"),
        owned_key("account_id", "account", cascade=True),
    )
    create_owned_table(
        "login_session",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("fresh_at", UtcDateTime(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("practice_id", "token_hash", name="uq_login_session_practice_id_token_hash"),
        owned_key("account_id", "account", cascade=True),
    )
    op.create_index("ix_login_session_account", "login_session", ["practice_id", "account_id"])
    create_owned_table(
        "recovery_code",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        owned_key("account_id", "account", cascade=True),
    )
    create_owned_table(
        "consent",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("text_version", sa.String(16), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        owned_key("account_id", "account", cascade=True),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_bucket", "sign_in_attempt", ["bucket", "at"])
    create_owned_table(
        "outgoing_mail",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("message", sa.String(40), nullable=False),
        sa.Column("link_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(120), nullable=True),
        owned_key("account_id", "account", cascade=True),
    )
    op.create_index("ix_outgoing_mail_state", "outgoing_mail", ["practice_id", "state", "due_at"])
    create_owned_table(
        "kept_form",
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        owned_key("author_id", "account", cascade=True),
    )

    for table in ("practice", "login_name", "sign_in_attempt"):
        grant(table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    """Drop the tables again."""
    drop_owned_table("kept_form")
    drop_owned_table("outgoing_mail")
    op.drop_table("sign_in_attempt")
    drop_owned_table("consent")
    drop_owned_table("recovery_code")
    drop_owned_table("login_session")
    drop_owned_table("invitation")
    drop_owned_table("caseload")
    drop_owned_table("partner")
    drop_owned_table("couple")
    op.drop_table("login_name")
    drop_owned_table("account")
    drop_owned_table("audit_entry")
    drop_owned_table("person_key")
    drop_owned_table("practice_key")
    op.drop_table("practice")
