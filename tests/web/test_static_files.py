"""Static files are kept by browsers and sent packed; what is unpacked is the file."""

from __future__ import annotations

import gzip
from pathlib import Path

from flask import Flask, render_template_string

SHEET = "css/tokens.css"


def asset(app: Flask, path: str) -> str:
    with app.test_request_context():
        return render_template_string("{{ asset(path) }}", path=path)


def test_an_address_that_names_its_content_is_kept_for_ever(app: Flask) -> None:
    client = app.test_client()
    assert "immutable" in client.get(asset(app, SHEET)).headers["Cache-Control"]
    assert "immutable" not in client.get(f"/static/{SHEET}").headers["Cache-Control"]


def test_a_sheet_is_sent_packed_to_who_can_unpack_it(app: Flask) -> None:
    plain = app.test_client().get(asset(app, SHEET))
    packed = app.test_client().get(asset(app, SHEET), headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert plain.data == Path(app.static_folder or "", SHEET).read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_file_that_has_not_changed_is_not_sent_again(app: Flask) -> None:
    headers = {"Accept-Encoding": "gzip"}
    first = app.test_client().get(f"/static/{SHEET}", headers=headers)
    again = app.test_client().get(
        f"/static/{SHEET}", headers={**headers, "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.data == b""
