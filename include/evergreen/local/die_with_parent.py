"""Ask Linux to end this process when the one that started it dies, then become a command.

Run as a program: `python die_with_parent.py PARENT_PID COMMAND…`. A supervisor that is killed outright can't stop its
children; the kernel then sends each a SIGTERM. Done in a program of its own because running Python between fork and
exec is not safe in a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(arguments[0]), arguments[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 (no shell: that is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
