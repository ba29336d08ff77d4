"""What every answer shares: who reads, in which language, fragments, headers, error pages."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import refresh as refresh_locale
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from salesboard import access, clock
from salesboard.access import declared_roles
from salesboard.config import LOCALES
from salesboard.errors import Conflict, NotAllowed, Refused
from salesboard.extensions import db
from salesboard.fields import warn_of_home
from salesboard.installation import Installation, installation

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
LANGUAGE_TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}
SECRET_FIELDS = frozenset(
    {"csrf_token", "password", "password_again", "current_password", "new_password", "code"}
)


def init_web(app: Flask) -> None:
    """Hooks the shared behaviour into the application."""
    app.url_value_preprocessor(_let_files_in)
    app.before_request(_admit)
    app.teardown_request(_forget_viewer)
    app.after_request(_add_headers)
    app.context_processor(_shared_context)
    for error in (HTTPException, CSRFError, Conflict, NotAllowed, OperationalError, StaleDataError):
        app.register_error_handler(error, _answer_error)
    app.register_error_handler(Exception, _answer_error)


View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Declares that whoever may call this route may send it files: more than any other route takes."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    view = current_app.view_functions.get(endpoint or "")
    if getattr(view, "takes_files", False) and request.mimetype == "multipart/form-data":
        roles = declared_roles(view) if view else None
        if roles and current_user.is_authenticated and current_user.role in roles:
            request.max_content_length = current_app.config["UPLOAD_LIMIT"]


def is_fragment_request() -> bool:
    """Whether htmx asks for a part of a page; a restored history entry gets the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def whole_page_again() -> Response:
    """For the part of a page that asks how far something is: it is over, load the page anew."""
    answer = Response("")
    answer.headers["HX-Refresh"] = "true"
    return answer


def htmx_page() -> SplitResult:
    """The address of the page that htmx sent this request from; an empty one where it did not, or told nonsense."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def render(page: str, fragment: str | None = None, **context: Any) -> str:
    """The page, or for htmx just its fragment, from the same context."""
    g.varies_by_fragment = fragment is not None
    return render_template(fragment if fragment and is_fragment_request() else page, **context)


def kept_until_changed(answer: Response) -> WerkzeugResponse:
    """The answer for a program that may keep it and asks each time whether it changed: 304 where it did not."""
    g.is_kept_until_changed = True
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def lead_to(page: str) -> WerkzeugResponse:
    """The way on after a form: a redirect; for a form in place, its end and then the page."""
    warn_of_home()
    if not is_fragment_request():
        return redirect(page, HTTPStatus.SEE_OTHER)
    answer = make_response("")
    answer.headers["HX-Trigger"] = "done"
    answer.headers["HX-Redirect"] = page
    return answer


def safe_next(target: str | None) -> str | None:
    """`target` if it is a path on this host, else None: never another host, scheme or a backslash trick."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    has_control = any(ord(char) < 32 for char in target)
    return target if not parts.scheme and not parts.netloc and not has_control else None


def asked_page() -> int:
    """Which page of a list the address asks for, counted from 0; a senseless one is the first."""
    asked = request.args.get("page", "1")
    return max(0, int(asked) - 1) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0


def found(row: Any) -> Any:
    """The row, or the answer 404 where there is none that this person may see."""
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row


def choose_locale() -> str:
    """The person's own language; on the pages before sign-in the one asked for; else the browser's best match."""
    if not has_request_context():
        return installation().locale
    if current_user.is_authenticated and current_user.locale in LOCALES:
        return str(current_user.locale)
    if not current_user.is_authenticated and request.args.get("lang") in LOCALES:
        return request.args["lang"]
    for tag, _quality in request.accept_languages:
        matched = match_locale(tag)
        if matched:
            return matched
    return installation().locale


def match_locale(tag: str) -> str | None:
    """One of our locales for a browser's language tag: zh-TW and zh-HK read Hant, any other zh reads Hans."""
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh_Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh_Hans"
    return "en" if parts[0] == "en" else None


def choose_timezone() -> str:
    if "reader_zone" in g:
        return str(g.reader_zone)
    own = current_user.timezone if has_request_context() and current_user.is_authenticated else None
    return own or installation().timezone


@contextmanager
def read_by(locale: str, zone: str) -> Iterator[None]:
    """Inside, texts are written in this language and times in this zone, whoever asks: for what is sent out."""
    g.reader_zone = zone
    refresh_locale()
    try:
        with force_locale(locale):
            yield
    finally:
        g.pop("reader_zone")
        refresh_locale()


def path_to(endpoint: str, **values: Any) -> str:
    """The path of a page, also where nobody asks for one."""
    if has_request_context():
        return url_for(endpoint, **values)
    path: str = current_app.url_map.bind("").build(endpoint, values)
    return path.removeprefix("http://")


