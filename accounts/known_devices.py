"""Where a request comes from: its network address, and whether this browser has signed this person in before.

A known browser has a counter of wrong answers of its own, so that somebody who knows names and shares an address (one
office, one proxy) cannot make a person wait at her own device.
"""

import secrets
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SALT = "accounts.known-device"
SOCKET = "unix"  # among TRUSTED_PROXIES: config/proxies.py
AGE = 180 * 24 * 60 * 60  # seconds
PEOPLE = 8  # of one browser


def client_address(request: HttpRequest) -> str:
    """The address to count by; IPv6 by its /48. A proxy of ours is asked who came to it, nobody else is believed.

    Each proxy writes last who came to it. So the list is read from its end, as far as our own proxies wrote it: what a
    client wrote there itself stands before that.
    """
    text = request.META.get("REMOTE_ADDR", "")
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while told and _is_ours(text):
        text = told.pop()
    address = _address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 48), strict=False))
    return str(address or "unknown")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_ours(text: str) -> bool:
    """Whether this is the address of a proxy of ours; a socket of this machine has none."""
    if not text:
        return SOCKET in settings.TRUSTED_PROXIES
    address = _address(text)
    return any(address in network for network in settings.TRUSTED_PROXIES if network != SOCKET) if address else False


def known_device(request: HttpRequest, login_name: str) -> str:
    """The random id of this browser if it has signed in that person before, else nothing."""
    found = _read(request)
    return found["device"] if _mark(login_name) in found["people"] else ""


def remember(request: HttpRequest, response: HttpResponse, login_name: str) -> None:
    """This browser has signed her in. The cookie holds a random id and keyed hashes: it names nobody."""
    found = _read(request)
    mark = _mark(login_name)
    people = [mark, *(other for other in found["people"] if other != mark)][:PEOPLE]
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME,
        signing.dumps({"device": found["device"], "people": people}, salt=SALT),
        max_age=AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def _read(request: HttpRequest) -> dict:
    try:
        return signing.loads(request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return {"device": secrets.token_hex(8), "people": []}


def _mark(login_name: str) -> str:
    return salted_hmac(SALT, login_name.casefold(), algorithm="sha256").hexdigest()[:32]
