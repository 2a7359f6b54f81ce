"""The only module that imports `cryptography`: sealing, key derivation, codes and fingerprints.

Every sealed value is one envelope: a byte for the algorithm, a byte for the schema version of what is inside, then
the ciphertext. Both bytes and a Binding are authenticated, so that an envelope moved to another place opens nothing.
Sources: HPKE is RFC 9180 (X25519, HKDF-SHA256, ChaCha20-Poly1305), ChaCha20-Poly1305 is RFC 8439, HKDF is RFC 5869,
Argon2id is RFC 9106, words of a fingerprint are proquints (arXiv:0901.4016).
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
from dataclasses import dataclass
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ALGORITHM_KEY = 1  # ChaCha20-Poly1305 under a shared 256-bit key
ALGORITHM_PERSON = 2  # HPKE to a public key
MAX_SECRET_LENGTH = 128  # characters, checked before any derivation
_NONCE = 12
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_derivations = threading.BoundedSemaphore(settings.DERIVATIONS_AT_ONCE)


class CannotOpen(Exception):
    """The key does not open this envelope: wrong key, wrong place, or a changed byte. Never says which."""


def binding(*parts: object) -> bytes:
    """Name the one place an envelope belongs to, such as model, row, field, purpose and key version.

    Parts are joined unambiguously (each with its length), so that no two lists of parts give the same bytes.
    """
    encoded = [str(part).encode() for part in parts]
    return b"sidro:" + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


# --- Envelopes --------------------------------------------------------------------------------
def seal_with_key(key: bytes, plaintext: bytes, *, bound_to: bytes, schema: int = 1) -> bytes:
    """Seal under a 32-byte key."""
    head = bytes([ALGORITHM_KEY, schema])
    nonce = secrets.token_bytes(_NONCE)
    return head + nonce + ChaCha20Poly1305(key).encrypt(nonce, plaintext, head + bound_to)


def open_with_key(key: bytes, envelope: bytes, *, bound_to: bytes) -> tuple[bytes, int]:
    """Return plaintext and schema version. Raises CannotOpen."""
    head, body = _split(envelope, ALGORITHM_KEY)
    try:
        return ChaCha20Poly1305(key).decrypt(body[:_NONCE], body[_NONCE:], head + bound_to), head[1]
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def seal_to_person(public_key: bytes, plaintext: bytes, *, bound_to: bytes, schema: int = 1) -> bytes:
    """Seal to a 32-byte X25519 public key; nobody but its holder opens it, the writer neither."""
    head = bytes([ALGORITHM_PERSON, schema])
    return head + _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), info=head + bound_to)


def private_half(private_key: bytes) -> X25519PrivateKey:
    """The key as open_as_person wants it: whoever opens many envelopes reads it once, it takes half as long as opening."""
    return X25519PrivateKey.from_private_bytes(private_key)


def open_as_person(private_key: bytes | X25519PrivateKey, envelope: bytes, *, bound_to: bytes) -> tuple[bytes, int]:
    """Return plaintext and schema version. Raises CannotOpen."""
    head, body = _split(envelope, ALGORITHM_PERSON)
    try:
        key = private_half(private_key) if isinstance(private_key, bytes) else private_key
        return _SUITE.decrypt(body, key, info=head + bound_to), head[1]
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def _split(envelope: bytes, algorithm: int) -> tuple[bytes, bytes]:
    envelope = bytes(envelope)
    if len(envelope) < 2 + _NONCE or envelope[0] != algorithm:
        raise CannotOpen
    return envelope[:2], envelope[2:]


# --- Keys -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pair:
    """An X25519 key pair, 32 bytes each."""

    private: bytes
    public: bytes


def new_pair() -> Pair:
    private = X25519PrivateKey.generate()
    return Pair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def public_of(private_key: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def new_key() -> bytes:
    """A random 256-bit key."""
    return secrets.token_bytes(32)


def commitment(key: bytes, *, bound_to: bytes) -> bytes:
    """What the audit log keeps of a new key: 32 bytes that prove later which key it was, and open nothing."""
    return hashlib.sha256(binding("commitment") + bound_to + key).digest()


# --- From what people know to keys ------------------------------------------------------------
@dataclass(frozen=True)
class Derivation:
    """How a password becomes a key: stored beside each sealed private key, so that old rows go on opening."""

    salt: bytes
    passes: int
    memory_kib: int
    lanes: int
    pepper_version: int

    @classmethod
    def fresh(cls) -> "Derivation":
        passes, memory_kib, lanes = settings.KEY_DERIVATION
        return cls(secrets.token_bytes(16), passes, memory_kib, lanes, max(map(int, settings.PASSWORD_PEPPERS)))


def peppered(password: str, *, version: int) -> str:
    """HMAC of the password under the pepper of that version, as text for Django's hasher."""
    pepper = bytes.fromhex(settings.PASSWORD_PEPPERS[str(version)])
    return hmac.new(pepper, b"authentication" + password.encode(), hashlib.sha256).hexdigest()


