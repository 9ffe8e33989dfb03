"""Makes `_client.py`, whose calls wait, of `_async_client.py`, whose calls are awaited.

`python scripts/make_blocking.py` writes it; with `--check`, it says whether it is up to date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "python" / "cloakroom"
RULES = [
    (
        r'^"""The client for asyncio\..*?"""',
        '"""The client whose calls wait. Made of `_async_client.py` by '
        '`scripts/make_blocking.py`."""',
    ),
    (r"\b_core\.Async", "_core.Blocking"),
    (r"\b_core\.async_core\b", "_core.blocking_core"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\basync (?=def|for)", ""),
    (r"\bawait ", ""),
    (r"__aiter__", "__iter__"),
    (r"__anext__", "__next__"),
]


def blocking() -> str:
    text = (PACKAGE / "_async_client.py").read_text()
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    return text


if __name__ == "__main__":
    target = PACKAGE / "_client.py"
    if "--check" in sys.argv[1:]:
        sys.exit(0 if target.read_text() == blocking() else f"{target} is not up to date")
    target.write_text(blocking())
