"""Sentences of an assessment, in Chinese: a trace that a citizen can read. Pure."""

from __future__ import annotations

from decimal import Decimal

from portal.rewards.values import Status

WHY_NOT = {
    "RW-2.1": "奖励只给自然人，这里的举报人是单位，不能领取（RW-2.1）。",
    "RW-4.1": "没有明确的被举报对象、具体线索和证据，不符合奖励条件（RW-4.1）。",
    "RW-4.2": "主要事实和证据，医保部门事先已经掌握，不符合奖励条件（RW-4.2）。",
    "RW-4.3": "没有造成医保基金损失，不符合奖励条件（RW-4.3）。最低数额在这里不适用。",
    "RW-4.4": "没有能够核实的真实身份，或者没有提出领取，这里不能发给奖励（RW-4.4）。",
    "RW-4.5": "不符合其他法定的奖励条件（RW-4.5）。",
    "RW-5.1": "举报人是医保部门的工作人员，或者受托监督基金的第三方人员，不给奖励（RW-5.1）。",
    "RW-5.2": "举报人交代的是自己或者同案人的行为，或者在被查处期间举报，不给奖励（RW-5.2）。",
    "RW-5.3": "处理决定作出以前已经撤回举报，不给奖励（RW-5.3）。",
    "RW-5.4": "身份无法确认，或者联系不上举报人，不给奖励（RW-5.4）。",
    "RW-5.5": "举报以前，这件事已经进入诉讼、仲裁等程序，不给奖励（RW-5.5）。",
    "RW-5.6": "有其他依法不予奖励的情形（RW-5.6）。",
    "RW-8.1": "同一举报人就同一行为已经得过奖励（RW-8.1）。",
    "RW-8.2": "别人先举报了内容基本相同的事，奖励给最先举报的人（RW-8.2）。",
}

NOT_IN_FORCE = {
    (Status.DRAFT, True): "这是征求意见稿，不是施行的标准。",
    (Status.DRAFT, False): "这是征求意见稿，也没有见到比例。",
    (Status.SUPERSEDED, True): "这个标准已经不再施行。",
    (Status.SUPERSEDED, False): "这个标准已经不再施行，也没有比例。",
    (Status.FRAMEWORK, True): "这是全国的框架，比例由各地规定。",
    (Status.FRAMEWORK, False): "这是全国的框架，只有上限和下限，没有比例。请用当地的标准。",
    (Status.INFERRED, True): "这个标准是推断出来的，没有见到原文。",
    (Status.INFERRED, False): "这个标准是推断出来的，没有见到原文。",
    (Status.TEXT_NOT_SEEN, True): "没有见到这个标准的原文。",
    (Status.TEXT_NOT_SEEN, False): "没有见到这个标准的原文，不知道比例，不能计算。",
}


def yuan(fen: Decimal | int) -> str:
    """An amount as people write it: 20,000 元, 3,000.01 元; what is smaller than a fen is shown until it is rounded."""
    whole = int(fen)
    if whole != fen:
        return f"{(Decimal(fen) / 100).normalize():,f} 元"
    part = whole % 100
    return f"{whole // 100:,}.{part:02d} 元" if part else f"{whole // 100:,} 元"


def percent(rate: Decimal) -> str:
    """0.015 as 1.5%."""
    number = f"{rate * 100:f}"
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number}%"
