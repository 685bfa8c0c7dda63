"""Invented people, so that there is something personal to anonymise.

No person is meant: names are put together from words nobody is called by, and addresses are in `example.com`, which is
reserved (RFC 2606) and reaches nobody.
"""

from __future__ import annotations

from sample_sources.chance import number

_FIRST = ("Biscuit", "Cinder", "Dandelion", "Fable", "Gizmo", "Juniper-Jay", "Marble", "Nimbus", "Pebble", "Quill")
_LAST = ("Altimeter", "Buttonwood", "Cloudberry", "Drizzlewick", "Featherby", "Kitestring", "Mapfold", "Windlass")


def person(role: str, key: str, since: str) -> tuple[str, str]:
    """Name and e-mail address of whoever plays a role for `key` since the day `since`; always the same."""
    chosen = number(role, key, since)
    first = _FIRST[chosen % len(_FIRST)]
    last = _LAST[chosen // len(_FIRST) % len(_LAST)]
    mailbox = f"{first}.{last}.{key}".lower()
    return f"{first} {last}", f"{mailbox}@example.com"


def captain(tail_number: str, since: str) -> tuple[str, str]:
    """Name and e-mail address of the captain whom a plane has since the day `since`."""
    return person("captain", tail_number, since)
