"""Mail out: each message to one person, through the server that SALESBOARD_SMTP_URL names."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from salesboard.config import Settings
from salesboard.errors import Refused

PATIENCE = 15
"""Seconds that the mail server has for each answer."""


def compose(
    settings: Settings,
    *,
    to: tuple[str, str],
    subject: str,
    text: str,
    message_id: str,
    html: str = "",
    unsubscribe: str = "",
) -> EmailMessage:
    """A message, plain and as `html`. `to` is name and address; the same `message_id` marks a repetition as the same
    message. `unsubscribe` is the address that ends such mail, for the button that mail programs have (RFC 8058)."""
    message = EmailMessage()
    message["From"] = formataddr(("salesboard", sender(settings)))
    message["To"] = formataddr(to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{message_id}@{_home(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


class Courier:
    """Carries messages to the mail server, one after the other over the same connection as long as it holds. One
    thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: _Plain | _Encrypted | None = None

    def send(self, message: EmailMessage) -> None:
        """Hands the message over. Raises Refused where the server will never take it, else whatever went wrong.

        Servers end a connection after so many messages, or a pause: then, if this one has not been handed over yet, a
        new connection is tried once.
        """
        earlier = self._connection
        try:
            try:
                self._hand_over(message)
            except _ENDED:
                if earlier is None or earlier.has_handed_over:
                    raise
                self.close()
                self._hand_over(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _answer in error.recipients.values()}
            if min(codes) >= 500:
                raise Refused(f"the mail server refuses the address: {codes}") from error
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
            self._connection.close()
            self._connection = None

    def _hand_over(self, message: EmailMessage) -> None:
        if self._connection is None:
            self._connection = _open(self._settings)
        self._connection.has_handed_over = False
        self._connection.send_message(message)


def send(settings: Settings, message: EmailMessage) -> None:
    """Hands the message to the mail server. Raises Refused where it will never take it, else whatever went wrong."""
    with closing(Courier(settings)) as courier:
        courier.send(message)


class _Noting:
    has_handed_over = False
    """Whether the server may have the message: from here on only its answer tells."""

    def data(self, message: Any) -> tuple[int, bytes]:
        self.has_handed_over = True
        return super().data(message)  # type: ignore[misc]


class _Plain(_Noting, smtplib.SMTP):
    pass


class _Encrypted(_Noting, smtplib.SMTP_SSL):
    pass


_ENDED = (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused, ConnectionError)


def sender(settings: Settings) -> str:
    """The address that mail comes from: `?from=` of the setting, else salesboard@ the board's own host."""
    asked = parse_qs(urlsplit(settings.smtp_url or "").query).get("from")
    return asked[0] if asked else f"salesboard@{_home(settings)}"


def _open(settings: Settings) -> _Plain | _Encrypted:
    """A connection, encrypted wherever the server can; a password is never sent in clear."""
    if settings.smtp_url is None:
        raise Refused("SALESBOARD_SMTP_URL is not set: there is no mail server")
    url = urlsplit(settings.smtp_url)
    host, tls = url.hostname or "localhost", ssl.create_default_context()
    connection: _Plain | _Encrypted
    if url.scheme == "smtps":
        connection = _Encrypted(host, url.port or 465, timeout=PATIENCE, context=tls)
    else:
        connection = _Plain(host, url.port or 587, timeout=PATIENCE)
    try:
        if url.scheme == "smtp":
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=tls)
            elif url.username:
                raise Refused("the mail server offers no encryption, so the password is not sent to it")
        if url.username:
            connection.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _home(settings: Settings) -> str:
    return urlsplit(settings.base_url or "").hostname or "localhost"
