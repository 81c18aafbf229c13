"""What codes of payments are called on staff pages, which are in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from portal.payments.answers import REASONS
from portal.payments.batching import BudgetLevel, BudgetReason
from portal.payments.layout import FileKind
from portal.payments.states import BatchState
from portal.payments.values import PaymentState

BATCHES: Mapping[str, str] = {
    BatchState.DRAFT: "等待放行",
    BatchState.RELEASED: "已生成文件，等银行答复",
    BatchState.ANSWERED: "银行已经全部答复",
    BatchState.DROPPED: "已撤销",
}
BATCH_TAGS: Mapping[str, str] = {
    BatchState.DRAFT: "waiting",
    BatchState.RELEASED: "open",
    BatchState.ANSWERED: "done",
}
PAYMENTS: Mapping[str, str] = {
    PaymentState.SEALED: "等待编入批次",
    PaymentState.IN_BATCH: "在批次里",
    PaymentState.PAID: "已支付",
    PaymentState.RETURNED: "银行退回",
    PaymentState.SHREDDED: "没有支付，收款信息已销毁",
}
RETURNS: Mapping[str, str] = {code: words for words, code in REASONS.items()}
FILES: Mapping[str, str] = {FileKind.CSV: "CSV", FileKind.XLSX: "XLSX"}
BUDGET_REASONS: Mapping[str, str] = {
    BudgetReason.APPROVED: "年度预算批复",
    BudgetReason.ADJUSTED: "年中调整",
    BudgetReason.CORRECTED: "更正录入错误",
}
LEVELS: Mapping[str, str] = {
    BudgetLevel.UNSET: "没有设定预算",
    BudgetLevel.WITHIN: "在预算内",
    BudgetLevel.NEAR: "接近预算",
    BudgetLevel.USED_UP: "预算已经用完",
}
LEVEL_TAGS: Mapping[str, str] = {
    BudgetLevel.WITHIN: "done",
    BudgetLevel.NEAR: "waiting",
    BudgetLevel.USED_UP: "danger",
}
