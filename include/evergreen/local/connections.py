"""Connections of one machine: a JSON file that Airflow and the command line both read.

The file is the one of Airflow's `LocalFilesystemBackend`: a name, and either a URI or the fields `conn_type`, `host`,
`port`, `login`, `password`, `schema` and `extra`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from evergreen.connections import Connection, Resolver
from evergreen.errors import PermanentError, bounded
from evergreen.local.secrets import write_private

HTTP = ("http", "https")
_DRIVERS = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}
_DEFAULT_HEADER = "X-API-Key"


def sql_entry(sqlalchemy_url: str) -> dict[str, Any]:
    """The file's entry of a PostgreSQL database, from its SQLAlchemy URL."""
    url = make_url(sqlalchemy_url)
    return {
        "conn_type": "postgres",
        "host": url.host,
        "port": url.port,
        "login": url.username,
        "password": url.password,
        "schema": url.database,
    }


def http_entry(base_url: str, api_key: str, header: str = _DEFAULT_HEADER) -> dict[str, Any]:
    """The file's entry of an HTTP API: its base address, and the key that goes into `header`."""
    return {"conn_type": "http", "host": base_url, "password": api_key, "extra": {"header": header}}


def write_connections(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Put `entries` into the file, mode 0600, where they are missing or still as an earlier call wrote them.

    Whatever its owner has written or edited stays. What was written here is told by hashes in `<file>.generated`.
    """
    record = path.with_name(f"{path.name}.generated")
    kept, written = (_read(file) if file.exists() else {} for file in (path, record))
    for name, entry in entries.items():
        ours = set(written.get(name, ()))
        if name not in written and name in kept and _from_before(kept[name], entry):
            ours.add(_hash(kept[name]))
        if name not in kept or _hash(kept[name]) in ours:
            kept[name] = entry
        written[name] = sorted({*ours, _hash(entry)})
    # the record first: a crash between the two leaves entries that are known as ours still
    write_private(record, json.dumps(written, indent=2) + "\n")
    write_private(path, json.dumps(kept, indent=2) + "\n")


def _hash(entry: Any) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _from_before(found: Any, entry: Mapping[str, Any]) -> bool:
    """Of a file that has no record yet: was it written here? Then nothing but its address can differ."""
    address = {"host", "port"}
    return isinstance(found, dict) and {**found, **dict.fromkeys(address)} == {**entry, **dict.fromkeys(address)}


def file_resolver(path: Path, environment: Mapping[str, str] | None = None) -> Resolver:
    """Resolve names by the file, read at each call; a URI in `EVERGREEN_CONN_<NAME>` comes first.

    `environment` defaults to the process's own. The resolver raises PermanentError for a name it does not know, naming
    those it does, and for an entry it can't read.
    """
    variables = os.environ if environment is None else environment

    def resolve(name: str) -> Connection:
        variable = f"EVERGREEN_CONN_{name.upper()}"
        if variable in variables:
            return from_uri(name, variables[variable], f"the environment variable {variable}")
        entries = _read(path) if path.exists() else {}
        if name not in entries:
            raise PermanentError(
                f"There is no connection {name!r}. There are: {bounded(sorted(entries)) or 'none'} (in {path}). "
                f"Add it there, or set {variable} to its URI."
            )
        entry = entries[name]
        if isinstance(entry, str):
            return from_uri(name, entry, str(path))
        return from_fields(name, entry, str(path))

    return resolve


def from_fields(name: str, fields: Mapping[str, Any], where: str) -> Connection:
    """A connection from Airflow's fields. `where` names their place in an error; PermanentError if they don't suffice.

    For an HTTP API `host` is the base address, `password` the key, and `extra.header` the header that carries it. For
    a database `extra` holds the driver's own options, such as `sslmode`.
    """
    kind, host = str(fields.get("conn_type") or ""), fields.get("host")
    if not kind:
        raise PermanentError(f"Connection {name!r} in {where} has no conn_type. Set it to postgres, http, …")
    extra = _extra(name, fields.get("extra"), where)
    port = int(fields["port"]) if fields.get("port") else None
    if kind in HTTP:
        if not host:
            raise PermanentError(f"Connection {name!r} in {where} has no host. Set it to the API's base address.")
        address = host if "://" in host else f"{fields.get('schema') or kind}://{host}"
        return Connection(
            name=name,
            url=(f"{address}:{port}" if port else address).rstrip("/"),
            secret=fields.get("password") or None,
            header=str(extra.get("header", _DEFAULT_HEADER)),
        )
    url = URL.create(
        _DRIVERS.get(kind, kind),
        fields.get("login") or None,
        fields.get("password") or None,
        host or None,
        port,
        fields.get("schema") or None,
        {key: str(value) for key, value in extra.items()},
    )
    return _sql(name, url)


def from_uri(name: str, uri: str, where: str) -> Connection:
    """A connection from `postgresql://login:password@host:5432/database` or `https://:key@host/base?header=X-API-Key`.

    Raises PermanentError, naming `where` and never the URI, when it is neither.
    """
    try:
        parts = urlsplit(uri)
        if parts.scheme in HTTP and parts.hostname:
            port = f":{parts.port}" if parts.port else ""
            return Connection(
                name=name,
                url=f"{parts.scheme}://{parts.hostname}{port}{parts.path}".rstrip("/"),
                secret=unquote(parts.password) if parts.password else None,
                header=dict(parse_qsl(parts.query)).get("header", _DEFAULT_HEADER),
            )
        url = make_url(uri)
        return _sql(name, url.set(drivername=_DRIVERS.get(url.drivername, url.drivername)))
    except (ArgumentError, ValueError):
        raise PermanentError(
            f"Connection {name!r} in {where} is not a URI like postgresql://login:password@host:5432/database "
            "or https://:key@host/base."
        ) from None


def _sql(name: str, url: URL) -> Connection:
    shown = URL.create(url.drivername, url.username, None, url.host, url.port, url.database)
    return Connection(
        name=name,
        url=shown.render_as_string(),
        secret=url.password,
        sqlalchemy_url=url.render_as_string(hide_password=False),
    )


def _extra(name: str, extra: Any, where: str) -> dict[str, Any]:
    try:
        parsed = json.loads(extra) if isinstance(extra, str) and extra else extra or {}
    except json.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise PermanentError(f"The field extra of connection {name!r} in {where} is not a JSON object.")
    return parsed


def _read(path: Path) -> dict[str, Any]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise PermanentError(f"{path}, line {error.lineno}: not JSON ({error.msg}).") from None
    if not isinstance(entries, dict):
        raise PermanentError(f"{path}: the file must hold one JSON object, connection by name.")
    return entries
