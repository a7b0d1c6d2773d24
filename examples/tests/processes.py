"""Servers as processes: each on a free loopback port, waited for, ended by its handle."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path

import httpx2

_PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path], port: int, ready: str, cwd: Path, variables: Mapping[str, str]
) -> Iterator[None]:
    """Runs a server until the block ends; `ready` is a path that answers once it serves."""
    process = subprocess.Popen(command, cwd=cwd, env={**environ, **variables})
    try:
        _wait(process, f"http://127.0.0.1:{port}{ready}")
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            httpx2.get(url)
            return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")
