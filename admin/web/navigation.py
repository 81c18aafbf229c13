"""The menu of the staff site: only what the person may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, url_for

from admin.staff.roles import Permission
from admin.web.guard import SIGNED_IN, maybe_staff


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: the endpoint it leads to and what it asks for."""

    name: str
    words: str
    endpoint: str
    needs: str


ENTRIES = (
    Entry("queue", "举报", "queue.index", Permission.READ_QUEUE),
    Entry("dashboard", "概览", "dashboard.index", SIGNED_IN),
    Entry("record", "登记", "record.index", Permission.RECORD_TIP),
    Entry("rewards", "奖励", "rewards.index", Permission.READ_TIP),
    Entry("custody", "身份保管", "custody.index", Permission.SEAT),
    Entry("payments", "奖励支付", "payments.index", Permission.PAY_REWARD),
    Entry("releases", "付款放行", "releases.index", Permission.PAYMENT_SEAT),
    Entry("budget", "奖励预算", "payments.budget", Permission.SET_BUDGET),
    Entry("schedules", "奖励标准", "schedules.index", Permission.READ_SCHEDULES),
    Entry("cases", "案件记录", "case_records.index", Permission.HANDLE),
    Entry("gates", "分类处置", "gates.index", Permission.PUBLISH_EXPOSURE),
    Entry("ways", "曝光", "ways.index", Permission.READ_DRAFT),
    Entry("drafts", "起草", "drafts.index", Permission.EDIT_EXPOSURE),
    Entry("circulars", "内部通报", "circulars.index", Permission.READ_CIRCULAR),
    Entry("teaching", "警示提醒", "teaching.index", Permission.EDIT_EXPOSURE),
    Entry("teaching_review", "警示提醒审批", "teaching.review", Permission.PUBLISH_EXPOSURE),
    Entry("disclosures", "基金公告", "disclosures.index", Permission.READ_DISCLOSURE),
    Entry("bulletins", "办理月报", "bulletins.index", Permission.READ_FIGURES),
    Entry("evaluation", "综合评价", "evaluation.index", Permission.READ_FIGURES),
    Entry("retention", "到期材料", "retention.index", Permission.KEEP_RECORDS),
    Entry("waiting", "授予密钥", "staff.waiting", Permission.GRANT_KEY),
    Entry("keys", "单位密钥", "keys.index", Permission.GRANT_KEY),
    Entry("staff", "账号", "staff.index", Permission.MANAGE_STAFF),
    Entry("boards", "保管组", "seats.index", Permission.MANAGE_DIRECTORY),
    Entry("directory", "名录", "directory.index", Permission.MANAGE_DIRECTORY),
    Entry("ledger", "记录簿", "audit.index", Permission.READ_LEDGER),
    Entry("account", "我的账号", "staff.account", SIGNED_IN),
)


def staff_nav() -> list[dict[str, str]]:
    """The entries for the person of this request."""
    person = maybe_staff()
    if person is None:
        return []
    return [
        {"name": entry.name, "words": entry.words, "href": url_for(entry.endpoint)}
        for entry in ENTRIES
        if entry.needs == SIGNED_IN or person.actor.offices_with(entry.needs)
    ]


def first_page() -> str:
    """Where a person starts: the first entry of the own menu that is about their work and not about numbers."""
    return next(entry["href"] for entry in staff_nav() if entry["name"] != "dashboard")


def staff_person() -> str | None:
    """The shown name of the person of this request."""
    person = maybe_staff()
    return person.staff.name if person else None


def init_app(app: Flask) -> None:
    """Give the templates their menu. Raises KeyError when an entry leads to no endpoint of *app*."""
    for entry in ENTRIES:
        app.view_functions[entry.endpoint]
    app.jinja_env.globals.update(staff_nav=staff_nav, staff_person=staff_person)