def address_from_outside(path: str) -> str:
    """The whole address of a path for a text that is sent out; '' where the operator has not said under which address
    the board is reached."""
    base = current_app.config["SETTINGS"].base_url
    return base + path if base else ""


def _admit() -> WerkzeugResponse | None:
    """Nobody passes a route that did not say who may; from here on rows are read through the person's eyes."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if any("\x00" in text for text in (request.path, *request.args.values())):
        abort(HTTPStatus.BAD_REQUEST)  # no database keeps it, so nothing can be looked up by it
    if _is_more_than_any_form(list(request.form.items(multi=True))):
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    roles = declared_roles(current_app.view_functions[request.endpoint])
    if current_user.is_authenticated:
        viewer = current_user.viewer()
        g.viewer_token = access.set_viewer(viewer)
    refresh_locale()
    if roles is None:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if current_user.role not in roles:
        abort(HTTPStatus.FORBIDDEN)
    return None


def _forget_viewer(_error: BaseException | None) -> None:
    if "viewer_token" in g:
        access.reset_viewer(g.pop("viewer_token"))


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].serves_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static" and not g.get("is_kept_until_changed"):
        response.headers["Cache-Control"] = "no-store"
    if g.get("varies_by_fragment"):
        response.vary.add("HX-Request")
    return response


def _shared_context() -> dict[str, Any]:
    locale = str(get_locale() or LOCALES[0])
    return {
        "installation": installation(),
        "language_tag": LANGUAGE_TAGS.get(locale, "en"),
        "now": clock.now(),
    }


def kept_fields() -> list[tuple[str, str]]:
    """What the person had typed, without secrets, so that an error page can give it back."""
    if request.method == "GET":
        return []
    try:
        items = list(request.form.items(multi=True))
    except HTTPException:
        return []
    if _is_more_than_any_form(items):
        return []
    return [(name, value) for name, value in items if value.strip() and name not in SECRET_FIELDS]


def _is_more_than_any_form(fields: Sized) -> bool:
    """Werkzeug counts the parts of a multipart form alone."""
    return len(fields) > int(request.max_form_parts or current_app.config["MAX_FORM_PARTS"])


def _answer_error(error: Exception) -> ResponseReturnValue:
    if not isinstance(error, HTTPException | Refused | StaleDataError | IntegrityError):
        _stand_alone()
    status, message, headers = _read_error(error)
    db.session.rollback()
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.exception("unexpected failure at %r", request.path)
    page = render_template(
        "errors/error.html",
        status=status,
        message=message,
        kept=kept_fields(),
        resend_to=_resend_target(status),
    )
    return page, status, headers


def _stand_alone() -> None:
    """What failed may be the database: the page that says so asks it nothing, not even who is reading."""
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    g.installation = Installation.by_default()


def _read_error(error: Exception) -> tuple[int, str, dict[str, str]]:
    """The status, a sentence for the person, and headers."""
    if isinstance(error, CSRFError):
        return 400, _("This form has expired. Your words are below: send them again."), {}
    if isinstance(error, HTTPException):
        headers = dict(error.get_headers()) if error.code == HTTPStatus.METHOD_NOT_ALLOWED else {}
        headers.pop("Content-Type", None)
        return error.code or 500, "", headers
    if isinstance(error, NotAllowed):
        return 403, str(error), {}
    if isinstance(error, Conflict | StaleDataError):
        return 409, str(error) if isinstance(error, Conflict) else _("Somebody changed this meanwhile."), {}
    if isinstance(error, Refused):
        return 422, str(error), {}
    if _is_disk_full(error):
        return 507, _("The disk is full: nothing was saved. Your words are below."), {}
    if isinstance(error, DBAPIError):
        if _is_taken(error):
            return 409, _("Somebody changed this meanwhile."), {}
        if isinstance(error, OperationalError):
            return 503, _("The database does not answer. Nothing was saved; try again."), {"Retry-After": "5"}
    return 500, "", {}


def _is_taken(error: DBAPIError) -> bool:
    """Whether two wrote the same at once where there may be one, which only the database can tell."""
    is_duplicate = getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint failed" in str(
        error.orig
    )
    return isinstance(error, IntegrityError) and is_duplicate


def _is_disk_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return isinstance(error, DBAPIError) and any(
        words in str(error.orig) for words in ("disk is full", "No space left")
    )


def _resend_target(status: int) -> str | None:
    """Where the kept words may be sent again: the same address, after what is passing has passed.

    Not for words that another site sent: nobody should be led to send those on in their own name.
    """
    passing = {400, 429, 503, 507}
    sent_from = request.headers.get("Origin")
    is_foreign = sent_from is not None and urlsplit(sent_from).netloc != request.host
    if request.method != "POST" or status not in passing or is_foreign:
        return None
    return request.full_path.rstrip("?")
