"""The words that teams and other programs use for our stages, levels, methods, roles and reasons. Pure.

Each table lists words as `plain` leaves them: simplified Chinese, lower case, no spaces or punctuation. What is in no
table is not guessed; the person says which of ours it means (`--map-value`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from salesboard.customers.rules import Attitude, Channel, ContactRole, CustomerStatus, Level, Priority
from salesboard.deals.rules import LostReason, Stage
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import NO_HABITS, Habits, cell_text, plain, without_brackets
from salesboard.followups.rules import Method

Word = TypeVar("Word", bound=StrEnum)


class Lost(StrEnum):
    """What a stage column says of a deal that ended; lost is an outcome, no stage."""

    LOST = "lost"


class Going(StrEnum):
    """What a column of outcomes says of a deal that goes on: nothing more than its stage."""

    OPEN = "open"


_STAGES: dict[Stage | Lost, str] = {
    Stage.LEAD: (
        "线索 潜在客户 潜在 潜客 初步接触 初次接触 初步接洽 初次接洽 接洽 初步沟通 初步联系 初访 首次拜访 "
        "陌拜 陌生拜访 新线索 新客户 待跟进 未联系 已联系 "
        "建立联系 发现机会 prospecting prospect new newlead appointmentscheduled contacted "
        "contactmade initialcontact unqualified"
    ),
    Stage.INTENT: (
        "意向 意向客户 意向明确 有意向 意向确认 明确意向 初步意向 高意向 强意向 意向沟通 需求分析 需求确认 "
        "需求确定 需求沟通 需求调研 需求对接 需求挖掘 "
        "了解需求 验证客户 qualification qualified qualify qualifiedlead qualifiedtobuy needsanalysis "
        "needs engaging engaged interested discovery iddecisionmakers identifydecisionmakers followup"
    ),
    Stage.PROPOSAL: (
        "方案 方案制定 方案制作 方案报价 方案沟通 方案设计 方案演示 方案提交 提交方案 方案确认 产品演示 演示 "
        "报价 已报价 立项 立项评估 方案阶段 proposal proposalmade proposalsent proposition "
        "proposalpricequote quote quoted quotation valueproposition perceptionanalysis presentation "
        "presentationscheduled demo demoscheduled"
    ),
    Stage.NEGOTIATION: (
        "谈判 价格谈判 商务谈判 合同谈判 谈判审核 合同审核 合同审批 合同评审 商务洽谈 洽谈 招投标 投标 议价 "
        "待签 待签约 待签合同 签约中 签合同中 合同签订中 合同签署中 成交中 "
        "negotiation negotiating negotiationreview negotiationstarted negotiationsstarted "
        "negotiations contractsent decisionmakerboughtin bidding"
    ),
    Stage.WON: (
        "成交 成交客户 已成交 签约 已签约 签约客户 合同签订 签订合同 合同签署 签署合同 签合同 已签合同 已签 "
        "签约成交 赢单 已赢单 成单 已成单 签单 已签单 "
        "中标 已中标 待回款 回款 回款中 已回款 won closedwon closewon signed contractsigned win"
    ),
    Stage.SERVICE: (
        "服务 售后 售后服务 售后维护 客户维护 交付 已交付 交付实施 项目交付 实施 客户服务 服务中 维护 老客户 续约 "
        "service services delivery delivered delivering implementation aftersales aftersalesservice "
        "support onboarding"
    ),
    Lost.LOST: (
        "流失 已流失 流失客户 客户流失 丢单 已丢单 输单 已输单 战败 失败 无效 无效线索 无效客户 未成交 未中标 "
        "落标 无意向 暂无意向 终止 已终止 放弃 已放弃 "
        "lost closedlost closelost closedlosttocompetition dead abandoned disqualified churned"
    ),
}
_OUTCOMES: dict[Stage | Lost | Going, str] = {
    Stage.WON: "赢单 已赢单 成交 已成交 成功 won closedwon win",
    Lost.LOST: "输单 已输单 丢单 已丢单 流失 战败 失败 无效 作废 lost closedlost deleted cancelled canceled",
    Going.OPEN: "进行中 跟进中 正常 未结束 open active inprogress new",
}
_LEVELS = {
    Level.KEY: (
        "重点 重点客户 重点等级 大客户 重要 重要客户 核心 核心客户 战略 战略客户 vip vip客户 高 key "
        "keyaccount keycustomer strategic important major high hot"
    ),
    Level.NORMAL: (
        "普通 普通客户 一般 一般客户 常规 常规客户 标准 标准客户 中 normal regular ordinary standard "
        "general medium warm"
    ),
    Level.POTENTIAL: (
        "潜力 潜力客户 潜在 潜在客户 成长 成长型 成长客户 potential highpotential growth growing growthpotential"
    ),
}
_METHODS = {
    Method.PHONE: (
        "电话 电话沟通 电话跟进 电话拜访 电话回访 通话 去电 来电 手机 phone call phonecall telephone "
        "tel calls"
    ),
    Method.VISIT: (
        "面谈 拜访 上门 上门拜访 现场拜访 客户拜访 当面 当面拜访 会面 会谈 见面 现场 实地拜访 来访 "
        "客户来访 面访 线下会议 会议 visit meeting onsite facetoface inperson f2f"
    ),
    Method.ONLINE: (
        "线上会议 线上 视频会议 视频 网络会议 远程会议 电话会议 腾讯会议 钉钉会议 飞书会议 线上沟通 "
        "线上演示 online onlinemeeting video videocall videoconference webmeeting webinar zoom teams"
    ),
    Method.EMAIL: "邮件 电子邮件 邮件沟通 发邮件 邮箱 email mail emails",
    Method.WECHAT: "微信 微信沟通 微信跟进 企业微信 企微 微信聊天 wechat weixin wecom",
    Method.OTHER: "其他 其它 other others",
}
_ROLES = {
    ContactRole.DECISION_MAKER: "决策人 决策者 决策 最终决策人 拍板人 decisionmaker decision economicbuyer",
    ContactRole.INFLUENCER: "影响人 影响者 影响 关键影响人 influencer champion coach",
    ContactRole.BUYER: (
        "采购 采购人 采购财务 财务 购买者 采购负责人 采购与财务 buyer purchasing procurement finance buyerorfinance"
    ),
    ContactRole.TECHNICAL: "技术 技术人员 技术评估 技术负责人 technical technicalbuyer evaluator",
    ContactRole.USER: "使用者 使用人 用户 最终用户 user enduser",
}
_ATTITUDES = {
    Attitude.SUPPORTER: "支持 支持者 赞成 积极 友好 正面 supporter supportive forus positive champion",
    Attitude.NEUTRAL: "中立 中性 一般 neutral",
    Attitude.OPPONENT: "反对 反对者 抵触 消极 负面 opponent opposed against negative",
    Attitude.UNKNOWN: "未知 态度未知 不明 unknown attitudeunknown",
}
_CHANNELS = {
    Channel.PHONE: "电话 手机 phone telephone call mobile",
    Channel.EMAIL: "邮箱 邮件 电子邮件 信箱 email mail",
    Channel.WECHAT: "微信 企业微信 企微 wechat wecom",
    Channel.VISIT: "拜访 面谈 上门 当面 visit meeting inperson",
}
_PRIORITIES = {
    Priority.HIGH: "高 高优先级 重要 紧急 high important urgent 1",
    Priority.NORMAL: "普通 中 一般 中等 normal medium 2",
    Priority.LOW: "低 低优先级 次要 low minor 3",
}
_STATUSES = {
    CustomerStatus.POTENTIAL: "潜在 潜在客户 线索 新客户 potential prospect lead new",
    CustomerStatus.INTENT: "意向 意向客户 跟进中 intent interested active open engaged",
    CustomerStatus.WON: "成交 成交客户 已成交 合作 合作中 已合作 老客户 签约 签约客户 won customer client",
    CustomerStatus.LOST: "流失 已流失 流失客户 lost churned inactive",
}
_LOST_REASONS = {
    LostReason.PRICE: (
        "价格 价格高 价格偏高 价格太高 价格过高 价格问题 价格因素 太贵 price tooexpensive pricetoohigh"
    ),
    LostReason.COMPETITOR: (
        "竞争对手 竞品 竞争 被竞品抢单 选择竞品 选择竞争对手 competitor competition losttocompetitor"
    ),
    LostReason.NEED_CHANGED: (
        "需求变化 需求变更 需求改变 需求取消 需求变了 无需求 没有需求 项目取消 needchanged noneed noneeds"
    ),
    LostReason.NO_BUDGET: "无预算 没有预算 预算不足 预算取消 资金不足 nobudget budget",
    LostReason.NO_ANSWER: (
        "无回应 无回复 没有回音 失联 联系不上 无人接听 长期未联系 不回复 noanswer noresponse unresponsive"
    ),
    LostReason.INVALID_LEAD: "无效线索 线索无效 无效 无效客户 空号 重复 invalidlead invalid badlead junk duplicate",
    LostReason.OTHER: "其他 其它 other others",
}


@dataclass(frozen=True)
class LostBecause:
    """Why a deal was lost: one of ours, and the file's own words where they say more."""

    reason: LostReason
    words: str | None = None


