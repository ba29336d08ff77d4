"""The one way out to an address that somebody typed: HTTPS to public addresses, nothing else unless the operator allows
the network (TRUST.md, refused input 11).

A name is resolved once; every address that it has is looked at, and the connection goes to one of them alone.
Redirects are not followed, proxies of the environment not used; time and size of the answer are bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from salesboard.errors import Refused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PATIENCE = 8.0
"""Seconds for the whole exchange, however slowly the other side drips."""

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; none that we ask for is longer."""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(Refused):
    """This address is not one that anything is sent to."""


class NoAnswer(Exception):
    """The other side could not be reached, or did not answer in time; it may be tried again."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def is_public(address: Address) -> bool:
    """Whether an address lies in the open internet, seen through every wrapping of an IPv4 address in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(address.packed[12:])
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the operator named a network of one's own that holds the address."""
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    each = inner or address
    return any(each.version == network.version and each in network for network in networks)


def check_spelling(url: str) -> SplitResult:
    """The parts of an address that may be asked for, as far as its spelling tells. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises where it is none)
    except ValueError:
        raise AddressRefused("not an address") from None
    has_odd_sign = any(not "!" <= sign <= "~" for sign in url) or "\\" in url
    if parts.scheme not in ("https", "http") or not parts.hostname or has_odd_sign:
        raise AddressRefused("not an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("an address with a name and password in it")
    return parts


def resolve(parts: SplitResult, networks: Sequence[Network]) -> list[Address]:
    """Every address behind the name. Raises AddressRefused where one of them may not be asked, NoAnswer where there is
    none."""
    try:
        told = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer("the name of the host is not known") from None
    found = list(dict.fromkeys(ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in told))
    own = [is_allowed(address, networks) for address in found]
    if not all(mine or is_public(address) for mine, address in zip(own, found, strict=True)):
        raise AddressRefused("an address within a private network, which the operator has not allowed")
    if parts.scheme != "https" and not all(own):
        raise AddressRefused("an address without encryption: it has to begin with https://")
    return found


def post(url: str, body: bytes, headers: Mapping[str, str], *, networks: Sequence[Network]) -> Answer:
    """Sends `body` and gives the answer back, whatever it says. Raises AddressRefused and NoAnswer, whose words name
    neither the address nor what is in it."""
    parts = check_spelling(url)
    deadline = time.monotonic() + PATIENCE
    addresses = resolve(parts, networks)
    connection = _open(parts, addresses, deadline)
    # a socket's own limit begins anew with each byte; the connection lets go of its socket, so that is kept here
    alarm = threading.Timer(max(0.1, deadline - time.monotonic()), _hang_up, (connection.sock,))
    alarm.daemon = True
    alarm.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers={**headers, "Connection": "close"})
        response = connection.getresponse()
        answer = Answer(response.status, response.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(_why(error, deadline)) from None
    finally:
        alarm.cancel()
        connection.close()
    if time.monotonic() >= deadline:
        raise NoAnswer(_why(None, deadline))  # what was hung up on can look like an answer
    return answer


def _open(parts: SplitResult, addresses: Sequence[Address], deadline: float) -> http.client.HTTPConnection:
    """A connection to the first of the addresses that takes one; its certificate must be that of the name."""
    host, port = str(parts.hostname), _port(parts)
    failure: OSError | None = None
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            opened = socket.create_connection((str(address), port), timeout=left)
        except OSError as error:
            failure = error
            continue
        try:
            opened.settimeout(max(0.1, deadline - time.monotonic()))
            if parts.scheme == "https":
                opened = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
        except (OSError, ValueError) as error:
            opened.close()
            raise NoAnswer(_why(error, deadline)) from None
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        if parts.scheme == "https":
            connection.default_port = 443  # so that the Host header names no port
        connection.sock = opened
        connection.auto_open = 0
        return connection
    raise NoAnswer(_why(failure, deadline))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _hang_up(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _why(error: Exception | None, deadline: float) -> str:
    if time.monotonic() >= deadline or error is None or isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:.0f} seconds"
    if isinstance(error, ssl.SSLError):
        return "its certificate is not valid, or it does not speak TLS"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, http.client.HTTPException | ValueError):
        return "what it answers is no HTTP"
    return "the connection broke off"
