"""Which addresses anything is sent to (refused input, row 11), and how long an answer is waited for."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from salesboard import outward
from salesboard.outward import AddressRefused, NoAnswer, check_spelling, post, resolve

OWN = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "javascript:alert(1)", "https:///path", "//example.com", "example.com", "",
        "https://me:secret@example.com/", "https://example.com:99999/", "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/", "https://例子.cn/", "https://example.com/\r\nX: y", "https://[::1",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_spelling(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0177.0.0.1", "0x7f.1", "2130706433", "127.1", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[ff02::1]",
    ],
)  # fmt: skip
def test_row_11_no_private_address_in_any_spelling(host: str) -> None:
    with pytest.raises((AddressRefused, NoAnswer)) as refusal:
        resolve(check_spelling(f"https://{host}/hook"), [])
    assert refusal.type is AddressRefused or host.startswith(
        "["
    )  # a machine without IPv6 knows none of those


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_dns(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(AddressRefused, match="private network"):
        resolve(check_spelling("https://rebound.example.com/"), [])


def test_what_the_operator_allows_may_be_asked_and_without_encryption_nothing_else() -> None:
    assert resolve(check_spelling("http://127.0.0.1:8000/"), OWN)
    with pytest.raises(AddressRefused, match="without encryption"):
        resolve(check_spelling("http://93.184.215.14/"), OWN)


def test_a_name_is_asked_once_and_what_it_said_then_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is looked at and private when it is called."""
    asked = answer_dns(monkeypatch, "203.0.114.9")
    went: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        went.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outward.socket, "create_connection", connect)
    with pytest.raises(NoAnswer, match="nothing listens"):
        post("https://rebound.example.com/hook", b"{}", {}, networks=[])
    assert (len(asked), went) == (1, [("203.0.114.9", 443)])


def answer_dns(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[object]:
    asked: list[object] = []

    def look_up(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(outward.socket, "getaddrinfo", look_up)
    return asked


@contextmanager
def other_side(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Something that listens on this machine and does what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: serve(listener.accept()[0]), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


def hang(_opened: socket.socket) -> None:
    time.sleep(5)


def drip_head(opened: socket.socket) -> None:
    drip(opened, b"HTTP/1.1 200 OK\r\nX-Long: ")


def drip_body(opened: socket.socket) -> None:
    drip(opened, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")


def drip(opened: socket.socket, head: bytes) -> None:
    opened.sendall(head)
    for _time in range(60):
        time.sleep(0.05)
        try:
            opened.sendall(b"a")
        except OSError:
            return


@pytest.mark.parametrize("serve", [hang, drip_head, drip_body])
def test_however_slowly_it_answers_there_is_an_end(
    serve: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outward, "PATIENCE", 0.3)
    with other_side(serve) as url, pytest.raises(NoAnswer, match="no answer within"):
        post(url, b"{}", {}, networks=OWN)


def test_garbage_is_no_answer_and_a_long_one_is_cut() -> None:
    with other_side(lambda opened: opened.sendall(b"\x00garbage\r\n\r\n")) as url, pytest.raises(NoAnswer):
        post(url, b"{}", {}, networks=OWN)

    def gush(opened: socket.socket) -> None:
        opened.recv(4096)
        opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"a" * 300_000)

    with other_side(gush) as url:
        assert len(post(url, b"{}", {}, networks=OWN).body) == outward.LONGEST_ANSWER


def test_a_redirect_is_told_and_not_followed() -> None:
    def redirect(opened: socket.socket) -> None:
        opened.recv(4096)
        opened.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        )

    with other_side(redirect) as url:
        assert post(url, b"{}", {}, networks=OWN).status == 302


def test_a_certificate_has_to_be_that_of_the_name() -> None:
    """What does not speak TLS at all stands for the rest: the library checks names and chains."""
    with (
        other_side(lambda opened: opened.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as url,
        pytest.raises(NoAnswer),
    ):
        post(url.replace("http://", "https://"), b"{}", {}, networks=OWN)
