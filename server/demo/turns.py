"""The turns that a case takes before it is read: declined, sent on, sent back, sent elsewhere."""

from consult.cases.protocol import FieldCode
from consult.cases.returns.model import ItemKind, ReturnItem
from consult.kernel.eyes import Eye
from consult.kernel.rules import RuleTable
from server.demo.case_model import StepKind, TurnPlan


def plan_turns(row: RuleTable) -> tuple[TurnPlan, ...]:
    """The turns of one case, in their order."""
    return tuple(_turn(turn) for turn in row.tables("turns"))


def _turn(table: RuleTable) -> TurnPlan:
    table.only("do", "by", "reason", "asked", "panel")
    return TurnPlan(
        kind=table.code("do", StepKind),
        login=table.text("by"),
        reason=table.text_or_none("reason") or "",
        asked=tuple(_asked(each) for each in table.tables("asked")),
        panel=table.text_or_none("panel"),
    )


def _asked(table: RuleTable) -> ReturnItem:
    table.only("eye", "field", "reason")
    return ReturnItem(
        ItemKind.IMAGE,
        table.text("reason"),
        table.code("eye", Eye),
        table.code("field", FieldCode),
    )
