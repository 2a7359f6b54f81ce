"""A security key made of software, and how tests show it to the site. It does what it is told, also what is wrong."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts import database
from tests.cast import PASSWORD, Cast

ORIGIN, SITE = "http://testserver", "testserver"
FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """One credential. `step` is how far its counter goes each time: 0 is a passkey that is kept in a cloud."""

    step: int = 1
    counter: int = 0
    origin: str = ORIGIN
    site: str = SITE
    flags: int = FLAG.UP | FLAG.UV
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""

    def create(self, options: dict, *, kind: str = "webauthn.create") -> str:
        """Answer of navigator.credentials.create."""
        self.handle = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(self._site_hash(), FLAG(self.flags | FLAG.AT), self.counter, made)
        client = self._client_data(kind, options)
        attestation = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: dict, *, kind: str = "webauthn.get") -> str:
        """Answer of navigator.credentials.get."""
        self.counter += self.step
        data = AuthenticatorData.create(self._site_hash(), FLAG(self.flags), self.counter)
        client = self._client_data(kind, options)
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({**response, "userHandle": self.handle} if self.handle else response)

    def _client_data(self, kind: str, options: dict) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(options["challenge"]), self.origin)

    def _site_hash(self) -> bytes:
        return hashlib.sha256(self.site.encode()).digest()

    def _answer(self, response: dict) -> str:
        encoded = {name: websafe_encode(value) for name, value in response.items()}
        name = websafe_encode(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": encoded})


def asked(client: Client, purpose: str = "sign_in") -> tuple[dict, str]:
    """Options and sealed challenge, as the page's script gets them; the sign-in page has given the form token before."""
    if purpose == "sign_in":
        client.get("/sign-in")
    url = "/sign-in/challenge" if purpose == "sign_in" else "/account/devices/challenge"
    found = client.post(url, {"for": purpose}).json()
    return found["publicKey"], found["challenge"]


def fields(client: Client, key: Authenticator, purpose: str = "sign_in") -> dict[str, str]:
    """The hidden fields that the script fills in."""
    options, sealed = asked(client, purpose)
    return {"passkey": key.create(options) if purpose == "add" else key.get(options), "challenge": sealed}


def add(client: Client, key: Authenticator | None = None, name: str = "Blue key") -> Authenticator:
    """A passkey of whoever is signed in there, added through the page."""
    key = key or Authenticator()
    response = client.post("/account/devices/passkey", {"name": name, **fields(client, key, "add")})
    assert response.status_code == 302, response.content.decode()
    return key


def sign_in(client: Client, key: Authenticator, name: str, *, password: str = PASSWORD, **other: str):
    """Post the sign-in form with a passkey in place of the code."""
    return client.post("/sign-in", {"login_name": name, "password": password, **fields(client, key), **other})


def devices_of(definer, name: str) -> list[str]:
    """Names of her passkeys as they are stored."""
    query = "SELECT p.name FROM accounts_passkey p JOIN accounts_user u ON u.id = p.user_id WHERE u.login_name = %s"
    return [row[0] for row in definer.execute(query, [name]).fetchall()]


def stored_passkey(cast: Cast, name: str) -> UUID:
    """A passkey of hers that nobody can show: for pages about it."""
    device_id = uuid4()
    with cast.acting(name):
        database.value("passkey_add", device_id, "Blue key", device_id.bytes, b"\xa0", 0, device_id.bytes)
    return device_id
