"""A finished report taken out as a file."""

from __future__ import annotations

from tempfile import TemporaryFile

from flask import send_file
from werkzeug.wrappers import Response

from salesboard.access import WRITERS, allow
from salesboard.exchange.report_files import MIME_TYPES, ReportForm, write_report
from salesboard.exchange.report_paper import Paper
from salesboard.exchange.workroom import workroom
from salesboard.insight.blueprint import insight
from salesboard.insight.models import Report
from salesboard.web import found


@insight.get("/reports/<int(max=2147483647):report_id>/files/<any(xlsx,csv,json,pdf):form>")
@allow(*WRITERS)
def report_file(report_id: int, form: str) -> Response:
    """The report as a workbook, its figures as CSV, all of its numbers as JSON, or the whole as PDF."""
    paper, chosen = Paper.of_report(found(Report.finished(report_id))), ReportForm(form)
    name = f"{paper.names.period} {paper.names.scope}.{form}"
    with workroom() as folder:
        made = TemporaryFile(dir=folder)  # noqa: SIM115 - the answer closes it once it is sent
        write_report(paper, chosen, made, folder)
    made.seek(0)
    return send_file(made, MIME_TYPES[chosen], as_attachment=True, download_name=name)
