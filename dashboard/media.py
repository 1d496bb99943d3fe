"""Bytes that a component fetches by itself: too large to travel with every script run.

They are served as Streamlit serves the pictures of `st.image`, under a name made of their content,
for as long as a session shows them.
"""

import struct
from collections.abc import Sequence

import streamlit as st
from streamlit import runtime


def publish(content: bytes, kind: str, place: str) -> str:
    """The address of `content` on this server, to be asked for again at every script run.

    Args:
        content: what is served.
        kind: its media type.
        place: what it is on the page, unique within it; another content there takes its place.
    """
    if not runtime.exists():
        return ""
    url = runtime.get_instance().media_file_mgr.add(content, kind, f"sketchy.{place}")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{url}" if base else url


def packed(pictures: Sequence[bytes]) -> bytes:
    """Encoded pictures as one file: their count, their offsets, then their bytes; all uint32."""
    offsets = [0]
    for picture in pictures:
        offsets.append(offsets[-1] + len(picture))
    head = struct.pack(f"<{len(offsets) + 1}I", len(pictures), *offsets)
    return head + b"".join(pictures)
