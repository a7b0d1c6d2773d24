"""Servers as child processes on free loopback ports."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """Runs a server until the block ends. `ready` is a path that responds once it serves."""
    with running_at(f"http://127.0.0.1:{port}{ready}", command, cwd, variables):
        yield


@contextmanager
def running_at(
    url: str, command: Sequence[str | Path], cwd: Path, variables: Mapping[str, str]
) -> Iterator[None]:
    """Runs a server until the block ends. `url` responds once it serves."""
    process = subprocess.Popen(command, cwd=cwd, env={**environ, **variables})
    try:
        _wait(process, url)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Waits until `holds`, within a bound."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    raise RuntimeError(f"still not: {what}")


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    def responds() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            httpx2.get(url)
        except httpx2.TransportError:
            return False
        return True

    eventually(f"{url} responds", responds)
