"""A file is what its content says; what could act in a browser or on a desk is not taken."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO

import pytest

from salesboard.documents import rules
from salesboard.documents.rules import FileKind, download_name, file_label, fits, kind_of, suggested_name


def package(*names: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n...", rules.PDF),
        (b"\x89PNG\r\n\x1a\n...", rules.PNG),
        (b"\xff\xd8\xff\xe0...", rules.JPEG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", rules.WEBP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", rules.OLD_OFFICE),
        (package("[Content_Types].xml", "word/document.xml"), rules.WORD),
        (package("[Content_Types].xml", "xl/workbook.xml"), rules.EXCEL),
        (package("META-INF/manifest.xml", "content.xml"), rules.OPEN_DOCUMENT),
        (package("photo.jpg"), rules.ZIP),
        ("报价：48 万元".encode(), rules.TEXT),
        ("报价：48 万元".encode("gb18030"), rules.TEXT),
        (("字" * 5000).encode(), rules.TEXT),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: FileKind) -> None:
    assert kind_of(BytesIO(content)) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='x' onload='alert(1)'/>",
        b"<?xml version='1.0'?><a/>",
        b"  \n<!DOCTYPE html><p>",
        b"plain words, then <script>alert(1)</script>",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"PK but no package at all",
        package("[Content_Types].xml", "something/else.xml"),
        b"\x00\x01\x02",
    ],
)
def test_what_could_act_is_not_taken(content: bytes) -> None:
    assert kind_of(BytesIO(content)) is None


def test_the_ending_has_to_say_what_the_content_is() -> None:
    assert fits("Quotation.PDF", rules.PDF)
    assert not fits("quotation.pdf.exe", rules.PDF)
    assert not fits("quotation.pdf", rules.PNG)
    assert not fits("quotation", rules.PDF)


def test_a_document_is_called_by_customer_date_and_content() -> None:
    assert suggested_name("纸鹤包装", date(2026, 5, 18), "报价单") == "纸鹤包装 20260518 报价单"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\offers\\五月.pdf", "五月.pdf"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("offer\u202efdp.exe", "offerfdp.exe"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_files_name_is_a_label_only(name: str, label: str) -> None:
    assert file_label(name) == label


def test_a_fetched_file_is_called_by_its_document_and_version() -> None:
    assert download_name('纸鹤 20260518 "报价单"/二', 3, "scan.PDF") == "纸鹤 20260518 -报价单-二 v3.PDF"
