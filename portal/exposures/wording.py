"""What the codes of exposures are called, on public pages and on those of the staff. Chinese is the source language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString

from portal.exposures.redaction.values import Kind
from portal.exposures.values import (
    ChangeReason,
    Manner,
    Ownership,
    Part,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
    Treatment,
    VersionKind,
)
from portal.web.locale import lazy_gettext as _l

SOURCES: Mapping[Source, LazyString] = {
    Source.REPORT: _l("群众举报"),
    Source.BIG_DATA: _l("大数据筛查"),
    Source.TRACE_CODE: _l("药品追溯码疑点"),
    Source.JOINT: _l("部门联合检查"),
    Source.REFERRED: _l("其他部门移交"),
    Source.INSPECTION: _l("日常检查、飞行检查"),
    Source.UNSTATED: _l("不公开"),
}
SUBJECTS: Mapping[SubjectKind, LazyString] = {
    SubjectKind.HOSPITAL: _l("医院"),
    SubjectKind.CLINIC: _l("诊所、卫生室"),
    SubjectKind.PHARMACY: _l("药店"),
    SubjectKind.AGENCY: _l("医保经办机构"),
    SubjectKind.EMPLOYER: _l("用人单位"),
    SubjectKind.INSURED: _l("参保人"),
    SubjectKind.STAFF: _l("医务人员和机构工作人员"),
    SubjectKind.OTHER: _l("其他单位和个人"),
}
OWNERSHIPS: Mapping[Ownership, LazyString] = {
    Ownership.PUBLIC: _l("公立"),
    Ownership.PRIVATE: _l("民营"),
    Ownership.UNKNOWN: _l("未注明"),
}
SIZES: Mapping[Size, LazyString] = {
    Size.LARGE: _l("大型"),
    Size.MEDIUM: _l("中型"),
    Size.SMALL: _l("小型"),
    Size.UNKNOWN: _l("未注明"),
}
MANNERS: Mapping[Manner, LazyString] = {
    Manner.FRAUD: _l("骗取医保基金"),
    Manner.OVER_TREATMENT: _l("过度诊疗"),
    Manner.CHARGING: _l("违规收费"),
    Manner.MANAGEMENT: _l("管理问题"),
}
RESULTS: Mapping[Result, LazyString] = {
    Result.RETURN: _l("责令退回医保基金"),
    Result.FINE: _l("罚款"),
    Result.DAMAGES: _l("支付违约金"),
    Result.REFUSED: _l("拒付违规费用"),
    Result.WARNING: _l("警告"),
    Result.TALK: _l("约谈"),
    Result.SUSPEND_SETTLEMENT: _l("暂停医疗费用联网结算"),
    Result.SUSPEND_AGREEMENT: _l("中止医保服务协议"),
    Result.END_AGREEMENT: _l("解除医保服务协议"),
    Result.RECTIFY: _l("责令改正"),
}
REFERRALS: Mapping[Referral, LazyString] = {
    Referral.POLICE: _l("公安机关"),
    Referral.HEALTH: _l("卫生健康部门"),
    Referral.MARKET: _l("市场监督管理部门"),
    Referral.DRUG: _l("药品监督管理部门"),
    Referral.TAX: _l("税务部门"),
    Referral.DISCIPLINE: _l("纪检监察机关"),
    Referral.PROCURATOR: _l("检察机关"),
}
TREATMENTS: Mapping[Treatment, LazyString] = {
    Treatment.PUBLISH: _l("公开曝光"),
    Treatment.CIRCULATE: _l("内部通报"),
    Treatment.NEITHER: _l("不公开，也不通报"),
}
VERSIONS: Mapping[VersionKind, LazyString] = {
    VersionKind.PUBLISH: _l("公布"),
    VersionKind.CORRECT: _l("更正"),
    VersionKind.WITHDRAW: _l("撤回"),
    VersionKind.EXPIRE: _l("公开期满"),
}
CHANGE_REASONS: Mapping[ChangeReason, LazyString] = {
    ChangeReason.DECISION_CHANGED: _l("处理决定依法变更"),
    ChangeReason.DECISION_REVOKED: _l("处理决定依法撤销"),
    ChangeReason.DECISION_UNLAWFUL: _l("处理决定被确认违法"),
    ChangeReason.DECISION_VOID: _l("处理决定被确认无效"),
    ChangeReason.WRONG_FACT: _l("公布的事实有误"),
    ChangeReason.SLIP: _l("文字有误"),
    ChangeReason.PERSONAL_DATA: _l("含有不该公开的个人信息或者商业秘密"),
    ChangeReason.REPAIRED: _l("信用修复"),
    ChangeReason.TERM_OVER: _l("公开期限已满"),
    ChangeReason.OTHER: _l("其他原因"),
}
PARTS: Mapping[Part, LazyString] = {
    Part.OFFENDER: _l("违法当事人"),
    Part.PATIENT: _l("患者"),
    Part.WITNESS: _l("证人"),
    Part.OTHER: _l("其他人"),
}
KINDS: Mapping[Kind, LazyString] = {
    Kind.NAME: _l("姓名"),
    Kind.ID_NUMBER: _l("身份证件号码"),
    Kind.PHONE: _l("电话号码"),
    Kind.BANK_CARD: _l("银行卡号"),
    Kind.EMAIL: _l("电子邮箱"),
    Kind.WECHAT: _l("微信号"),
    Kind.QQ: _l("QQ 号"),
    Kind.PLATE: _l("车牌号"),
    Kind.MEDICAL_RECORD: _l("病历号"),
    Kind.INSURANCE_NUMBER: _l("医保卡号、医保编号"),
    Kind.ADDRESS: _l("住址"),
    Kind.KNOWN: _l("案件中的其他个人信息"),
    Kind.EXACT_DAY: _l("具体日期"),
    Kind.ROLE: _l("能看出是谁的身份"),
    Kind.NUMBER: _l("其他号码"),
    Kind.CONTACT: _l("其他联系方式"),
}
