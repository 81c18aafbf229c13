"""Who may do what: permissions, and roles as named sets of them. Everything not named here is denied. Pure.

A role is held for an office. Roles in :data:`BELOW` reach the offices under it as well; roles in :data:`KEYED` have no
effect until a holder of the office's key has granted it: a new colleague is pending until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.values import Id


class Permission(StrEnum):
    """One thing a member of staff may do for an office."""

    READ_QUEUE = "read-queue"
    READ_TIP = "read-tip"
    RECORD_TIP = "record-tip"  # write down what came by telephone, e-mail, fax, post or visit
    TRIAGE = "triage"  # accept, decline, redirect, merge
    ASSIGN = "assign"
    HANDLE = "handle"  # note, findings, ask and write to the reporter, close
    TRANSFER = "transfer"
    PROPOSE = "propose"
    APPROVE = "approve"  # never one's own proposal
    PRINT = "print"
    ESCALATE = "escalate"
    GRANT_KEY = "grant-key"
    FOUND_KEY = "found-key"  # make the key of an office that never had one; needs no key, so the verb asks the roles
    KEEP_RECORDS = "keep-records"  # see what is past its term; hold it back, or no longer
    PROPOSE_SHRED = "propose-shred"
    APPROVE_SHRED = "approve-shred"  # never one's own proposal
    ASK_IDENTITY = "ask-identity"  # ask a custody board to open who reported; never with a seat of that board
    KEEP_SEAT = "keep-seat"  # make, hand over and change the key of one's own seat
    SEAT = "seat"  # hold a seat of a custody board
    REVIEW_REWARD = "review-reward"
    PAY_REWARD = "pay-reward"  # prepare a batch of payments; ask for the release of a batch that another prepared
    PAYMENT_SEAT = "payment-seat"  # hold a seat of a payment board
    SET_BUDGET = "set-budget"  # say what the office may spend on rewards in a year
    READ_SCHEDULES = "read-schedules"
    PROPOSE_SCHEDULE = "propose-schedule"
    APPROVE_SCHEDULE = "approve-schedule"  # never one's own proposal
    READ_DRAFT = "read-draft"  # open the draft of an exposure, sealed with the report's keys; not the report itself
    EDIT_EXPOSURE = "edit-exposure"
    PUBLISH_EXPOSURE = "publish-exposure"
    READ_CIRCULAR = "read-circular"  # sign for and read what another office tells inside; never a report
    MANAGE_SUPERVISORS = "manage-supervisors"
    READ_DISCLOSURE = "read-disclosure"  # figures of the fund that are not published yet
    EDIT_DISCLOSURE = "edit-disclosure"
    PUBLISH_DISCLOSURE = "publish-disclosure"
    EDIT_BULLETIN = "edit-bulletin"  # have a month counted for the bulletin of figures on handling
    PUBLISH_BULLETIN = "publish-bulletin"  # never what one had counted oneself
    PROPOSE_EVALUATION = "propose-evaluation"  # put the evaluation of offices before the second person, as a circular
    SEND_EVALUATION = "send-evaluation"  # never what one proposed oneself
    READ_FIGURES = "read-figures"  # figures on handling and the evaluation of the own office and those below
    MANAGE_STAFF = "manage-staff"
    MANAGE_DIRECTORY = "manage-directory"
    MANAGE_RULES = "manage-rules"
    READ_LEDGER = "read-ledger"


class Role(StrEnum):
    """A named set of permissions."""

    INTAKE = "intake"
    HANDLER = "handler"
    HEAD = "head"
    ARCHIVIST = "archivist"
    CUSTODIAN = "custodian"
    REWARD_REVIEWER = "reward-reviewer"
    FINANCE = "finance"
    PAYMENT_KEEPER = "payment-keeper"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    FUND_PUBLISHER = "fund-publisher"
    SUPERVISOR_MANAGER = "supervisor-manager"
    FUND_ACCOUNTANT = "fund-accountant"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


_READING = frozenset({Permission.READ_QUEUE, Permission.READ_TIP, Permission.PRINT, Permission.ESCALATE})
_KEYS = frozenset({Permission.GRANT_KEY, Permission.FOUND_KEY})

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.INTAKE: _READING
    | _KEYS
    | {Permission.RECORD_TIP, Permission.TRIAGE, Permission.ASSIGN, Permission.TRANSFER, Permission.READ_CIRCULAR},
    Role.HANDLER: _READING
    | _KEYS
    | {
        Permission.RECORD_TIP,
        Permission.HANDLE,
        Permission.TRANSFER,
        Permission.PROPOSE,
        Permission.ASK_IDENTITY,
        Permission.READ_SCHEDULES,
        Permission.READ_CIRCULAR,
    },
    Role.HEAD: _READING
    | _KEYS
    | {
        Permission.TRIAGE,
        Permission.ASSIGN,
        Permission.HANDLE,
        Permission.TRANSFER,
        Permission.APPROVE,
        Permission.ASK_IDENTITY,
        Permission.KEEP_RECORDS,
        Permission.APPROVE_SHRED,
        Permission.REVIEW_REWARD,
        Permission.SET_BUDGET,
        Permission.READ_SCHEDULES,
        Permission.APPROVE_SCHEDULE,
        Permission.READ_CIRCULAR,
        Permission.SEND_EVALUATION,
        Permission.READ_FIGURES,
    },
    Role.ARCHIVIST: frozenset({Permission.KEEP_RECORDS, Permission.PROPOSE_SHRED}),
    Role.CUSTODIAN: frozenset({Permission.KEEP_SEAT, Permission.SEAT}),
    Role.REWARD_REVIEWER: frozenset(
        {
            Permission.READ_TIP,
            Permission.GRANT_KEY,
            Permission.REVIEW_REWARD,
            Permission.READ_SCHEDULES,
            Permission.PROPOSE_SCHEDULE,
        }
    ),
    Role.FINANCE: frozenset({Permission.PAY_REWARD}),
    Role.PAYMENT_KEEPER: frozenset({Permission.KEEP_SEAT, Permission.PAYMENT_SEAT}),
    Role.EDITOR: frozenset(
        {
            Permission.READ_TIP,
            Permission.READ_DRAFT,
            Permission.GRANT_KEY,
            Permission.EDIT_EXPOSURE,
            Permission.READ_CIRCULAR,
        }
    ),
    Role.PUBLISHER: frozenset(
        {Permission.READ_DRAFT, Permission.GRANT_KEY, Permission.PUBLISH_EXPOSURE, Permission.READ_CIRCULAR}
    ),
    Role.FUND_PUBLISHER: frozenset(
        {
            Permission.READ_DISCLOSURE,
            Permission.PUBLISH_DISCLOSURE,
            Permission.PUBLISH_BULLETIN,
            Permission.READ_FIGURES,
        }
    ),
    Role.SUPERVISOR_MANAGER: frozenset({Permission.MANAGE_SUPERVISORS}),
    Role.FUND_ACCOUNTANT: frozenset(
        {
            Permission.READ_DISCLOSURE,
            Permission.EDIT_DISCLOSURE,
            Permission.EDIT_BULLETIN,
            Permission.PROPOSE_EVALUATION,
            Permission.READ_FIGURES,
        }
    ),
    Role.AUDITOR: frozenset({Permission.READ_LEDGER, Permission.READ_FIGURES}),
    Role.SYSADMIN: frozenset(
        {Permission.MANAGE_STAFF, Permission.MANAGE_DIRECTORY, Permission.MANAGE_RULES, Permission.READ_LEDGER}
    ),
}

KEYED = frozenset(role for role, held in ROLES.items() if held & {Permission.READ_TIP, Permission.READ_DRAFT})
"""Roles that have no effect without the office's key."""

