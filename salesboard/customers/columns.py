"""The columns that the list of customers may have."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.customers.column_choice import ColumnChoice, ListColumn
from salesboard.customers.custom_rules import Subject
from salesboard.customers.orders import CustomerKey

NAME = ListColumn("name", _l("Customer"), CustomerKey.NAME, "")
"""Always there, always first."""

_OF_RECORD = (
    ListColumn("level", _l("Level"), CustomerKey.LEVEL, "nowrap o2", "x0"),
    ListColumn("status", _l("Status"), CustomerKey.STATUS, "nowrap o1"),
    ListColumn("owner", _l("Owner"), CustomerKey.OWNER, "nowrap o4"),
    ListColumn("region", _l("Region"), CustomerKey.REGION, "own", "x1"),
    ListColumn("contact", _l("Contact"), None, "own", "x1"),
    ListColumn("talk", _l("Last talk"), None, "nowrap stay o5"),
    ListColumn("next", _l("Next step"), None, "full"),
    ListColumn("open", _l("Under way"), None, "n amt o3"),
    ListColumn("signed", _l("Signed"), None, "n"),
    ListColumn("industry", _l("Industry"), CustomerKey.INDUSTRY, "own"),
    ListColumn("source", _l("Source"), CustomerKey.SOURCE, "own"),
    ListColumn("employees", _l("Employees"), CustomerKey.EMPLOYEES, "n"),
    ListColumn("main_business", _l("Main business"), None, "full"),
    ListColumn("needs", _l("Needs and pain points"), None, "full"),
    ListColumn("remarks", _l("Remarks"), None, "full"),
    ListColumn("first_contact", _l("First contact"), CustomerKey.FIRST_CONTACT),
    ListColumn("number", _l("Number"), CustomerKey.NUMBER),
    ListColumn("external_id", _l("External number"), None, "own"),
    ListColumn("created", _l("Created"), CustomerKey.CREATED),
    ListColumn("created_by", _l("Created by")),
    ListColumn("updated", _l("Last changed"), CustomerKey.UPDATED),
    ListColumn("verified", _l("Checked"), CustomerKey.VERIFIED),
    ListColumn("verified_by", _l("Checked by")),
)
_USUAL = ("level", "status", "owner", "region", "contact", "talk", "open")

CUSTOMER_COLUMNS = ColumnChoice(Subject.CUSTOMER, "customer_columns", _OF_RECORD, _USUAL)
