"""Acts that take two people: which permissions are their halves, and that nobody holds both for one office. Pure.

Verbs refuse the same person anyway (nobody approves the own proposal, no seat holder asks). This comes before: who
cannot hold both halves can neither do both under one name nor forget, on a busy day, whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from admin.staff.roles import PERMISSION_LABELS, ROLES, HeldRole, Permission, Role, permissions_of
from portal.kernel.values import Id


@dataclass(frozen=True, slots=True)
class TwoPersonAct:
    """Two permissions that make one act; ``act``: what the two people do together."""

    act: str
    first: Permission
    second: Permission

    def within(self, permissions: Set[str]) -> bool:
        """Whether *permissions* hold both halves."""
        return {self.first, self.second} <= permissions

    @property
    def words(self) -> str:
        """Why not, for whoever tries."""
        one, other = PERMISSION_LABELS[self.first], PERMISSION_LABELS[self.second]
        return f"“{one}”和“{other}”要由两个人办（{self.act}），同一个单位里不能交给一个人。"


_BETWEEN_OFFICERS = (
    TwoPersonAct("立案等决定", Permission.PROPOSE, Permission.APPROVE),
    TwoPersonAct("打开举报人身份", Permission.ASK_IDENTITY, Permission.SEAT),
    TwoPersonAct("销毁到期的材料", Permission.PROPOSE_SHRED, Permission.APPROVE_SHRED),
    TwoPersonAct("决定奖励", Permission.PROPOSE, Permission.REVIEW_REWARD),
    TwoPersonAct("支付奖励", Permission.REVIEW_REWARD, Permission.PAY_REWARD),
    TwoPersonAct("放行付款", Permission.PAY_REWARD, Permission.PAYMENT_SEAT),
    TwoPersonAct("付款时不知道是哪一件举报", Permission.REVIEW_REWARD, Permission.PAYMENT_SEAT),
    TwoPersonAct("付款时不知道是哪一件举报", Permission.READ_TIP, Permission.PAYMENT_SEAT),
    TwoPersonAct("付款时不知道是哪一件举报", Permission.READ_TIP, Permission.PAY_REWARD),
    TwoPersonAct("修改奖励标准", Permission.PROPOSE_SCHEDULE, Permission.APPROVE_SCHEDULE),
    TwoPersonAct("曝光案例", Permission.EDIT_EXPOSURE, Permission.PUBLISH_EXPOSURE),
    TwoPersonAct("公布基金收支", Permission.EDIT_DISCLOSURE, Permission.PUBLISH_DISCLOSURE),
    TwoPersonAct("通报综合评价", Permission.PROPOSE_EVALUATION, Permission.SEND_EVALUATION),
    TwoPersonAct("查对谁看过举报", Permission.READ_TIP, Permission.READ_LEDGER),
)
# Whoever makes accounts could make the second person. A report needs a colleague's grant besides; what needs no key
# would be one person's with two names.
_WITH_ACCOUNTS = tuple(
    TwoPersonAct(act, Permission.MANAGE_STAFF, half)
    for act, half in (
        ("让新同事看到举报", Permission.GRANT_KEY),
        ("打开举报人身份", Permission.SEAT),
        ("销毁到期的材料", Permission.PROPOSE_SHRED),
        ("决定奖励", Permission.REVIEW_REWARD),
        ("支付奖励", Permission.PAY_REWARD),
        ("放行付款", Permission.PAYMENT_SEAT),
        ("修改奖励标准", Permission.PROPOSE_SCHEDULE),
        ("曝光案例", Permission.EDIT_EXPOSURE),
        ("曝光案例", Permission.PUBLISH_EXPOSURE),
        ("公布基金收支", Permission.EDIT_DISCLOSURE),
        ("公布基金收支", Permission.PUBLISH_DISCLOSURE),
    )
)
TWO_PERSON_ACTS = _BETWEEN_OFFICERS + _WITH_ACCOUNTS


def both_halves(roles: Iterable[Role]) -> TwoPersonAct | None:
    """The first act of which *roles*, held for one office, would make one person both halves."""
    held = frozenset[Permission]().union(*(ROLES[role] for role in roles))
    return next((act for act in TWO_PERSON_ACTS if act.within(held)), None)


def new_conflict(
    held: Iterable[HeldRole], added: Iterable[HeldRole], below: Mapping[Id, Set[Id]]
) -> TwoPersonAct | None:
    """The first act that *added* would put into one pair of hands, in any office that the roles reach.

    Keys that are not granted yet count as granted. What somebody held before this rule is not held against a role
    that has nothing to do with it.
    """
    before = list(held)
    after = [*before, *added]
    offices = {one.office for one in after}
    had, has = permissions_of(before, offices, below), permissions_of(after, offices, below)
    for act in TWO_PERSON_ACTS:
        if any(act.within(now) and not act.within(had.get(office, frozenset())) for office, now in has.items()):
            return act
    return None
