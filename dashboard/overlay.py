"""Attention laid over a picture, for the pages: see `core.overlay`."""

from core.overlay import heat, highest, overlaid

__all__ = ["heat", "highest", "overlaid"]
