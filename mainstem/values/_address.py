"""Where somebody is reached: by mail, by phone, on the web.

The libraries are imported where they are used: a process that checks no phone number doesn't pay
for the world's numbering plans.
"""

from __future__ import annotations

import re

PHONE_CHARACTERS_MAX = 16  # E.164: a plus sign and 15 digits
PHONE_TYPED_CHARACTERS_MAX = 40  # people add spaces, hyphens and brackets
EMAIL_CHARACTERS_MAX = 254  # the library says so too, but only after reading all of it
URL_CHARACTERS_MAX = 2_048

# Patterns stay text, compiled by `re` when first used: an import compiles nothing.
# The library would also take letters, extensions and any text with a number in it.
_TYPED_PHONE = r"\+[0-9 ().-]+"
_TYPED_URL = r"(?i:https)://[^\s\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+"


def email(text: str) -> str:
    """The address in lower case and ASCII, checked without asking the network."""
    from email_validator import validate_email

    if len(text) > EMAIL_CHARACTERS_MAX:
        raise ValueError("too long")
    found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    if found.ascii_email is None:
        raise ValueError("no spelling in ASCII")
    return found.ascii_email.lower()


def phone(text: str) -> str:
    """The number in E.164, if the plan of its country has such numbers."""
    import phonenumbers

    if len(text) > PHONE_TYPED_CHARACTERS_MAX or not re.fullmatch(_TYPED_PHONE, text):
        raise ValueError("not written like an international number")
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise ValueError("no such country code") from None
    stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(stored) > PHONE_CHARACTERS_MAX or not phonenumbers.is_valid_number(number):
        raise ValueError("no such number")
    return stored


def phone_in(phone: str, country: str) -> bool:
    """Whether the phone number belongs to the country, both in their stored spelling."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number_for_region(number, country)


def url(text: str) -> str:
    """The address as a browser would write it, so that two spellings of one place are equal."""
    from pydantic_core import Url

    if len(text) > URL_CHARACTERS_MAX or not re.fullmatch(_TYPED_URL, text):
        raise ValueError("not written like a web address")
    found = Url(text)
    if found.username is not None or found.password is not None:
        raise ValueError("a user or a password would be stored for ever")
    stored = str(found)
    if len(stored) > URL_CHARACTERS_MAX or not _is_public_name(found.host or ""):
        raise ValueError("too long, or not a public name")
    return stored


def _is_public_name(host: str) -> bool:
    """Refuses `localhost`, numbers and half a name: they mean another place on every machine."""
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and labels[-1][0].isalpha()
