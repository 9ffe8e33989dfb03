"""The Python examples of the book, run as they stand there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from conftest import Demo

BOOK = Path(__file__).parents[3] / "docs" / "book" / "src"


def examples(page: str) -> list[dict[str, Any]]:
    """What each Python block of a page defines."""
    ran = []
    for code in re.findall(r"```python\n(.*?)```", (BOOK / page).read_text(), re.DOTALL):
        names: dict[str, Any] = {"__name__": "book"}
        exec(compile(code, page, "exec"), names)
        ran.append(names)
    return ran


def test_the_quick_start(demo: Demo) -> None:
    first, second = examples("start/python.md")
    shown = asyncio.run(first["show"](demo.api_url, demo.app_id, demo.auth_token("alice")))
    assert shown and all(demo.get(url)[0] == 200 for url in shown)
    assert second["send"](demo.api_url, demo.app_id, demo.auth_token("alice"))


def test_the_link_for_a_mail() -> None:
    (mail,) = examples("recipes/mail.md")
    secret = "ckr_dk_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
    url = "https://files.example.com/demoapp/media/0123456789abcdef0123456789abcdef.jpg"
    assert "Purpose=mail" in mail["link"](secret, url)