def _dictionary(table: Mapping[Word, str]) -> dict[str, Word]:
    """Each word, and our own code, with what it means."""
    return {
        plain(word): meaning for meaning, words in table.items() for word in (meaning.value, *words.split())
    }


_PLACE = re.compile(r"^(?:第?[0-9]{1,2}|第?[一二三四五六七八]|s[0-9])(?:阶段)?")
"""Which stage it is by count, before its word: 1-线索, ②意向, S3 方案."""

_STAGE_OF = _dictionary(_STAGES)
_OUTCOME_OF = _dictionary(_OUTCOMES)
_LEVEL_OF = _dictionary(_LEVELS)
_METHOD_OF = _dictionary(_METHODS)
_ROLE_OF = _dictionary(_ROLES)
_STATUS_OF = _dictionary(_STATUSES)
_ATTITUDE_OF = _dictionary(_ATTITUDES)
_CHANNEL_OF = _dictionary(_CHANNELS)
_PRIORITY_OF = _dictionary(_PRIORITIES)
_LOST_REASON_OF = _dictionary(_LOST_REASONS)


def read_stage(cell: Cell, _habits: Habits = NO_HABITS) -> Stage | Lost:
    """The stage that a word stands for, or lost; its place and share beside it do not count (2.意向, 方案（50%）).

    Raises Unreadable for a word not known.
    """
    bare = _PLACE.sub("", plain(without_brackets(cell_text(cell))))
    return _meaning(cell, _STAGE_OF, endings=("阶段", "中", "stage"), otherwise=bare)


