"""What somebody asks to take out: which list, sheet or archive, narrowed as a page's address says, in which form."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, select

from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Contact, Customer
from salesboard.customers.orders import CustomerOrder
from salesboard.customers.selection import way_asked
from salesboard.deals.filters import Filters, Parameters
from salesboard.deals.listing import ListOrder, deal_ids
from salesboard.deals.queries import Looking
from salesboard.deals.selection import in_list
from salesboard.deals.stages import Ages
from salesboard.errors import Refused
from salesboard.exchange.export_lists import all_of, count_list, list_table
from salesboard.exchange.export_models import Asked, Form
from salesboard.exchange.export_of_import import count_of_import, sheets_of, tables_of_import
from salesboard.exchange.export_sheets import OWN_SHEETS, OwnSheet
from salesboard.exchange.export_shown import columns_asked, shown_table
from salesboard.exchange.export_tables import OutTable
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.queries import import_shown
from salesboard.followups.customer_list import customer_ids
from salesboard.followups.customer_list import wanted as wanted_customers
from salesboard.followups.models import FollowUp
from salesboard.installation import installation

LONGEST_NUMBER, LONGEST_STEM = 9, 80
TABLE_FORMS = (Form.XLSX, Form.CSV, Form.CSV_GB18030)
EVERYTHING = "all"
OF_SHEET, OF_IMPORT = "sheet:", "import:"
MIME_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


def wish_for(what: str, form: Form, query: str | None, locale: str, timezone: str | None) -> Asked:
    """The wish, with the name that the file will have. Raises Refused as `check`."""
    check(what, form)
    here, sheet = installation(), own_sheet(what)
    if brought := import_asked(what):
        name = PurePath(brought.file_name).stem[:LONGEST_STEM]
    else:
        name = sheet.name if sheet else "salesboard" if what == EVERYTHING else what
    file_name = f"{name}-{here.today.isoformat()}.{form.ending}"
    return Asked(what, form, query, locale, timezone or here.timezone, file_name)


def without_way(query: str | None) -> str | None:
    """The query as it may be kept: a telephone number or e-mail address that was searched for is left out."""
    asked = parse_qs(query or "", max_num_fields=100)
    if not any(way_asked(text.strip()) for text in asked.get("q", ())):
        return query
    return urlencode({**asked, "q": "…"}, doseq=True)


def without_columns(query: str | None) -> str | None:
    """The query without the columns that a page shows."""
    asked = parse_qs(query or "", max_num_fields=100)
    return query if "cols" not in asked else urlencode({**asked, "cols": []}, doseq=True)


def check(what: str, form: Form) -> None:
    """Raises Refused for what there is not, or not in this form."""
    if what == EVERYTHING:
        if form is not Form.ZIP:
            raise Refused(_("Everything comes as one archive."))
        return
    brought = import_asked(what)
    if not (what in list(Kind) or own_sheet(what) or brought):
        raise Refused(_("There is nothing called %(name)s to take out.", name=what))
    if form is Form.ZIP:
        raise Refused(_("Only everything together comes as an archive."))
    sheet = own_sheet(what)
    count = len(sheet.tables) if sheet else len(sheets_of(brought)) if brought else 1
    if count > 1 and form is not Form.XLSX:
        name = sheet.name if sheet else brought.file_name if brought else what
        raise Refused(_("A CSV holds one sheet, and %(name)s has several. Choose Excel.", name=name))


def own_sheet(what: str) -> OwnSheet | None:
    """Which of the teams' own sheets is asked for; None where it is something else."""
    return OWN_SHEETS.get(what.removeprefix(OF_SHEET)) if what.startswith(OF_SHEET) else None


def import_asked(what: str) -> Import | None:
    """Which import is asked for, if the viewer may see it and it came in; None where it is something else."""
    number = what.removeprefix(OF_IMPORT)
    if number == what or not (number.isascii() and number.isdecimal()) or len(number) > LONGEST_NUMBER:
        return None
    found = import_shown(int(number))
    return found if found is not None and found.state is ImportState.DONE else None


def count_asked(wish: Asked, me: int) -> int:
    """How many rows it will have, about; 0 for everything, which nobody counts beforehand."""
    if wish.what == EVERYTHING:
        return 0
    sheet = own_sheet(wish.what)
    if sheet is not None:
        return sum(count_list(kind, all_of(kind)) for kind in sheet.counted)
    if brought := import_asked(wish.what):
        return count_of_import(brought)
    kind = Kind(wish.what)
    return count_list(kind, narrowed(kind, wish.query, me))


def tables_asked(wish: Asked, me: int) -> list[OutTable]:
    """The tables of a list or sheet, with heads in the wished language; rows are read when they are asked for."""
    zone, sheet = ZoneInfo(wish.timezone), own_sheet(wish.what)
    if sheet is not None:
        return [table(zone) for table in sheet.tables]
    if brought := import_asked(wish.what):
        return tables_of_import(brought, zone)
    kind = Kind(wish.what)
    wanted, ids = narrowed(kind, wish.query, me), ids_in_order(kind, wish.query, me)
    codes = parse_qs(wish.query or "", max_num_fields=100).get("cols", [""])[0]
    if columns := columns_asked(kind, codes):
        return [shown_table(kind, columns, wanted, zone, ids)]
    return [list_table(kind, wanted, zone, ids)]


def ids_in_order(kind: Kind, query: str | None, me: int) -> list[int] | None:
    """The customers or deals of a list in the order that the `query` of its page's address asks for; None for other
    records, and for the whole: those come as they were written down. `me` is the reader's id."""
    if kind not in (Kind.CUSTOMERS, Kind.DEALS) or query is None:
        return None
    asked = parse_qs(query, max_num_fields=100)
    if kind is Kind.DEALS:
        return deal_ids(_looking(asked, me), ListOrder.parse(asked))
    filters = CustomerFilters.parse(asked, fields_of(Subject.CUSTOMER))
    return customer_ids(wanted_customers(filters), CustomerOrder.parse(asked))


def _looking(asked: Parameters, me: int) -> Looking:
    return Looking.at(Filters.parse(asked, fields_of(Subject.DEAL)), me, Ages.now())


def narrowed(kind: Kind, query: str | None, me: int) -> Select[Any]:
    """The records of a list as the `query` of its page's address narrows it; all that one sees without a query.

    Contacts and follow-ups are those of the customers that the query asks for. `me` is the reader's id.
    """
    wanted = all_of(kind)
    if query is None:
        return wanted
    asked = parse_qs(query, max_num_fields=100)
    if kind is Kind.DEALS:
        looking = _looking(asked, me)
        return wanted.where(*in_list(looking.filters, me, looking.today, looking.cutoffs_by_stage))
    conditions = wanted_customers(CustomerFilters.parse(asked, fields_of(Subject.CUSTOMER)))
    if kind is Kind.CUSTOMERS:
        return wanted.where(*conditions)
    of_customers = select(Customer.id).where(*conditions)
    column = Contact.customer_id if kind is Kind.CONTACTS else FollowUp.customer_id
    return wanted.where(column.in_(of_customers))
