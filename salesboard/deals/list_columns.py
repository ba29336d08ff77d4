"""The columns that the list of deals may have."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.customers.column_choice import ColumnChoice, ListColumn
from salesboard.customers.custom_rules import Subject
from salesboard.deals.listing import SortKey

NAME = ListColumn("customer", _l("Customer · deal"), SortKey.CUSTOMER, "")
"""Always there, always first."""

OF_FACE = (
    ListColumn("level", _l("Level"), SortKey.LEVEL, "nowrap o2", "x0"),
    ListColumn("owner", _l("Owner"), SortKey.OWNER, "nowrap o4"),
    ListColumn("stage", _l("Stage"), SortKey.STAGE, "nowrap o1"),
    ListColumn("age", _l("In stage"), SortKey.AGE, "nowrap stay o5"),
    ListColumn("next", _l("Next step"), SortKey.NEXT, "full"),
    ListColumn("talk", _l("Last talk"), None, "nowrap", "x2l"),
    ListColumn("close", _l("Expected close"), SortKey.CLOSE, "nowrap", "x1"),
    ListColumn("probability", _l("Probability"), SortKey.PROBABILITY, "n", "x1"),
    ListColumn("amount", _l("Amount"), SortKey.AMOUNT, "n amt o3"),
    ListColumn("number", _l("Number"), SortKey.NUMBER),
)
"""What every line knows."""

OF_DETAILS = (
    ListColumn("industry", _l("Industry"), SortKey.INDUSTRY, "own"),
    ListColumn("region", _l("Region"), SortKey.REGION, "own"),
    ListColumn("source", _l("Source"), SortKey.SOURCE, "own"),
    ListColumn("customer_number", _l("Customer number")),
    ListColumn("first_goal", _l("First goal"), None, "full"),
    ListColumn("contract_number", _l("Contract number"), None, "own"),
    ListColumn("contract_amount", _l("Contract amount"), SortKey.CONTRACT, "n"),
    ListColumn("signed_on", _l("Signed on"), SortKey.SIGNED),
    ListColumn("competitor", _l("Competitor"), None, "own"),
    ListColumn("external_id", _l("External number"), None, "own"),
    ListColumn("created_on", _l("Created"), SortKey.CREATED),
    ListColumn("updated_at", _l("Last changed"), SortKey.UPDATED),
)
"""What is read besides, for the lines shown, where it is wanted."""

_USUAL = ("level", "owner", "stage", "age", "next", "talk", "close", "probability", "amount")
DEAL_COLUMNS = ColumnChoice(Subject.DEAL, "deal_columns", (*OF_FACE, *OF_DETAILS), _USUAL)
