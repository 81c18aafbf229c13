# ruff: noqa: E501
"""The tables of the main job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_size", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.CheckConstraint("state in ('uploading','sealed')", name=op.f("ck_attachment_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_made_on"), "attachment", ["made_on"], unique=False)
    op.create_index(op.f("ix_attachment_record_id"), "attachment", ["record_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("return_tag", sa.LargeBinary(), nullable=True),
        sa.Column("return_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_draft")),
        sa.UniqueConstraint("return_tag", name=op.f("uq_draft_return_tag")),
        sa.UniqueConstraint("tip_id", name=op.f("uq_draft_tip_id")),
    )
    op.create_index(op.f("ix_draft_expires_on"), "draft", ["expires_on"], unique=False)
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("code", name=op.f("uq_institution_code")),
    )
    op.create_index("ix_institution_region_name", "institution", ["region", "name"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=False),
        sa.CheckConstraint("state in ('waiting','running','done','failed')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index("ix_job_state_run_after", "job", ["state", "run_after"], unique=False)
    op.create_table(
        "ledger_checkpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_index(op.f("ix_ledger_checkpoint_made_at"), "ledger_checkpoint", ["made_at"], unique=False)
    op.create_index(op.f("ix_ledger_checkpoint_size"), "ledger_checkpoint", ["size"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_actor_id"), "ledger_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_day"), "ledger_entry", ["day"], unique=False)
    op.create_index(op.f("ix_ledger_entry_kind"), "ledger_entry", ["kind"], unique=False)
    op.create_index(op.f("ix_ledger_entry_subject"), "ledger_entry", ["subject"], unique=False)
    op.create_table(
        "ledger_leaf",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ledger_leaf_entry_id")),
    )
    op.create_index(op.f("ix_ledger_leaf_leaf"), "ledger_leaf", ["leaf"], unique=False)
    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_ledger_node")),
    )
    op.create_table(
        "ledger_queue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_queue")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ledger_queue_entry_id")),
    )
    op.create_index(op.f("ix_ledger_queue_arrived_at"), "ledger_queue", ["arrived_at"], unique=False)
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("pepper_version", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_report_key", sa.LargeBinary(), nullable=False),
        sa.Column("first_use_only", sa.Boolean(), nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=True),
        sa.Column("destroyed_by", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("tag", name=op.f("uq_mailbox_tag")),
        sa.UniqueConstraint("tip_id", name=op.f("uq_mailbox_tip_id")),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("contact", sa.String(length=400), nullable=False),
        sa.CheckConstraint("kind in ('bureau','agency','discipline')", name=op.f("ck_office_kind")),
        sa.CheckConstraint("level in ('nation','province','city','county')", name=op.f("ck_office_level")),
        sa.ForeignKeyConstraint(["superior_id"], ["office.id"], name=op.f("fk_office_superior_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("code", name=op.f("uq_office_code")),
    )
    op.create_index(op.f("ix_office_region"), "office", ["region"], unique=False)
    op.create_index(op.f("ix_office_superior_id"), "office", ["superior_id"], unique=False)
    op.create_table(
        "rule_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_setting")),
        sa.UniqueConstraint("rule", "region", "in_force_from", name=op.f("uq_rule_setting_rule_region_in_force_from")),
    )
    op.create_table(
        "rulebook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook")),
        sa.UniqueConstraint("version", name=op.f("uq_rulebook_version")),
    )
    op.create_index(op.f("ix_rulebook_in_force_from"), "rulebook", ["in_force_from"], unique=False)
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "purpose in ('office','seat','office-recovery','board-recovery','staff')",
            name=op.f("ck_sealing_key_purpose"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_key")),
        sa.UniqueConstraint(
            "purpose", "owner_id", "generation", name=op.f("uq_sealing_key_purpose_owner_id_generation")
        ),
    )
    op.create_index(op.f("ix_sealing_key_entry_id"), "sealing_key", ["entry_id"], unique=False)
    op.create_index(op.f("ix_sealing_key_owner_id"), "sealing_key", ["owner_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("locked_seed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.LargeBinary(), nullable=True),
        sa.Column("totp_locked", sa.LargeBinary(), nullable=True),
        sa.Column("last_totp_step", sa.BigInteger(), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('pending','active','left')", name=op.f("ck_staff_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("sign_in", name=op.f("uq_staff_sign_in")),
    )
    op.create_table(
        "workday_override",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_workday_override")),
    )
    op.create_table(
        "custody_board",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=True),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.CheckConstraint("k >= 2 and k <= 7", name=op.f("ck_custody_board_k")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_custody_board_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_board")),
    )
    op.create_index(op.f("ix_custody_board_office_id"), "custody_board", ["office_id"], unique=False)
    op.create_table(
        "grid_area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_grid_area_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_area")),
        sa.UniqueConstraint("code", name=op.f("uq_grid_area_code")),
    )
    op.create_index(op.f("ix_grid_area_office_id"), "grid_area", ["office_id"], unique=False)
    op.create_index(op.f("ix_grid_area_region"), "grid_area", ["region"], unique=False)
    op.create_table(
        "key_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("holder_key_id", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_key_id"], ["sealing_key.id"], name=op.f("fk_key_grant_holder_key_id_sealing_key")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["sealing_key.id"], name=op.f("fk_key_grant_key_id_sealing_key")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_key_grant_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_grant")),
        sa.UniqueConstraint("key_id", "holder_key_id", name=op.f("uq_key_grant_key_id_holder_key_id")),
    )
    op.create_index(op.f("ix_key_grant_holder_key_id"), "key_grant", ["holder_key_id"], unique=False)
    op.create_index(op.f("ix_key_grant_key_id"), "key_grant", ["key_id"], unique=False)
    op.create_index(op.f("ix_key_grant_staff_id"), "key_grant", ["staff_id"], unique=False)
    op.create_table(
        "ledger_nonce",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_nonce_entry_id_ledger_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_nonce")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("attachments", sa.Integer(), nullable=False),
        sa.Column("read_by_office", sa.Boolean(), nullable=False),
        sa.Column("removed_by_reporter", sa.Boolean(), nullable=False),
        sa.CheckConstraint("direction in ('in','out')", name=op.f("ck_letter_direction")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_letter_mailbox_id_mailbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("mailbox_id", "position", name=op.f("uq_letter_mailbox_id_position")),
    )
    op.create_index("ix_letter_tip_id_position", "letter", ["tip_id", "position"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"], unique=False)
    op.create_table(
        "record_draft",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("shred_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_record_draft_staff_id_staff")),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_record_draft")),
        sa.UniqueConstraint("shred_id", name=op.f("uq_record_draft_shred_id")),
    )
    op.create_index(op.f("ix_record_draft_expires_on"), "record_draft", ["expires_on"], unique=False)
    op.create_index(op.f("ix_record_draft_staff_id"), "record_draft", ["staff_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_view_staff_id_name")),
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "role in ('intake','handler','head','custodian','auditor','sysadmin')", name=op.f("ck_staff_role_role")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_staff_role_office_id_office")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("staff_id", "office_id", "role", name=op.f("uq_staff_role_staff_id_office_id_role")),
    )
    op.create_index(op.f("ix_staff_role_office_id"), "staff_role", ["office_id"], unique=False)
    op.create_index(op.f("ix_staff_role_staff_id"), "staff_role", ["staff_id"], unique=False)
    op.create_table(
        "board_seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("holder_office_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["custody_board.id"], name=op.f("fk_board_seat_board_id_custody_board")),
        sa.ForeignKeyConstraint(
            ["holder_office_id"], ["office.id"], name=op.f("fk_board_seat_holder_office_id_office")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_seat")),
        sa.UniqueConstraint("board_id", "position", name=op.f("uq_board_seat_board_id_position")),
    )
    op.create_index(op.f("ix_board_seat_holder_id"), "board_seat", ["holder_id"], unique=False)
    op.create_index(op.f("ix_board_seat_holder_office_id"), "board_seat", ["holder_office_id"], unique=False)
    op.create_table(
        "tip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("subject_type", sa.String(length=16), nullable=False),
        sa.Column("conduct", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("answer_way", sa.String(length=10), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("against_office_id", sa.Uuid(), nullable=True),
        sa.Column("pressured", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("duplicate_tag", sa.LargeBinary(), nullable=True),
        sa.Column("attachments", sa.Integer(), nullable=False),
        sa.Column("sealed_size", sa.Integer(), nullable=False),
        sa.CheckConstraint("answer_way in ('code','callback','letter','none')", name=op.f("ck_tip_answer_way")),
        sa.CheckConstraint("channel in ('web','12393','email','fax','post','visit')", name=op.f("ck_tip_channel")),
        sa.CheckConstraint(
            "state in ('received','screening','awaiting_reporter','verifying','filed','suspended','agreement','not_filed','redirected','referred','not_accepted','merged','police','decided','closed')",
            name=op.f("ck_tip_state"),
        ),
        sa.ForeignKeyConstraint(["against_office_id"], ["office.id"], name=op.f("fk_tip_against_office_id_office")),
        sa.ForeignKeyConstraint(["board_id"], ["custody_board.id"], name=op.f("fk_tip_board_id_custody_board")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["tip.id"], name=op.f("fk_tip_merged_into_id_tip")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_tip_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip")),
        sa.UniqueConstraint("number", name=op.f("uq_tip_number")),
    )
    op.create_index(op.f("ix_tip_against_office_id"), "tip", ["against_office_id"], unique=False)
    op.create_index(op.f("ix_tip_board_id"), "tip", ["board_id"], unique=False)
    op.create_index(op.f("ix_tip_duplicate_tag"), "tip", ["duplicate_tag"], unique=False)
    op.create_index(op.f("ix_tip_merged_into_id"), "tip", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_tip_office_id_assignee_id_due_on_id", "tip", ["office_id", "assignee_id", "due_on", "id"], unique=False
    )
    op.create_index("ix_tip_office_id_channel_due_on_id", "tip", ["office_id", "channel", "due_on", "id"], unique=False)
    op.create_index(
        "ix_tip_pressured",
        "tip",
        ["office_id"],
        unique=False,
        sqlite_where=sa.text("pressured = 1"),
        postgresql_where=sa.text("pressured"),
    )
    op.create_index("ix_tip_office_id_due_on_id", "tip", ["office_id", "due_on", "id"], unique=False)
    op.create_index("ix_tip_office_id_received_on_id", "tip", ["office_id", "received_on", "id"], unique=False)
    op.create_index("ix_tip_office_id_region_due_on_id", "tip", ["office_id", "region", "due_on", "id"], unique=False)
    op.create_index("ix_tip_office_id_state_due_on_id", "tip", ["office_id", "state", "due_on", "id"], unique=False)
    op.create_index(
        "ix_tip_office_id_state_received_on_id", "tip", ["office_id", "state", "received_on", "id"], unique=False
    )
    op.create_index(
        "ix_tip_office_id_subject_type_due_on_id", "tip", ["office_id", "subject_type", "due_on", "id"], unique=False
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("calendar", sa.String(length=60), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('running','paused','met','missed','void')", name=op.f("ck_clock_state")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_clock_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_clock_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index(op.f("ix_clock_office_id"), "clock", ["office_id"], unique=False)
    op.create_index("ix_clock_state_due_on", "clock", ["state", "due_on"], unique=False)
    op.create_index("ix_clock_tip_id", "clock", ["tip_id"], unique=False)
    op.create_table(
        "identity_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["board_id"], ["custody_board.id"], name=op.f("fk_identity_record_board_id_custody_board")
        ),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_identity_record_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_record")),
    )
    op.create_index(op.f("ix_identity_record_board_id"), "identity_record", ["board_id"], unique=False)
    op.create_index(op.f("ix_identity_record_tip_id"), "identity_record", ["tip_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state in ('open','approved','refused','dropped')", name=op.f("ck_proposal_state")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_proposal_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_proposal_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_office_id_state", "proposal", ["office_id", "state"], unique=False)
    op.create_index("ix_proposal_tip_id", "proposal", ["tip_id"], unique=False)
    op.create_table(
        "tip_body",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_body_tip_id_tip")),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_tip_body")),
    )
    op.create_table(
        "tip_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_tip_event_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_event_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_event")),
        sa.UniqueConstraint("tip_id", "position", name=op.f("uq_tip_event_tip_id_position")),
    )
    op.create_index(op.f("ix_tip_event_office_id"), "tip_event", ["office_id"], unique=False)
    op.create_table(
        "tip_holding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_tip_holding_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_holding_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_holding")),
    )
    op.create_index(op.f("ix_tip_holding_office_id"), "tip_holding", ["office_id"], unique=False)
    op.create_index(op.f("ix_tip_holding_tip_id"), "tip_holding", ["tip_id"], unique=False)
    op.create_table(
        "tip_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["sealing_key.id"], name=op.f("fk_tip_key_key_id_sealing_key")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_tip_key_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_key_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_key")),
        sa.UniqueConstraint("tip_id", "office_id", name=op.f("uq_tip_key_tip_id_office_id")),
    )
    op.create_index(op.f("ix_tip_key_key_id"), "tip_key", ["key_id"], unique=False)
    op.create_index(op.f("ix_tip_key_office_id"), "tip_key", ["office_id"], unique=False)
    op.create_table(
        "tip_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_record_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_record")),
    )
    op.create_index("ix_tip_record_tip_id", "tip_record", ["tip_id"], unique=False)
    op.create_table(
        "clock_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_change_clock_id_clock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_change")),
    )
    op.create_index(op.f("ix_clock_change_clock_id"), "clock_change", ["clock_id"], unique=False)
    op.create_table(
        "identity_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["sealing_key.id"], name=op.f("fk_identity_share_key_id_sealing_key")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["identity_record.id"], name=op.f("fk_identity_share_record_id_identity_record")
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["board_seat.id"], name=op.f("fk_identity_share_seat_id_board_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_share")),
        sa.UniqueConstraint("record_id", "position", name=op.f("uq_identity_share_record_id_position")),
    )
    op.create_index(op.f("ix_identity_share_key_id"), "identity_share", ["key_id"], unique=False)
    op.create_index(op.f("ix_identity_share_seat_id"), "identity_share", ["seat_id"], unique=False)


def downgrade() -> None:
    op.drop_table("identity_share")
    op.drop_table("clock_change")
    op.drop_table("tip_record")
    op.drop_table("tip_key")
    op.drop_table("tip_holding")
    op.drop_table("tip_event")
    op.drop_table("tip_body")
    op.drop_table("proposal")
    op.drop_table("identity_record")
    op.drop_table("clock")
    op.drop_table("tip")
    op.drop_table("board_seat")
    op.drop_table("staff_role")
    op.drop_table("saved_view")
    op.drop_table("record_draft")
    op.drop_table("recovery_code")
    op.drop_table("letter")
    op.drop_table("ledger_nonce")
    op.drop_table("key_grant")
    op.drop_table("grid_area")
    op.drop_table("custody_board")
    op.drop_table("workday_override")
    op.drop_table("staff")
    op.drop_table("sealing_key")
    op.drop_table("rulebook")
    op.drop_table("rule_setting")
    op.drop_table("office")
    op.drop_table("mailbox")
    op.drop_table("ledger_queue")
    op.drop_table("ledger_node")
    op.drop_table("ledger_leaf")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_checkpoint")
    op.drop_table("job")
    op.drop_table("institution")
    op.drop_table("draft")
    op.drop_table("attachment")