def password_key(password: str, how: Derivation) -> bytes:
    """Argon2id(HMAC(pepper, password)), 32 bytes. Takes memory and time: never inside an open transaction."""
    pepper = bytes.fromhex(settings.PASSWORD_PEPPERS[str(how.pepper_version)])
    secret = hmac.new(pepper, b"key" + password.encode(), hashlib.sha256).digest()
    with _derivations:
        return hash_secret_raw(secret, how.salt, how.passes, how.memory_kib, how.lanes, 32, Type.ID)


def behind_the_semaphore() -> threading.BoundedSemaphore:
    """The limit on derivations at once, shared with the hashing of passwords: a flood of sign-ins takes no more."""
    return _derivations


def recovery_key(code: str, *, user_id: object) -> bytes:
    """The key of a printed recovery code. 256 random bits need no stretching, HKDF only. Raises ValueError."""
    kdf = HKDF(hashes.SHA256(), 32, salt=None, info=binding("recovery", user_id))
    return kdf.derive(_decode_code(code))


def keeper_pair(code: str) -> Pair:
    """The pair of a key keeper, from her printed code: 256 random bits, HKDF only. Raises ValueError."""
    kdf = HKDF(hashes.SHA256(), 32, salt=None, info=binding("key keeper"))
    private = kdf.derive(_decode_code(code))
    return Pair(private, public_of(private))


def once(nonce: UUID, *typed: object) -> UUID:
    """The unique number of one form with this in it: sent twice it is one record, changed and sent again it is another.

    The form's own number is random and not stored, so that the result tells nothing about what was typed.
    """
    return UUID(bytes=hashlib.sha256(binding("once", nonce, *typed)).digest()[:16])


# --- Codes and fingerprints that people read and say ------------------------------------------
def new_recovery_code() -> str:
    """256 bits as 13 groups of four letters and digits, then nothing: shown once, printed, never stored."""
    return code_of(secrets.token_bytes(32))


def code_of(key: bytes) -> str:
    """A 256-bit key as a printed code."""
    text = base64.b32encode(key).decode().rstrip("=")
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def key_of_code(code: str) -> bytes:
    """The key that a printed code is. Raises ValueError."""
    return _decode_code(code)


def _decode_code(code: str) -> bytes:
    text = "".join(code.split()).replace("-", "").upper()
    if len(text) != 52:
        raise ValueError("a recovery code has 52 letters and digits")
    try:
        raw = base64.b32decode(text + "====")
    except ValueError as error:
        raise ValueError("not a recovery code") from error
    return raw


_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_SHAPE = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
_WORD = re.compile("".join(f"[{alphabet}]" for alphabet in _SHAPE))


def fingerprint(public_key: bytes) -> bytes:
    """SHA-256 of a public key, 32 bytes: what is vouched for and written into the audit chain."""
    return hashlib.sha256(binding("fingerprint") + bytes(public_key)).digest()


def fingerprint_words(print_: bytes) -> list[str]:
    """The first 96 bits of a fingerprint as six words to be read out by voice; they sound alike in no language here."""
    numbers = [int.from_bytes(bytes(print_)[i : i + 2], "big") for i in range(0, 12, 2)]
    return [proquint(number) for number in numbers]


def proquint(number: int) -> str:
    """16 bits as one word of five letters (arXiv:0901.4016)."""
    c1, v1, c2, v2, c3 = number >> 12, number >> 10 & 3, number >> 6 & 15, number >> 4 & 3, number & 15
    return _CONSONANTS[c1] + _VOWELS[v1] + _CONSONANTS[c2] + _VOWELS[v2] + _CONSONANTS[c3]


def said_bits(words: list[str]) -> bytes:
    """The 96 bits that six words say, as typed. Raises ValueError where they are not six such words."""
    if len(words) != 6 or any(not _WORD.fullmatch(word) for word in words):
        raise ValueError("not six words of a fingerprint")
    return b"".join(_number_of(word).to_bytes(2, "big") for word in words)


def _number_of(word: str) -> int:
    c1, v1, c2, v2, c3 = (alphabet.index(letter) for alphabet, letter in zip(_SHAPE, word, strict=True))
    return c1 << 12 | v1 << 10 | c2 << 6 | v2 << 4 | c3


def token_hash(token: str) -> bytes:
    """What the database keeps of the token of an invitation: 256 random bits need no stretching."""
    return hashlib.sha256(token.encode()).digest()


_READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U


def new_readable_code() -> str:
    """An opaque code such as K7MX-42QB (39 bits) for a case or a request: no order, no meaning, no name in it."""
    text = "".join(secrets.choice(_READABLE) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"