def read_outcome(cell: Cell, _habits: Habits = NO_HABITS) -> Stage | Lost | Going:
    """How a deal ended, for files that say so beside the stage it was in."""
    return _meaning(cell, _OUTCOME_OF)


def read_level(cell: Cell, _habits: Habits = NO_HABITS) -> Level:
    return _meaning(cell, _LEVEL_OF, endings=("级", "型"))


def read_method(cell: Cell, _habits: Habits = NO_HABITS) -> Method:
    """How a talk took place; of several ("电话、微信") the first."""
    text = cell_text(cell)
    for part in (
        text,
        *text.replace("、", "/").replace("+", "/").replace(",", "/").replace("，", "/").split("/"),
    ):
        if method := _METHOD_OF.get(plain(part)):
            return method
    raise Unreadable("unknown_word", text)


def read_role(cell: Cell, _habits: Habits = NO_HABITS) -> ContactRole:
    return _meaning(cell, _ROLE_OF)


def read_attitude(cell: Cell, _habits: Habits = NO_HABITS) -> Attitude:
    return _meaning(cell, _ATTITUDE_OF)


def read_preferred(cell: Cell, _habits: Habits = NO_HABITS) -> Channel:
    return _meaning(cell, _CHANNEL_OF)


def read_priorities(cell: Cell, _habits: Habits = NO_HABITS) -> tuple[Priority, ...]:
    """How much each need weighs, a word a line, in the order of the needs."""
    return tuple(_meaning(line, _PRIORITY_OF) for line in cell_text(cell).split("\n") if line.strip())


def read_status(cell: Cell, _habits: Habits = NO_HABITS) -> CustomerStatus:
    return _meaning(cell, _STATUS_OF)


def read_lost_reason(cell: Cell, _habits: Habits = NO_HABITS) -> LostBecause:
    """Never refuses: a reason in other words is "other", with those words."""
    text = cell_text(cell)
    reason = _LOST_REASON_OF.get(plain(text))
    return LostBecause(reason) if reason else LostBecause(LostReason.OTHER, text)


WORDS_OF: Mapping[Callable[..., object], tuple[StrEnum, ...]] = {
    read_stage: (*Stage, Lost.LOST),
    read_outcome: (Going.OPEN, Stage.WON, Lost.LOST),
    read_level: tuple(Level),
    read_method: tuple(Method),
    read_role: tuple(ContactRole),
    read_status: tuple(CustomerStatus),
    read_attitude: tuple(Attitude),
    read_preferred: tuple(Channel),
}
"""Of each reader that knows a fixed set of words, what they can mean."""


def _meaning(
    cell: Cell, dictionary: Mapping[str, Word], endings: tuple[str, ...] = (), otherwise: str = ""
) -> Word:
    for word in (plain(cell_text(cell)), otherwise):
        for ending in ("", *endings):
            if meaning := dictionary.get(word.removesuffix(ending)):
                return meaning
    raise Unreadable("unknown_word", cell)
