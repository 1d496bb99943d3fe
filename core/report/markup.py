"""Pieces of the page as HTML. Whatever comes from outside is escaped here."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from PIL import Image

from core.pictures import PictureStore, encode_picture

SIDE = 144
"""Pictures are no larger than this, in pixels."""


def image(encoded: bytes, alt: str) -> str:
    """A picture, reduced where it is large, inside the page itself."""
    small = reduced(encoded)
    data = base64.b64encode(small).decode()
    kind = PictureStore.media_type(small)
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}">'


def reduced(encoded: bytes) -> bytes:
    """The picture with no side above `SIDE`."""
    with Image.open(io.BytesIO(encoded)) as picture:
        if max(picture.size) <= SIDE:
            return encoded
        grey = picture.mode in ("L", "1")
        small = picture.convert("L" if grey else "RGB")
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return encode_picture(np.asarray(small), quality=84)


def tile(encoded: bytes, label: str, note: str = "", *, right: bool | None = None) -> str:
    """A picture with its label; framed as right or wrong where that is known."""
    kind = {True: "right", False: "wrong", None: ""}[right]
    told = f"<b>{escape(label)}</b><span>{escape(note)}</span>" if label or note else ""
    caption = f"<figcaption>{told}</figcaption>" if told else ""
    return (
        f'<figure class="{kind}" title="{escape(label)}">{image(encoded, label)}{caption}</figure>'
    )


def answers(rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Drawings, each with the photos found: tiles, left to right."""
    parts = [
        f'<div class="answer"><div class="ask">{asked}</div><div class="found">{"".join(found)}'
        "</div></div>"
        for asked, found in rows
    ]
    return f'<div class="answers">{"".join(parts)}</div>'


def section(title: str, caption: str, *parts: str, key: str = "") -> str:
    """A part of the page with its title and a line that says how to read it."""
    anchor = f' id="{escape(key)}"' if key else ""
    told = f"<p>{escape(caption)}</p>" if caption else ""
    return f"<section{anchor}><h3>{escape(title)}</h3>{told}{''.join(parts)}</section>"


def note(text: str) -> str:
    """A quiet line."""
    return f'<p class="note">{escape(text)}</p>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], best: Sequence[int] = ()) -> str:
    """A table of texts, numbers to the right; it scrolls by itself where the page is narrow.

    best: for each row the column that stands out, -1 for none.
    """
    marks = list(best)
    lines = []
    for at, row in enumerate(rows):
        chosen = marks[at] if at < len(marks) else -1
        cells = (
            f"<td{' class=best' if place == chosen else ''}>{escape(text)}</td>"
            for place, text in enumerate(row[1:], 1)
        )
        lines.append(f'<tr><th scope="row">{escape(row[0])}</th>{"".join(cells)}</tr>')
    titles = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    return (
        f'<div class="wide"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def folded(title: str, content: str) -> str:
    """Something long that opens when it is clicked, without a script."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def bars(rows: Sequence[tuple[str, float]], *, signed: bool = False) -> str:
    """A bar for each (name, value): from the left, or from the middle where values have signs."""
    top = max((abs(value) for _, value in rows), default=0.0) or 1.0
    parts = []
    for name, value in rows:
        share = 100 * abs(value) / top
        if signed:
            kind = "gain" if value >= 0 else "loss"
            start = 50 if value >= 0 else 50 - share / 2
            style, text = f"left:{start:.1f}%;width:{share / 2:.1f}%", f"{value:+.3f}"
        else:
            kind, style, text = "", f"left:0;width:{share:.1f}%", f"{value:.3f}"
        parts.append(
            f'<div class="bar"><span>{escape(name)}</span><div class="track">'
            f'<i class="{kind}" style="{style}"></i></div><em>{text}</em></div>'
        )
    return f'<div class="bars">{"".join(parts)}</div>'


def number(value: object) -> str:
    """A number as a reader wants it; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if value != value:
        return "–"
    if float(value).is_integer() and abs(value) >= 1:
        return f"{int(value):,}"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 else f"{value:.3g}"
