"""A report as a file: a workbook in the sheets that teams know, its figures as CSV, all of it as JSON, or a PDF."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import IO

from flask_babel import gettext as _

from salesboard.exchange.export_csv import write_csv
from salesboard.exchange.export_xlsx import SheetNames, add_sheets, open_workbook
from salesboard.exchange.report_effect import add_effect_sheet
from salesboard.exchange.report_figures import figures_table
from salesboard.exchange.report_paper import Paper
from salesboard.exchange.report_pdf import pdf_of
from salesboard.exchange.report_sheets import team_sheets


class ReportForm(StrEnum):
    """The kinds of file; each is also the ending of its name."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


MIME_TYPES = {
    ReportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportForm.CSV: "text/csv; charset=utf-8",
    ReportForm.JSON: "application/json",
    ReportForm.PDF: "application/pdf",
}


def write_report(paper: Paper, form: ReportForm, target: IO[bytes], folder: Path | None = None) -> None:
    """Writes the report in the reader's language; the team's own sheets are in Chinese whoever asks."""
    if form is ReportForm.JSON:
        target.write(f"{json_of(paper)}\n".encode())
    elif form is ReportForm.PDF:
        target.write(pdf_of(paper))
    elif form is ReportForm.CSV:
        write_csv(figures_table(paper), target)
    else:
        with open_workbook(target, folder) as book:
            names = SheetNames()
            add_effect_sheet(book, names.take(_("Sales effect analysis")), paper)
            add_sheets(book, team_sheets(paper), names)


def json_of(paper: Paper) -> str:
    """As CONTRACT.md has it."""
    return json.dumps(paper.result, ensure_ascii=False, indent=2)
