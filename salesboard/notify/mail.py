"""Mail out: one message to one person, through the server that SALESBOARD_SMTP_URL names."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate
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


def send(settings: Settings, message: EmailMessage) -> None:
    """Hands the message to the mail server. Raises Refused where it will never take it, else whatever went wrong."""
    with _connection(settings) as connection:
        try:
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _answer in error.recipients.values()}
            if min(codes) >= 500:
                raise Refused(f"the mail server refuses the address: {codes}") from error
            raise


def sender(settings: Settings) -> str:
    """The address that mail comes from: `?from=` of the setting, else salesboard@ the board's own host."""
    asked = parse_qs(urlsplit(settings.smtp_url or "").query).get("from")
    return asked[0] if asked else f"salesboard@{_home(settings)}"


@contextmanager
def _connection(settings: Settings) -> Iterator[smtplib.SMTP]:
    """An open connection, encrypted wherever the server can; a password is never sent in clear."""
    if settings.smtp_url is None:
        raise Refused("SALESBOARD_SMTP_URL is not set: there is no mail server")
    url = urlsplit(settings.smtp_url)
    host, tls = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE, context=tls)
    else:
        connection = smtplib.SMTP(host, url.port or 587, timeout=PATIENCE)
    with connection:
        if url.scheme == "smtp":
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=tls)
            elif url.username:
                raise Refused("the mail server offers no encryption, so the password is not sent to it")
        if url.username:
            connection.login(unquote(url.username), unquote(url.password or ""))
        yield connection


def _home(settings: Settings) -> str:
    return urlsplit(settings.base_url or "").hostname or "localhost"
