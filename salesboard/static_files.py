"""Stylesheets, scripts and drawings: named by their content, kept by browsers, sent packed."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, has_request_context, request
from markupsafe import Markup

PACKED_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
KEPT = "public, max-age=31536000, immutable"


def init_static_files(app: Flask) -> None:
    """Gives templates `asset()` and `symbols()`, and static answers their headers and packing."""
    root, folder = app.static_url_path, Path(app.static_folder or "")

    @cache
    def address(path: str) -> str:
        return f"{root}/{path}?v={hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]}"

    def asset(path: str) -> str:
        """The address of a file under static/. It names the content, so that browsers may keep it for ever."""
        return request.script_root + address(path) if has_request_context() else address(path)

    @cache
    def symbols(*names: str) -> Markup:
        """Drawings of the sprite to stand in the page itself, for a page that uses them a hundred times over."""
        sprite = (folder / "img/icons.svg").read_text("utf-8")
        found = (re.search(rf'<symbol id="{name}".*?</symbol>', sprite, re.DOTALL) for name in names)
        drawn = "".join(match[0] for match in found if match)
        return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(Markup(drawn))

    app.jinja_env.globals.update(asset=asset, symbols=symbols)
    app.after_request(_keep_and_pack)


def _keep_and_pack(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code != 200:
        return response
    if "v" in request.args:
        response.headers["Cache-Control"] = KEPT
    if response.mimetype in PACKED_TYPES:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings.quality("gzip") > 0:
            _pack(response)
    return response


def _pack(response: Response) -> None:
    """The ETag becomes a weak one: the packed bytes are not the file's, but mean the same."""
    response.direct_passthrough = False
    etag, _is_weak = response.get_etag()
    response.set_data(_packed(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        response.set_etag(etag, weak=True)


@cache
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
