"""Commands that run everything on one machine: up, down, demo."""

from __future__ import annotations

import argparse
from typing import Any


def add_commands(commands: Any) -> None:
    """Add this file's commands to the parser."""
    up = commands.add_parser("up", help="start everything on this machine; Ctrl-C stops it")
    up.set_defaults(run=_up)

    down = commands.add_parser("down", help="stop what `up` or `demo` started, from another terminal")
    down.set_defaults(run=_down)

    demo = commands.add_parser("demo", help="start everything and tell the whole story on the sample sources")
    demo.add_argument("--leave", action="store_true", help="stop when the story has been told")
    demo.set_defaults(run=_demo)

    container = commands.add_parser("container", help="become one part of the compose stack")
    container.add_argument("part")
    container.set_defaults(run=_container)


def _up(_: argparse.Namespace) -> int:
    from evergreen.local.settings import LocalSettings
    from evergreen.local.supervisor import run

    return run(LocalSettings())


def _down(_: argparse.Namespace) -> int:
    from evergreen.local.down import down
    from evergreen.local.settings import LocalSettings

    home = LocalSettings().absolute_home
    if not down(home):
        print(f"nothing runs in {home}")
    return 0


def _demo(given: argparse.Namespace) -> int:
    from evergreen.local.door import open_instance
    from evergreen.local.endpoints import Endpoints
    from evergreen.local.settings import LocalSettings
    from evergreen.local.story import tell
    from evergreen.local.supervisor import run

    settings = LocalSettings()

    def story(endpoints: Endpoints) -> int:
        return tell(settings, endpoints, open_instance())

    return run(settings, story, stay=not given.leave)


def _container(given: argparse.Namespace) -> int:
    import os

    from evergreen.local.container import become
    from evergreen.local.settings import LocalSettings

    return become(given.part, LocalSettings(), os.environ)
