"""The words of the teams' own sheets, which an import reads back as what they stand for. Pure."""

from __future__ import annotations

from salesboard.customers.rules import Level
from salesboard.deals.rules import Method, Outcome, Stage

LEVELS = {Level.KEY: "重点客户", Level.NORMAL: "普通客户", Level.POTENTIAL: "潜力客户"}
STAGES = {
    Stage.LEAD: "线索",
    Stage.INTENT: "意向",
    Stage.PROPOSAL: "方案",
    Stage.NEGOTIATION: "谈判",
    Stage.WON: "成交",
    Stage.SERVICE: "服务",
}
LOST = "流失"
METHODS = {
    Method.PHONE: "电话",
    Method.VISIT: "面谈",
    Method.ONLINE: "线上会议",
    Method.EMAIL: "邮件",
    Method.WECHAT: "微信",
    Method.OTHER: "其他",
}


def stage_word(stage: Stage, outcome: Outcome) -> str:
    return LOST if outcome is Outcome.LOST else STAGES[stage]


def completion(stage: Stage, outcome: Outcome) -> str:
    """完成情况: whether what the deal aimed at has been reached."""
    if outcome is Outcome.LOST:
        return "未达成"
    return "已达成" if stage.is_signed else "进行中"