BELOW = frozenset({Role.AUDITOR, Role.SYSADMIN})
"""Roles that reach the offices under the one they are held for. Neither of them can read a report."""

LABELS: Mapping[Role, str] = {
    Role.INTAKE: "受理人员",
    Role.HANDLER: "承办人员",
    Role.HEAD: "负责人",
    Role.ARCHIVIST: "档案人员",
    Role.CUSTODIAN: "身份保管人",
    Role.REWARD_REVIEWER: "奖励审核人员",
    Role.FINANCE: "财务人员",
    Role.PAYMENT_KEEPER: "付款保管人",
    Role.EDITOR: "曝光编辑",
    Role.PUBLISHER: "曝光审批人",
    Role.FUND_PUBLISHER: "基金公告审批人",
    Role.SUPERVISOR_MANAGER: "社会监督员管理人员",
    Role.FUND_ACCOUNTANT: "基金会计",
    Role.AUDITOR: "审计人员",
    Role.SYSADMIN: "系统管理员",
}

PERMISSION_LABELS: Mapping[Permission, str] = {
    Permission.READ_QUEUE: "看收件列表",
    Permission.READ_TIP: "打开举报",
    Permission.RECORD_TIP: "登记其他渠道的举报",
    Permission.TRIAGE: "受理、不予受理、告知、并案",
    Permission.ASSIGN: "分派",
    Permission.HANDLE: "核查、记录、与举报人往来、结案",
    Permission.TRANSFER: "移交",
    Permission.PROPOSE: "提出立案、延期等建议",
    Permission.APPROVE: "批准建议（不能批准自己提出的）",
    Permission.PRINT: "打印",
    Permission.ESCALATE: "涉及本单位的，上交上级",
    Permission.GRANT_KEY: "给同事授予本单位密钥",
    Permission.FOUND_KEY: "为还没有密钥的本单位建立密钥",
    Permission.KEEP_RECORDS: "看到期的材料，暂缓或者恢复销毁",
    Permission.PROPOSE_SHRED: "提出销毁到期的材料",
    Permission.APPROVE_SHRED: "批准销毁（不能批准自己提出的）",
    Permission.ASK_IDENTITY: "申请打开举报人身份（不能自己是保管人）",
    Permission.KEEP_SEAT: "建立、移交、更换自己席位的密钥",
    Permission.SEAT: "持有身份保管席位",
    Permission.REVIEW_REWARD: "批准奖励、答复复核（不能批准自己提出的）",
    Permission.PAY_REWARD: "发放奖励（不能放行自己编制的批次）",
    Permission.PAYMENT_SEAT: "持有付款保管席位",
    Permission.SET_BUDGET: "设定奖励预算",
    Permission.READ_SCHEDULES: "看奖励标准，试算",
    Permission.PROPOSE_SCHEDULE: "提出修改奖励标准",
    Permission.APPROVE_SCHEDULE: "批准修改奖励标准（不能批准自己提出的）",
    Permission.READ_DRAFT: "打开曝光案例的草稿",
    Permission.EDIT_EXPOSURE: "编写曝光案例",
    Permission.PUBLISH_EXPOSURE: "审批、发布曝光案例，发出案件的内部通报",
    Permission.READ_CIRCULAR: "签收、阅读内部通报",
    Permission.MANAGE_SUPERVISORS: "管理社会监督员",
    Permission.READ_DISCLOSURE: "查看没有公布的基金公告",
    Permission.EDIT_DISCLOSURE: "编制基金公告",
    Permission.PUBLISH_DISCLOSURE: "审批、发布基金公告",
    Permission.EDIT_BULLETIN: "统计、更正举报办理情况月报",
    Permission.PUBLISH_BULLETIN: "审批、公布举报办理情况月报",
    Permission.PROPOSE_EVALUATION: "提出综合评价的通报",
    Permission.SEND_EVALUATION: "签发综合评价的通报（不能签发自己提出的）",
    Permission.READ_FIGURES: "看统计和评价",
    Permission.MANAGE_STAFF: "管理账号",
    Permission.MANAGE_DIRECTORY: "管理机构名录和设置",
    Permission.MANAGE_RULES: "管理分派规则",
    Permission.READ_LEDGER: "查看记录簿",
}


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody holds for an office."""

    office: Id
    role: Role


def permissions_of(
    held: Iterable[HeldRole], keyed_offices: Set[Id], below: Mapping[Id, Set[Id]]
) -> dict[Id, frozenset[str]]:
    """Permissions per office.

    ``keyed_offices``: those whose key the person was granted; ``below``: for an office, all offices under it.
    """
    result: dict[Id, frozenset[str]] = {}
    for item in held:
        if item.role in KEYED and item.office not in keyed_offices:
            continue
        reached = {item.office} | (below.get(item.office, frozenset()) if item.role in BELOW else frozenset())
        for office in reached:
            result[office] = result.get(office, frozenset()) | frozenset(ROLES[item.role])
    return result


def needs_key(roles: Iterable[Role]) -> bool:
    """Whether any of *roles* has no effect without an office's key."""
    return any(role in KEYED for role in roles)
