"""Workbooks to fill in, handed out where files are brought in."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, request, send_file
from flask_babel import force_locale, get_locale
from werkzeug.wrappers import Response

from salesboard.access import WRITERS, allow
from salesboard.config import LOCALES
from salesboard.exchange.blank_sheets import write_blank
from salesboard.exchange.export_asked import MIME_TYPES
from salesboard.exchange.fields import Kind
from salesboard.web import found

import_templates = Blueprint("import_templates", __name__)


@import_templates.get("/import/templates/<kind>.xlsx")
@allow(*WRITERS)
def blank(kind: str) -> Response:
    """The workbook for records of a kind, in the language that the address asks for, else the reader's."""
    wanted, asked = found(Kind(kind) if kind in list(Kind) else None), request.args.get("language")
    language = asked if asked in LOCALES else str(get_locale())
    sheet = BytesIO()
    with force_locale(language):
        write_blank(wanted, sheet)
    sheet.seek(0)
    return send_file(
        sheet, MIME_TYPES["xlsx"], as_attachment=True, download_name=f"salesboard-{kind}-{language}.xlsx"
    )
