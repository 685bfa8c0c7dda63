"""`python -m sample_sources serve | clock | advance`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sample_sources.errors import SampleSourcesError
from sample_sources.faults import DEFAULT_RATE, Faults
from sample_sources.sources import SampleSources
from sample_sources.times import DEFAULT_START, iso, parse_duration, parse_time

_DATABASE = "SAMPLE_SOURCES_DATABASE_URL"
_LANDING = "SAMPLE_SOURCES_LANDING"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0 done, 2 refused with a reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except SampleSourcesError as error:
        print(f"sample_sources: {error}", file=sys.stderr)
        return 2
    return 0


def _serve(options: argparse.Namespace) -> None:
    from sample_sources.server import read_api_key, serve

    key = read_api_key(options.api_key_file)
    serve(_sources(options), (options.host, options.port), key, options.start, Faults(options.faults))


def _clock(options: argparse.Namespace) -> None:
    print(iso(SampleSources(options.database_url, Path()).now()))


def _advance(options: argparse.Namespace) -> None:
    step = parse_time(options.to, "--to") if options.to else parse_duration(options.by, "--by")
    print(iso(_sources(options).advance(step)))


def _sources(options: argparse.Namespace) -> SampleSources:
    return SampleSources(options.database_url, options.landing.absolute())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sample_sources", description=sys.modules["sample_sources"].__doc__)
    commands = parser.add_subparsers(required=True, metavar="serve | clock | advance")

    serve = commands.add_parser("serve", help="prepare database and landing folder, then serve the API")
    _add_places(serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=int, required=True, help="port to listen on; 0 takes a free one")
    serve.add_argument("--api-key-file", type=Path, required=True, help="file with the API key that readers must send")
    serve.add_argument(
        "--start", type=_moment, default=DEFAULT_START, help=f"where a new clock starts (default: {iso(DEFAULT_START)})"
    )
    serve.add_argument(
        "--faults",
        type=_rate,
        default=DEFAULT_RATE,
        help="share of requests that fail, 0 for none (default: %(default)s)",
    )
    serve.set_defaults(run=_serve)

    clock = commands.add_parser("clock", help="print the clock's time")
    _add_places(clock, landing=False)
    clock.set_defaults(run=_clock)

    advance = commands.add_parser("advance", help="move the clock on, and database and landing folder with it")
    _add_places(advance)
    where = advance.add_mutually_exclusive_group(required=True)
    where.add_argument("--by", help="how far: 7d, 12h, 30m")
    where.add_argument("--to", help="where to: 2013-03-08T02:00Z")
    advance.set_defaults(run=_advance)
    return parser


def _add_places(parser: argparse.ArgumentParser, *, landing: bool = True) -> None:
    """The database and the folder, from the command line or, so that no password shows there, the environment."""
    url = os.environ.get(_DATABASE)
    parser.add_argument(
        "--database-url", default=url, required=url is None, help=f"PostgreSQL URL (default: {_DATABASE} if set)"
    )
    if landing:
        folder = os.environ.get(_LANDING)
        parser.add_argument(
            "--landing",
            type=Path,
            default=folder,
            required=folder is None,
            help=f"folder for files (default: {_LANDING})",
        )


def _moment(text: str) -> datetime:
    try:
        return parse_time(text, "it")
    except SampleSourcesError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _rate(text: str) -> float:
    try:
        rate = float(text)
        Faults(rate)
    except ValueError:
        raise argparse.ArgumentTypeError("a share between 0 and 1") from None
    return rate


if __name__ == "__main__":
    sys.exit(main())
