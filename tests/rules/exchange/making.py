"""Files as teams, other programs and attackers make them, written small by the tests themselves."""

from __future__ import annotations

import csv
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

SAMPLES = Path(__file__).parents[2] / "samples"
GIVEN = Path(__file__).parents[4] / "shared" / "data"
needs_given = pytest.mark.skipif(
    not GIVEN.exists(), reason="the teams' own files (../shared/data) are not here"
)

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODS_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text")
)


def csv_file(folder: Path, text: str, *, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def table_file(folder: Path, rows: Iterable[Sequence[object]], *, name: str = "table.csv") -> Path:
    """The rows as CSV."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def xlsx_file(
    folder: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    name: str = "book.xlsx",
    hidden: Iterable[str] = (),
) -> Path:
    """A workbook with these sheets; dates are typed as dates, None is an empty cell."""
    path = folder / name
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            if title in hidden:
                sheet.hide()
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(row, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return path


def raw_xlsx(
    folder: Path,
    sheet: str | Iterable[bytes],
    *,
    name: str = "book.xlsx",
    parts: Mapping[str, str] | None = None,
) -> Path:
    """A workbook whose only sheet is exactly this markup."""
    path = folder / name
    pieces = [sheet.encode()] if isinstance(sheet, str) else sheet
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE_RELATIONS}"><Relationship Id="a" Type="{_RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{_RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE_RELATIONS}"><Relationship Id="a" Type="{_RELATIONS}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for piece in pieces:
                part.write(piece)
        for part_name, content in (parts or {}).items():
            archive.writestr(part_name, content)
    return path


def one_row(*cells: str, number: int = 1) -> str:
    """A sheet with one row of these `<c>` elements."""
    return f'{SHEET}<sheetData><row r="{number}">{"".join(cells)}</row></sheetData></worksheet>'


def one_cell(place: str) -> str:
    return f'<c r="{place}"><v>1</v></c>'


def declare_smaller(path: Path, part: str, size: int) -> Path:
    """Makes a zip archive's directory lie about how large a part unpacks."""
    archive = bytearray(path.read_bytes())
    place = archive.find(b"PK\x01\x02")
    while place >= 0:
        (length,) = struct.unpack_from("<H", archive, place + 28)
        if archive[place + 46 : place + 46 + length] == part.encode():
            struct.pack_into("<I", archive, place + 24, size)
        place = archive.find(b"PK\x01\x02", place + 4)
    path.write_bytes(archive)
    return path


def ods_file(folder: Path, rows: str, *, name: str = "book.ods", manifest: str = "") -> Path:
    """An OpenDocument workbook with one sheet of exactly these `<table:table-row>` elements."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f"{manifest}</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {_ODS_NAMES}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_cell(text: str, traits: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{traits}><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells: str, traits: str = "") -> str:
    return f"<table:table-row{traits}>{''.join(cells)}</table:table-row>"


def protected_xls(folder: Path) -> Path:
    """The sample .xls, one of whose records now says that the rest is encrypted (FILEPASS)."""
    path = folder / "book.xls"
    path.write_bytes((SAMPLES / "customers.xls").read_bytes().replace(b"\x42\0\x02\0", b"\x2f\0\x02\0", 1))
    return path


def protected_xlsx(folder: Path) -> Path:
    """A compound file that holds an encrypted package, as spreadsheet programs write a protected .xlsx."""
    old, new = ("Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le"))
    compound = bytearray((SAMPLES / "customers.xls").read_bytes())
    entry = compound.find(old)
    compound[entry : entry + len(new)] = new
    struct.pack_into("<H", compound, entry + 64, len(new) + 2)
    path = folder / "book.xlsx"
    path.write_bytes(compound)
    return path
