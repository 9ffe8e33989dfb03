"""Where callbacks run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Optional


def on_loop(callback: Optional[Callable[..., Any]]) -> Optional[Callable[..., None]]:
    """Lets a callback run on the event loop of whoever asks, if there is one.

    Without a loop it runs on a thread of the SDK.
    """
    if callback is None:
        return None
    told = callback
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:

        def directly(*arguments: Any) -> None:
            told(*arguments)

        return directly

    def later(*arguments: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(told, *arguments)

    return later
