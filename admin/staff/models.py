"""Accounts of staff, their roles, second factors, and the keys that were granted to them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from admin.staff.roles import Role
from portal.kernel.db import Base
from portal.kernel.values import Id, new_id

_ROLES = ",".join(f"'{role.value}'" for role in Role)


class Staff(Base):
    """A person with an account. The seed of the person's key is locked under the passphrase and never in clear."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("state in ('pending','active','left')", name="state"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    sign_in: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    person_no: Mapped[str] = mapped_column(String(40), default="", server_default="")  # whose: two accounts, one person
    state: Mapped[str] = mapped_column(String(8), default="pending")
    locked_seed: Mapped[bytes | None]  # None once the person has left
    key_id: Mapped[bytes | None]  # of the person's own key, once it is published
    totp_locked: Mapped[bytes | None]
    last_totp_step: Mapped[int | None] = mapped_column(BigInteger)  # a code of this step or before is refused
    must_change: Mapped[bool] = mapped_column(default=True)  # the set-up passphrase still holds
    made_on: Mapped[date]
    left_on: Mapped[date | None]


class StaffRole(Base):
    """A role of a person for an office."""

    __tablename__ = "staff_role"
    __table_args__ = (
        CheckConstraint(f"role in ({_ROLES})", name="role"),
        UniqueConstraint("staff_id", "office_id", "role"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))


class KeyGrant(Base):
    """The key of an office or seat sealed to a person's key, or (``staff_id`` None) to a recovery key on paper."""

    __tablename__ = "key_grant"
    __table_args__ = (UniqueConstraint("key_id", "holder_key_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    key_id: Mapped[bytes] = mapped_column(ForeignKey("sealing_key.id"), index=True)
    holder_key_id: Mapped[bytes] = mapped_column(ForeignKey("sealing_key.id"), index=True)
    staff_id: Mapped[Id | None] = mapped_column(ForeignKey("staff.id"), index=True)
    sealed: Mapped[bytes]
    made_on: Mapped[date]
    made_by: Mapped[Id | None]


class RecoveryCode(Base):
    """A code that replaces the second factor once. ``digest`` is keyed with the person's seed."""

    __tablename__ = "recovery_code"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"), index=True)
    digest: Mapped[bytes]
    used_on: Mapped[date | None]


class Passkey(Base):
    """A passkey (WebAuthn) of a person: a second factor that a copied page cannot ask for.

    ``proof`` is keyed with the person's seed: a row that somebody wrote into the database is not taken.
    """

    __tablename__ = "passkey"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]  # COSE
    proof: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)  # as the device last said; it never goes back
    name: Mapped[str] = mapped_column(String(40))
    made_on: Mapped[date]
    last_used_on: Mapped[date | None]
    stopped_on: Mapped[date | None]  # its count went back: there may be a copy, and neither is taken any more
