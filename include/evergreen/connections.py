"""How a stage reaches an outside system: by a name from the YAML that the door resolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """An outside system's address and credentials. Printing it shows no secret.

    `url` carries no password for SQL use `sqlalchemy_url`; for an HTTP API `url` is the base address and `secret` the
    API key, sent in the header `header`.
    """

    name: str
    url: str
    secret: str | None = field(default=None, repr=False)
    header: str = "X-API-Key"
    sqlalchemy_url: str | None = field(default=None, repr=False)


Resolver = Callable[[str], Connection]
