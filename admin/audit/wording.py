"""What kinds of entries are called on staff pages. Chinese is the source language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.disclosures import events as disclosures
from portal.exposures import events as exposures
from portal.kernel.actors import ActorKind
from portal.ledger import events
from portal.payments import batch_events as batches
from portal.retention import events as retention
from portal.rewards import schedule_events as schedules
from portal.statistics import events as statistics

KINDS: Mapping[str, str] = {
    events.TipReceived.kind: lazy_gettext("收到举报"),
    events.TipRead.kind: lazy_gettext("打开举报"),
    events.FileRead.kind: lazy_gettext("打开附件"),
    events.TipMoved.kind: lazy_gettext("办理一步"),
    events.TipAssigned.kind: lazy_gettext("分派"),
    events.ClockChanged.kind: lazy_gettext("期限变动"),
    events.LetterSent.kind: lazy_gettext("消息"),
    events.RecordWritten.kind: lazy_gettext("写下记录"),
    events.IdentitySealed.kind: lazy_gettext("封存身份"),
    events.IdentityAsked.kind: lazy_gettext("申请打开身份"),
    events.IdentityAnswered.kind: lazy_gettext("保管人答复"),
    events.IdentityOpened.kind: lazy_gettext("打开身份"),
    events.IdentityRequestEnded.kind: lazy_gettext("身份申请结束"),
    events.SealBroken.kind: lazy_gettext("封存的内容打不开"),
    events.PrintMade.kind: lazy_gettext("打印"),
    events.LedgerExported.kind: lazy_gettext("导出记录"),
    events.ProposalMade.kind: lazy_gettext("提请审批"),
    events.ProposalDecided.kind: lazy_gettext("审批"),
    retention.ShredProposed.kind: lazy_gettext("提出销毁"),
    retention.ShredDecided.kind: lazy_gettext("答复销毁"),
    events.ReportShredded.kind: lazy_gettext("销毁举报材料"),
    retention.HoldChanged.kind: lazy_gettext("暂缓销毁"),
    batches.BatchChanged.kind: lazy_gettext("编制或者改动支付批次"),
    batches.PaymentFileMade.kind: lazy_gettext("生成支付文件"),
    batches.AnswerTaken.kind: lazy_gettext("登记银行答复"),
    batches.BudgetSet.kind: lazy_gettext("设定奖励预算"),
    schedules.ScheduleProposed.kind: lazy_gettext("提出修改奖励标准"),
    schedules.ScheduleDecided.kind: lazy_gettext("答复修改奖励标准"),
    exposures.CaseRecorded.kind: lazy_gettext("登记案件记录"),
    exposures.CaseRead.kind: lazy_gettext("打开案件记录"),
    exposures.GateDecided.kind: lazy_gettext("分类处置"),
    exposures.ExposureMoved.kind: lazy_gettext("曝光案例办理一步"),
    exposures.CaseDisplayed.kind: lazy_gettext("公布、更正或者撤下案例"),
    exposures.TeachingDisplayed.kind: lazy_gettext("公布或者撤下警示提醒"),
    exposures.CircularSent.kind: lazy_gettext("发出内部通报"),
    exposures.CircularMoved.kind: lazy_gettext("评价通报的提出、签发、退回或者放弃"),
    exposures.CircularRead.kind: lazy_gettext("签收内部通报"),
    disclosures.DisclosureMoved.kind: lazy_gettext("基金公告办理一步"),
    disclosures.FundDisclosed.kind: lazy_gettext("公布或者更正基金收支"),
    disclosures.PromiseSet.kind: lazy_gettext("承诺定期公布"),
    statistics.BulletinMoved.kind: lazy_gettext("举报办理情况月报办理一步"),
    statistics.HandlingPublished.kind: lazy_gettext("公布或者更正举报办理情况月报"),
    events.KeyPublished.kind: lazy_gettext("公布密钥"),
    events.KeyRetired.kind: lazy_gettext("停用密钥"),
    events.GrantMade.kind: lazy_gettext("授予密钥"),
    events.StaffChanged.kind: lazy_gettext("账号变动"),
    events.SettingChanged.kind: lazy_gettext("设置变动"),
    events.Notice.kind: lazy_gettext("公告"),
}
ACTORS: Mapping[str, str] = {
    ActorKind.REPORTER: lazy_gettext("举报人"),
    ActorKind.STAFF: lazy_gettext("工作人员"),
    ActorKind.SYSTEM: lazy_gettext("系统"),
}
