"""Whether something is an e-mail address. Pure: nobody is asked."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL = 254


def is_email(text: str) -> bool:
    """Whether `text` has the form of an address, in-house domains such as `.local` included."""
    try:
        validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return len(text) <= LONGEST_EMAIL
