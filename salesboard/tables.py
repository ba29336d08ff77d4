"""Every table of the application: importing this module makes the metadata whole, for migrations and checks."""

from salesboard import audit, installation, numbering, outbox, search_parts
from salesboard.accounts import calendar_addresses
from salesboard.accounts import links as access_links
from salesboard.accounts import models as accounts
from salesboard.customers import (
    apart,
    changes,
    checks,
    custom_fields,
    custom_values,
    housekeeping,
    merging,
    needs,
    saved,
)
from salesboard.customers import models as customers
from salesboard.deals import models as deals
from salesboard.deals import stages
from salesboard.documents import models as documents
from salesboard.exchange import export_models as exports
from salesboard.exchange import models as exchange
from salesboard.exchange import shapes, traces
from salesboard.followups import beside, corrections, digest_chain, objections, promises
from salesboard.followups import models as followups
from salesboard.insight import conclusions, measures, schedules, targets
from salesboard.insight import models as insight
from salesboard.notify import channels, deliveries
from salesboard.notify import models as notify
from salesboard.ops import leaving
from salesboard.service import complaints, satisfaction
from salesboard.service import models as service
from salesboard.tasks import models as tasks
from salesboard.tasks import rhythm

__all__ = [
    "access_links",
    "accounts",
    "apart",
    "audit",
    "beside",
    "calendar_addresses",
    "changes",
    "channels",
    "checks",
    "complaints",
    "conclusions",
    "corrections",
    "custom_fields",
    "custom_values",
    "customers",
    "deals",
    "deliveries",
    "digest_chain",
    "documents",
    "exchange",
    "exports",
    "followups",
    "housekeeping",
    "insight",
    "installation",
    "leaving",
    "measures",
    "merging",
    "needs",
    "notify",
    "numbering",
    "objections",
    "outbox",
    "promises",
    "rhythm",
    "satisfaction",
    "saved",
    "schedules",
    "search_parts",
    "service",
    "shapes",
    "stages",
    "targets",
    "tasks",
    "traces",
]
