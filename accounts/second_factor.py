"""A second factor while it is being set up: its secret is in the page only, sealed, until the first code was right."""

from dataclasses import dataclass

from accounts import sealed_fields, totp


@dataclass(frozen=True)
class NewFactor:
    """A secret on its way to a phone, bound to one purpose and place; `kept` travels with it."""

    secret: bytes
    purpose: str
    place: str
    kept: dict[str, str]

    @property
    def sealed(self) -> str:
        content = {**self.kept, "secret": self.secret.hex()}
        return sealed_fields.seal(content, purpose=self.purpose, place=self.place)

    @property
    def typed(self) -> str:
        return totp.typed_secret(self.secret)

    def picture(self, login_name: str) -> str:
        return totp.picture(self.secret, login_name=login_name)


def new_factor(*, purpose: str, place: str = "", **kept: str) -> NewFactor:
    return NewFactor(totp.new_secret(), purpose, place, kept)


def opened_factor(sealed: str, *, purpose: str, place: str = "") -> NewFactor | None:
    """The factor that a page carried, or None where it is too old or not of this page."""
    found = sealed_fields.unseal(sealed, purpose=purpose, place=place)
    if found is None:
        return None
    return NewFactor(bytes.fromhex(found.pop("secret")), purpose, place, found)
