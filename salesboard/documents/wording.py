"""What the codes of a document are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.documents.rules import DocumentKind

KIND_NAMES = {
    DocumentKind.PROPOSAL: _l("Proposal paper"),
    DocumentKind.QUOTATION: _l("Quotation"),
    DocumentKind.CONTRACT: _l("Contract"),
    DocumentKind.MINUTES: _l("Minutes"),
    DocumentKind.OTHER: _l("Other paper"),
}
