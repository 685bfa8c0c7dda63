"""Protocol 1: how the service talks to a release's own process.

This file is packed into every bento, and the copy in the bento speaks with services years younger than itself. So it is
frozen: whatever changes here, or in how `child` is started, is protocol 2 beside it, and `SPOKEN` keeps 1
(docs/decisions/0005). A message is its body's length (8 bytes, big-endian), its kind (1 byte) and its body:

    S  asked with no body: which columns the model reads   answered: a JSON list of {name, type, nullable}
    P  asked with rows as an Arrow IPC stream              answered: the predictions, likewise
    F                                                      answered: JSON {"error": kind and place}, never a value
"""

from __future__ import annotations

import io
import socket
import struct

import polars as pl

PROTOCOL = 1
"""What a bento packaged now understands."""
SPOKEN = frozenset({1})
"""What the service can speak."""
SCHEMA, PREDICT, FAILED = b"S", b"P", b"F"
_HEAD = struct.Struct(">Qc")


def send(channel: socket.socket, kind: bytes, body: bytes = b"") -> None:
    """Send one message. Raises OSError when the other side has gone."""
    channel.sendall(_HEAD.pack(len(body), kind) + body)


def receive(channel: socket.socket) -> tuple[bytes, bytes]:
    """The next message's kind and body. Raises OSError or EOFError when the other side has gone."""
    length, kind = _HEAD.unpack(_exactly(channel, _HEAD.size))
    return kind, _exactly(channel, length)


def pack(frame: pl.DataFrame) -> bytes:
    """A frame as an Arrow IPC stream that Polars of any age can read."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()


def unpack(body: bytes) -> pl.DataFrame:
    """The frame of an Arrow IPC stream."""
    return pl.read_ipc_stream(io.BytesIO(body))


def _exactly(channel: socket.socket, length: int) -> bytes:
    got = bytearray(length)
    view = memoryview(got)
    while view.nbytes:
        count = channel.recv_into(view)
        if not count:
            raise EOFError("the other side has closed the connection")
        view = view[count:]
    return bytes(got)
