"""Where each checkpoint looks in the drawing, all on one scale of colours."""

import io
from collections.abc import Sequence
from html import escape

import streamlit as st
from PIL import Image

from core.query import Answer
from dashboard import pieces, state
from dashboard.comparing.markup import figures, save_picture
from dashboard.comparing.meeting import Meeting
from dashboard.overlay import highest, overlaid

FINE = 256
"""Side of a picture, in pixels."""
GAP = 8


def looks(meeting: Meeting, answers: Sequence[Answer]) -> None:
    """The drawing once for each checkpoint, warm where it looks."""
    peak = highest(answer.attention for answer in answers)
    pictures = [_looked(answer, peak) for answer in answers]
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Where they look")
        save_picture("attention", side_by_side(pictures))
    figures(
        [
            (letter, picture, f"The drawing, warm where {letter} looks")
            for letter, picture in zip(meeting.letters, pictures, strict=True)
        ]
    )
    told = f"{peak:.1f} times its even share"
    st.html(
        '<div class="skc-scale"><span>looks past it</span><i></i>'
        f"<span>{escape(told)}</span></div>"
        '<div class="sk-note">One colour scale for all: the same warmth is the same attention.'
        "</div>"
    )


def _looked(answer: Answer, peak: float) -> bytes:
    sketch = state.sketch()
    try:
        fine = answer.sketch if sketch is None or sketch.untouched else sketch.prepared(FINE)
    except ValueError:
        fine = answer.sketch  # a picture that another run keeps: as it was shown to this one
    return overlaid(fine, answer.attention, peak=peak)


def side_by_side(pictures: Sequence[bytes]) -> bytes:
    """Encoded pictures of one size in a row on white, as PNG."""
    images = [Image.open(io.BytesIO(picture)) for picture in pictures]
    width, height = images[0].size
    row = Image.new("RGB", (len(images) * (width + GAP) - GAP, height), "white")
    for place, image in enumerate(images):
        row.paste(image, (place * (width + GAP), 0))
    buffer = io.BytesIO()
    row.save(buffer, "PNG")
    return buffer.getvalue()
