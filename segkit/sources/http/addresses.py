"""Which addresses may be asked: https at the listed services, never the own machine or network."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from segkit.errors import InputError, SourceError, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from urllib.parse import SplitResult

#: The services that segkit asks, and those they may send on to.
HOSTS = (
    "statistikdatabasen.scb.se",
    "www.statistikdatabasen.scb.se",
    "api.scb.se",
    "geodata.scb.se",
    "www.scb.se",
    "api.kolada.se",
    "val.se",
    "www.val.se",
    "historik.val.se",
    "resultat.val.se",
)

_PORTS = {"https": 443, "http": 80}


def _split(url: str, *, argument: str) -> SplitResult:
    """Take an address apart; whatever two parsers could read in two ways is refused."""
    if not isinstance(url, str) or "\\" in url or any(c.isspace() or ord(c) < 32 for c in url):
        raise InputError(message(argument, f"is no address: {url!r}"))
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        parts.port  # noqa: B018
    except ValueError as error:
        raise InputError(message(argument, f"is no address: {url!r}", fix=str(error))) from error
    if "@" in parts.netloc:
        raise InputError(message(argument, "must hold no user name or password"))
    return parts


def joined(asked: str, told: str) -> str:
    """Return the address that a service tells of, whole or in part; what is none is an error."""
    try:
        return urljoin(asked, told)
    except ValueError as error:
        raise InputError(message("url", f"is no address: {told[:200]!r}", fix=str(error))) from error


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    host = (parts.hostname or "").rstrip(".")
    return parts.scheme, host, parts.port or _PORTS.get(parts.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Addresses:
    """The addresses a client may ask: the listed hosts by https, and base addresses given on purpose."""

    def __init__(self, hosts: Iterable[str], base_urls: Mapping[str, str]) -> None:
        self._hosts = {host.casefold() for host in hosts}
        self._given = set()
        for service, url in base_urls.items():
            parts = _split(url, argument=f"base_urls[{service!r}]")
            scheme, host, port = _origin(parts)
            if scheme != "https" and not (scheme == "http" and _is_loopback(host)):
                rule = f"must begin with https://, is {url!r}"
                fix = "Plain http is for a stand-in on this machine only."
                raise InputError(message(f"base_urls[{service!r}]", rule, fix=fix))
            self._given.add((scheme, host, port))

    def is_given(self, url: str) -> bool:
        """Tell whether an address belongs to a base address given on purpose."""
        return _origin(_split(url, argument="url")) in self._given

    def check(self, url: str) -> None:
        """Raise an error unless the address may be asked."""
        origin = _origin(_split(url, argument="url"))
        if origin in self._given:
            return
        scheme, host, port = origin
        if scheme != "https" or port != 443:
            raise InputError(message("url", f"must begin with https://, is {url!r}"))
        if host not in self._hosts:
            fix = f"Pass hosts=[{host!r}] to the client if you trust it."
            raise InputError(message("url", f"{host!r} is not among the listed hosts", fix=fix))

    def redirected(self, asked: str, location: str) -> str:
        """Return the address that an answer points to; one outside the listed ones, or local, is an error."""
        target = location
        try:
            target = joined(asked, location)
            if _split(asked, argument="url")[:2] != _split(target, argument="url")[:2]:
                self.check(target)
            if not self.is_given(target):
                _check_public(target)
        except InputError as error:
            fix = f"It was not followed: {error}"
            raise SourceError(message(asked, f"sends on to {target[:200]!r}", fix=fix)) from error
        return target


def _check_public(url: str) -> None:
    """Raise an error when a host's name stands for an address of the own machine or network."""
    host = _origin(_split(url, argument="url"))[1]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Behind a proxy names may be unknown here; there the proxy decides, and TLS checks the name.
        return
    local = [
        str(a[4][0]) for a in found if not ipaddress.ip_address(str(a[4][0]).partition("%")[0]).is_global
    ]
    if local:
        raise InputError(message("url", f"{host!r} stands for a local address", local))
