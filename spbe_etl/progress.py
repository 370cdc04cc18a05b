"""Who hears how far a run is: set by whoever started it, silent otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Listener = Callable[[str], None]
"""Hears the name of each step as it begins."""

listener: ContextVar[Listener] = ContextVar("listener", default=lambda _: None)
