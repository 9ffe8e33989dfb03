"""A real server for each test module, with the clock in the hands of the tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
BINARY = os.environ.get("CLOAKROOM_BIN", str(ROOT / "target" / "debug" / "cloakroom"))


class Demo:
    """`cloakroom demo` on free ports, on a data folder of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._port_base = free_port_base()
        self.start()

    def start(self) -> None:
        self._server = subprocess.Popen(
            [BINARY, "demo", "--json", "--clock-control"]
            + ["--port-base", str(self._port_base), "--data", str(Path(self.folder, "data"))],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, f"the demo ended with {self._server.wait()}"
        self.line: dict[str, Any] = json.loads(line)

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait()
        if self._server.stdout is not None:
            self._server.stdout.close()

    @property
    def app_id(self) -> str:
        return str(self.line["appId"])

    @property
    def api_url(self) -> str:
        return str(self.line["apiUrl"])

    def now(self) -> int:
        return int(self._http("GET", f"{self.line['demoUrl']}/test/clock")["now"])

    def advance(self, seconds: int) -> None:
        self._http("POST", f"{self.line['demoUrl']}/test/clock", {"advanceSeconds": seconds})

    def back_end(self, method: str, path: str, body: object = None) -> Any:
        """A call of the app's own back end."""
        credential = {"apikey": str(self.line["apiKey"]), "appid": self.app_id}
        return self._http(method, f"{self.api_url}/v3/{path}", body or {}, credential)["data"]

    def auth_token(self, uid: str) -> str:
        return str(self.back_end("POST", f"users/{uid}/auth_tokens")["authToken"])

    def get(self, url: str) -> tuple[int, bytes]:
        """Opens a URL as a browser would, without any header; waits as long as the server asks:
        one that is starved, as on a busy machine, decides nothing."""
        for _ in range(30):
            try:
                with urllib.request.urlopen(url) as answer:
                    return (answer.status, answer.read())
            except urllib.error.HTTPError as refused:
                with refused:
                    if refused.code != 503:
                        return (refused.code, refused.read())
                    time.sleep(int(refused.headers.get("Retry-After", "1")))
        raise AssertionError("the server decides nothing")

    def _http(
        self,
        method: str,
        url: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, method=method)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            request.add_header(name, value)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def free_port_base() -> int:
    """The first of four ports in a row that nobody listens on."""
    for _ in range(50):
        with socket.socket() as any_port:
            any_port.bind(("127.0.0.1", 0))
            base: int = any_port.getsockname()[1]
        if base < 65_000 and all(is_free(base + step) for step in range(4)):
            return base
    raise AssertionError("found no four free ports in a row")


def is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="cloakroom-python-") as folder:
        demo = Demo(folder)
        try:
            yield demo
        finally:
            demo.stop()
