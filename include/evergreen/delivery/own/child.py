"""What runs in a release's own process: loads the model with the code packed beside this file, and answers.

Usage: python -P -m evergreen.delivery.own.child MODEL_FOLDER SOCKET [SOCKET …], sockets by their inherited numbers.
Each is served by a thread of its own, in the messages of `wire`; a first request waits until the model is loaded. The
process ends when its standard input closes, so that it can't outlive the service, however that ends. How it is started
is part of protocol 1, and as frozen.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path

from evergreen.delivery.own.wire import FAILED, PREDICT, SCHEMA, pack, receive, send, unpack
from evergreen.delivery.predictor import Predictor, load_predictor
from evergreen.delivery.where import where


def main(folder: Path, channels: list[socket.socket]) -> None:
    """Serve until standard input closes; a model that can't be loaded is said to whoever asks first."""
    threading.Thread(target=_serve, args=(folder, channels), daemon=True).start()
    while os.read(0, 1024):
        pass
    os._exit(0)


def _serve(folder: Path, channels: list[socket.socket]) -> None:
    try:
        predictor = load_predictor(folder)
    except Exception as error:  # noqa: BLE001 - whatever a model's libraries raise is told, not printed
        receive(channels[0])
        send(channels[0], *_failed(error))
        return
    for channel in channels:
        threading.Thread(target=_answer, args=(channel, predictor), daemon=True).start()


def _answer(channel: socket.socket, predictor: Predictor) -> None:
    while True:
        try:
            kind, body = receive(channel)
        except (OSError, EOFError):
            return
        try:
            answer = _schema(predictor) if kind == SCHEMA else pack(predictor.predict(unpack(body)))
            kind = SCHEMA if kind == SCHEMA else PREDICT
        except Exception as error:  # noqa: BLE001 - a model that fails on some rows answers the next ones
            kind, answer = _failed(error)
        send(channel, kind, answer)


def _schema(predictor: Predictor) -> bytes:
    columns = [{"name": one.name, "type": one.type, "nullable": one.nullable} for one in predictor.schema]
    return json.dumps(columns).encode()


def _failed(error: Exception) -> tuple[bytes, bytes]:
    return FAILED, json.dumps({"error": where(error)}).encode()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [socket.socket(fileno=int(number)) for number in sys.argv[2:]])
