"""Files known as a whole: a team's own sheets, other programs' exports. Each adds to `KNOWN` and changes nothing else.

A format tells what its heads mean where the general list would not know or would err.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from salesboard.exchange.values import plain


@dataclass(frozen=True, eq=False)
class Format:
    """A shape of file, recognised when all heads of `known_by` are there."""

    code: str
    label: LazyString
    known_by: frozenset[str]
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Head → field keys. None at all: the column only repeats what others say, or is of no use elsewhere."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Field key → its word, as `plain` leaves it → ours."""
    numbers_customers: bool = False
    """Rows name their customer by its number there alone; a new one is called by it for now."""


def _format(
    code: str,
    label: LazyString,
    known_by: str,
    heads: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]] | None = None,
    *,
    numbers_customers: bool = False,
) -> Format:
    """`heads`: their heads, parted by spaces, → our field keys, also parted so."""
    meanings = {plain(head): tuple(keys.split()) for told, keys in heads.items() for head in told.split()}
    known = frozenset(plain(head) for head in known_by.split())
    return Format(code, label, known, meanings, words or {}, numbers_customers)


KNOWN: tuple[Format, ...] = (
    _format(
        "performance_sheet",
        _l("Customer performance sheet"),
        "客户名称 本次联系时间 销售目标 完成情况",
        {"销售目标": "deal.amount", "完成情况": ""},
    ),
    _format(
        "process_record",
        _l("Sales process record"),
        "客户名称 沟通时间 沟通内容摘要 跟进阶段",
        {"需求痛点": "customer.needs followup.needs"},
    ),
    _format(
        "followup_log",
        _l("Follow-up log"),
        "客户名称 跟进日期 跟进内容 状态是否变更",
        {"状态是否变更": ""},
    ),
    _format(
        "salesforce_opportunities",
        _l("Salesforce opportunities"),
        "accountid stagename closedate",
        {
            "id": "deal.external_id",
            "name": "deal.name",
            "accountid": "customer.external_id",
            "isdeleted expectedrevenue isclosed iswon forecastcategory hasopportunitylineitem fiscal fiscalquarter "
            "fiscalyear lastmodifieddate lastmodifiedbyid systemmodstamp": "",
        },
        numbers_customers=True,
    ),
    _format(
        "salesforce_accounts",
        _l("Salesforce accounts"),
        "id name billingstreet numberofemployees",
        {"id": "customer.external_id", "isdeleted lastmodifieddate lastmodifiedbyid systemmodstamp": ""},
    ),
    _format(
        "salesforce_contacts",
        _l("Salesforce contacts"),
        "id accountid lastname",
        {
            "id": "",
            "name": "contact.contact_name",
            "title": "contact.contact_title",
            "leadsource isdeleted": "",
        },
        numbers_customers=True,
    ),
    _format(
        "address_book",
        _l("Address book"),
        "lastname title",
        {"title": "contact.contact_title"},
    ),
    _format(
        "pipedrive",
        _l("Pipedrive deals"),
        "deal-title",
        {
            "deal-id": "deal.external_id",
            "organization-id": "customer.external_id",
            "deal-wontime deal-losttime": "deal.closed_date",
            "note-content": "customer.remarks",
        },
    ),
    _format(
        "pipedrive_organizations",
        _l("Pipedrive organizations"),
        "organization-id organization-name",
        {"organization-id": "customer.external_id"},
    ),
    _format(
        "odoo_leads",
        _l("Odoo leads"),
        "emailfrom probability name",
        {
            "id": "deal.external_id",
            "name": "deal.name",
            "partner_name partner_id": "customer.name",
            "user_id": "deal.owner",
            "planned_revenue expected_revenue": "deal.amount",
            "how_met source_id": "customer.source",
        },
    ),
    _format(
        "odoo_pipeline",
        _l("Odoo pipeline"),
        "expectedrevenue expectedclosing",
        {"expectedrevenue": "deal.amount", "companyname": "customer.name"},
    ),
    _format(
        "krayin_leads",
        _l("Krayin leads"),
        "title lead_value lead_pipeline_stage_id person_id",
        {
            "id": "deal.external_id",
            "title": "deal.name",
            "person_id": "customer.external_id",
            "lead_pipeline_stage_id": "deal.stage",
            "status": "",
        },
        {
            "deal.stage": {
                "1": "lead",
                "2": "intent",
                "3": "proposal",
                "4": "negotiation",
                "5": "won",
                "6": "lost",
            }
        },
        numbers_customers=True,
    ),
    _format(
        "krayin_persons",
        _l("Krayin persons"),
        "name emails contact_numbers",
        {
            "name": "customer.name contact.contact_name",
            "emails": "contact.email",
            "contact_numbers": "contact.phone",
        },
    ),
)


def recognise(heads: Iterable[str]) -> Format | None:
    """The known format whose heads are all there; of several, the one that asks for most."""
    present = set(heads)
    fitting = [known for known in KNOWN if known.known_by <= present]
    return max(fitting, key=lambda known: len(known.known_by), default=None)
