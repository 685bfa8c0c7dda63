"""Become an unprivileged user that may still pass through closed folders, then run a command (Linux, from root).

Run as a program: `python drop_root.py UID GID COMMAND…`. PostgreSQL refuses to run as root, and another user can't
enter a checkout below root's own home. Of all of root's powers this keeps one: to read and search files
(CAP_DAC_READ_SEARCH), or, where a container withholds that one, CAP_DAC_OVERRIDE.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 8, 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def main(arguments: list[str]) -> None:
    """Drop to the user and group given, keep the one capability, and become the command."""
    uid, gid, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    if not sys.platform.startswith("linux"):
        sys.exit("Run it as a user other than root, or from folders that other users may enter.")
    libc = ctypes.CDLL(None, use_errno=True)
    capability = _CAP_DAC_READ_SEARCH if _held() & (1 << _CAP_DAC_READ_SEARCH) else _CAP_DAC_OVERRIDE
    _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; then their high halves
    _check(libc.capset(header, sets))
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))
    os.execv(command[0], command)  # noqa: S606 (no shell: that is the point)


def _held() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapPrm:"))


def _check(result: int) -> None:
    if result != 0:
        sys.exit(
            f"The kernel gives no capability to another user ({os.strerror(ctypes.get_errno())}). Run it as a user "
            "other than root, or from folders that other users may enter (chmod o+x)."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
