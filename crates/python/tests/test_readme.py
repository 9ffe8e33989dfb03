"""The README's examples, run as they stand there; and what is made of what."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Demo

HERE = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)


def example(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(EXAMPLES[number], f"README.md, example {number}", "exec"), names)
    return names


def test_the_readme_has_three_examples() -> None:
    assert len(EXAMPLES) == 3


def test_the_async_example(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    main = example(0)["main"]
    asyncio.run(main(demo.api_url, demo.app_id, demo.auth_token("alice")))
    printed = capsys.readouterr().out
    assert "26 of 26 bytes are safe" in printed and "minutes.txt opens at http" in printed
    assert printed.endswith("the minutes of our meeting\n") and "ERR_" not in printed


def test_the_waiting_example(demo: Demo, tmp_path: Path) -> None:
    save_all = example(1)["save_all"]
    saved = save_all(demo.api_url, demo.app_id, demo.auth_token("alice"), str(tmp_path))
    assert saved == sum(path.stat().st_size for path in tmp_path.iterdir()) > 0


def test_the_signing_example() -> None:
    secret = "ckr_dk_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
    url = "https://files.example.com/demoapp/media/0123456789abcdef0123456789abcdef.jpg"
    assert "Purpose=mail" in example(2)["link_for_mail"](secret, url)


def test_the_waiting_client_is_made_of_the_async_one() -> None:
    script = HERE / "scripts" / "make_blocking.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True)
