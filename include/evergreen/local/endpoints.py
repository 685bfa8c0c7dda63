"""What runs now, for other programs to read: `run/endpoints.json` under home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from evergreen.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One process: where it listens (None: nowhere) and its pid."""

    url: str | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Everything one supervisor runs, by name; `user` and `password_file` are the log-in of Airflow's web UI."""

    supervisor: int
    user: str
    password_file: str
    services: Mapping[str, Endpoint]

    def url(self, name: str) -> str:
        """Where the service listens. Raises PermanentError if it is not among those that run and listen."""
        endpoint = self.services.get(name)
        if endpoint is None or endpoint.url is None:
            listening = ", ".join(key for key, value in self.services.items() if value.url)
            raise PermanentError(f"There is no service {name!r}; those that listen are {listening}.")
        return endpoint.url


def write_endpoints(path: Path, endpoints: Endpoints) -> None:
    """Write the file, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(endpoints), indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_endpoints(path: Path) -> Endpoints | None:
    """What the file says, or None when there is none."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    services = {name: Endpoint(**value) for name, value in entry.pop("services").items()}
    return Endpoints(services=services, **entry)
