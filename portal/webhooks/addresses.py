"""Where webhooks may go: https, and only to addresses that belong to the public Internet.

What a founder types must not make the portal talk to itself, its neighbours or its cloud's own
services. Judged are the addresses that the name leads to, and those very addresses are called:
a name that leads elsewhere a moment later changes nothing.
"""

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

LONGEST_URL = 500

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_INTERNET = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is handed out: what maps, embeds or translates IPv4 lies outside, or below."""

_NOT_PUBLIC = [
    ipaddress.ip_network(block)
    for block in (
        "192.0.0.0/24",  # the protocols' own
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's inner services, at a public address
        "2001::/23",  # the protocols' own, and Teredo with an IPv4 address inside
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, with an IPv4 address inside
        "3fff::/20",  # documentation
    )
]


class BadAddress(Exception):
    """Nothing can be sent there; the message says why, for the founder."""


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int
    path: str
    is_tls: bool


def parse(url: str) -> Target:
    """Raises: BadAddress."""
    parts = _split(url)
    is_open = settings.WEBHOOK_ALLOW_PRIVATE
    if parts.scheme != "https" and not (is_open and parts.scheme == "http"):
        raise BadAddress("The address has to begin with https://.")
    if "@" in parts.netloc:
        raise BadAddress("Take the user name and password out of the address.")
    target = Target(_host(parts), _port(parts), _path(parts), is_tls=parts.scheme == "https")
    if target.port not in settings.WEBHOOK_PORTS and not is_open:
        ports = " or ".join(map(str, settings.WEBHOOK_PORTS))
        raise BadAddress(f"The portal sends to port {ports} only.")
    _refuse_literal(target.host)
    return target


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isprintable() or any(map(str.isspace, url)):
        raise BadAddress("This is no web address.")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise BadAddress("This is no web address.") from error


def _host(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except UnicodeError as error:
        raise BadAddress("There cannot be such a host name.") from error
    if not host:
        raise BadAddress("The address names no host.")
    return host


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadAddress("There cannot be such a port.") from error


def _path(parts: SplitResult) -> str:
    return iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _refuse_literal(host: str) -> None:
    """An address instead of a name can be judged without asking anybody."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return
    _refuse(ip)


def resolve(target: Target, *, seconds: float) -> list[str]:
    """The addresses that may be called. Raises: BadAddress; OSError; TimeoutError.

    One that may not be called spoils all: nobody's public service is at such an address too.
    """
    found = [ipaddress.ip_address(each) for each in _look_up(target, seconds)]
    for ip in found:
        _refuse(ip)
    return [str(ip) for ip in found]


def _look_up(target: Target, seconds: float) -> list[str]:
    """Beside this thread, since the system's look-up keeps no time limit of ours."""
    pool = ThreadPoolExecutor(1)
    try:
        asked = pool.submit(
            socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM
        ).result(seconds)
    finally:
        pool.shutdown(wait=False)
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in asked))


def _refuse(ip: _Ip) -> None:
    if not settings.WEBHOOK_ALLOW_PRIVATE and not is_public(ip):
        raise BadAddress(f"It leads to {ip}, which is no address of the public Internet.")


def is_public(ip: _Ip) -> bool:
    """Pure: whether everybody's Internet knows this address, and as one machine."""
    if ip.version == 6 and ip not in _INTERNET:
        return False
    is_special = ip.is_multicast or ip.is_reserved or not ip.is_global
    return not is_special and not any(ip in block for block in _NOT_PUBLIC)
