"""What the codes of an import are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from salesboard.exchange.export_models import ExportState, Failing, Form
from salesboard.exchange.fields import BY_KEY, OWN, Kind
from salesboard.exchange.models import Fate, ImportState, OnDuplicate, Owners
from salesboard.exchange.reasons import listed

KIND_NAMES = {
    Kind.CUSTOMERS: _l("Customers"),
    Kind.CONTACTS: _l("Contacts"),
    Kind.DEALS: _l("Deals"),
    Kind.FOLLOWUPS: _l("Follow-ups"),
}
FATE_NAMES = {
    Fate.CREATE: _l("New"),
    Fate.UPDATE: _l("Changed"),
    Fate.SKIP: _l("Skipped"),
    Fate.REJECT: _l("Not taken"),
}
FATE_DRAWINGS = {Fate.CREATE: "plus", Fate.UPDATE: "pen", Fate.SKIP: "check", Fate.REJECT: "x"}
STATE_NAMES = {
    ImportState.PLANNING: _l("Being read"),
    ImportState.PLANNED: _l("Tried out"),
    ImportState.RUNNING: _l("Coming in"),
    ImportState.DONE: _l("Brought in"),
    ImportState.UNDOING: _l("Being taken back"),
    ImportState.UNDONE: _l("Undone"),
    ImportState.FAILED: _l("Not brought in"),
}
ON_DUPLICATE_NAMES = {
    OnDuplicate.SKIP: _l("Skip"),
    OnDuplicate.FILL: _l("Fill what is empty"),
    OnDuplicate.UPDATE: _l("Update"),
    OnDuplicate.CREATE: _l("Create all the same"),
}
ON_DUPLICATE_HINTS = {
    OnDuplicate.SKIP: _l("What is here stays as it is"),
    OnDuplicate.FILL: _l("No word of what is here changes"),
    OnDuplicate.UPDATE: _l("What the file says otherwise is taken over; what it leaves empty stays"),
    OnDuplicate.CREATE: _l("A second record beside the first"),
}
OWNERS_NAMES = {
    Owners.MATCH: _l("Do not take the row"),
    Owners.CREATE: _l("Create an account"),
}
OWNERS_HINTS = {
    Owners.MATCH: _l("It comes back with the reason"),
    Owners.CREATE: _l("Nobody can sign in with it until you invite them"),
}
ENCODING_NAMES = {
    "": _l("Found by itself"),
    "utf-8": "UTF-8",
    "gb18030": "GB18030 / GBK",
    "big5": "Big5",
    "utf-16": "UTF-16",
}
FORM_NAMES = {
    Form.XLSX: _l("Excel (.xlsx)"),
    Form.CSV: _l("CSV, UTF-8"),
    Form.CSV_GB18030: _l("CSV, GB18030"),
    Form.ZIP: _l("Archive (.zip)"),
}
EXPORT_STATE_NAMES = {
    ExportState.WAITING: _l("Waiting"),
    ExportState.RUNNING: _l("Being made"),
    ExportState.DONE: _l("Taken"),
    ExportState.EXPIRED: _l("Expired"),
    ExportState.FAILED: _l("Failed"),
}
FAILINGS = {
    Failing.GAVE_UP: _l(
        "Something went wrong here. The administrator can see what it was. Try it again later."
    ),
    Failing.NO_RIGHT: _l("Whoever asked for it may not take records out any more."),
}
SEPARATOR_NAMES = {
    "": _l("Found by itself"),
    "comma": _l("Comma"),
    "tab": _l("Tab"),
    "semicolon": _l("Semicolon"),
    "bar": _l("Vertical bar"),
}
SEPARATOR_CODES = {"": "", ",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}


def field_label(key: str) -> LazyString | str:
    """What a column is understood as; a field that is no more keeps its key."""
    return BY_KEY[key].label if key in BY_KEY else key.partition(f".{OWN}")[2] or key


def labels_of(keys: Iterable[str]) -> str:
    """The names of some fields in one line."""
    return listed(field_label(key) for key in keys)


def counted_by_kind(counts: Mapping[str, Mapping[str, int]], name: str) -> str:
    """How many of each kind, of those counted under `name`: Customers 3, Deals 5."""
    told = ((KIND_NAMES[kind], counts[kind][name]) for kind in Kind if kind in counts)
    return listed(f"{kind} {count}" for kind, count in told if count)


def wish_name(what: str) -> str:
    """What an export is of: a list, one of the teams' own sheets, or everything."""
    if what.startswith("sheet:"):
        return what.removeprefix("sheet:")
    if what.startswith("import:"):
        return gettext("Import %(number)s, in the shape of its file", number=what.removeprefix("import:"))
    return str(KIND_NAMES[Kind(what)]) if what in list(Kind) else gettext("Everything")
