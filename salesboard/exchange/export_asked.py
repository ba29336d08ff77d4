"""What somebody asks to take out: which list, sheet or archive, narrowed as a page's address says, in which form."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Select, select

from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Contact, Customer
from salesboard.customers.queries import wanted as wanted_customers
from salesboard.deals.filters import Filters
from salesboard.deals.queries import Looking
from salesboard.deals.selection import in_list
from salesboard.deals.stages import Ages
from salesboard.exchange.export_lists import all_of
from salesboard.exchange.fields import Kind
from salesboard.followups.models import FollowUp


class Form(StrEnum):
    """How a table is written."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_GB18030 = "csv-gb18030"
    ZIP = "zip"

    @property
    def ending(self) -> str:
        return self.value.partition("-")[0]


TABLE_FORMS = (Form.XLSX, Form.CSV, Form.CSV_GB18030)
EVERYTHING = "all"
OF_SHEET = "sheet:"
MIME_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


def narrowed(kind: Kind, query: str | None, me: int) -> Select[Any]:
    """The records of a list as the `query` of its page's address narrows it; all that one sees without a query.

    Contacts and follow-ups are those of the customers that the query asks for. `me` is the reader's id.
    """
    wanted = all_of(kind)
    if query is None:
        return wanted
    asked = parse_qs(query, max_num_fields=100)
    if kind is Kind.DEALS:
        looking = Looking.at(Filters.parse(asked), me, Ages.now())
        return wanted.where(*in_list(looking.filters, me, looking.today, looking.cutoffs_by_stage))
    conditions = wanted_customers(CustomerFilters.parse({name: values[0] for name, values in asked.items()}))
    if kind is Kind.CUSTOMERS:
        return wanted.where(*conditions)
    of_customers = select(Customer.id).where(*conditions)
    column = Contact.customer_id if kind is Kind.CONTACTS else FollowUp.customer_id
    return wanted.where(column.in_(of_customers))
