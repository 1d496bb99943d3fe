"""The player's seam to Python: the film it is given, and what a person did on it."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.pictures import PictureStore
from dashboard.media import publish

HERE = Path(__file__).parent
POINTS = HERE.parent / "points"
SCRIPTS = (POINTS / "pictures.js", POINTS / "timeline.js", HERE / "heat.js", HERE / "player.js")
STYLES = (POINTS / "timeline.css", HERE / "player.css")
OPACITY = 75
"""Percent of warmth where nobody chose."""
Mode = Literal["finds", "looks", "both"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sketch or photo that is followed."""

    label: str
    """Under its picture."""
    row: int = -1
    """Its position in the probe; -1 where it is none of it."""
    truth: int | None = None
    """Its class index; None where it is not known."""
    picture: bytes | None = None
    """Its picture, where it is not one of the probe."""


@dataclass(frozen=True, kw_only=True)
class Film:
    """What every epoch makes of the samples."""

    mode: Mode
    """The photos found, the attention, or both."""
    epochs: Sequence[int]
    """The epochs, ascending (E of them)."""
    samples: Sequence[Sample]
    """The samples (F of them)."""
    maps: npt.NDArray[np.floating]
    """(E, F, h, w) attention; each map sums to 1."""
    found: npt.NDArray[np.integer]
    """(E, F, k) positions in the probe of the photos found; k may be 0."""
    scores: npt.NDArray[np.floating]
    """(E, F, k) their similarities."""
    labels: npt.NDArray[np.integer]
    """(P,) class indices of the probe."""
    class_names: Sequence[str]
    """Names of the classes."""
    pictures: tuple[bytes, ...]
    """The probe's pictures in files of `chunk` each."""
    chunk: int
    """Pictures in a file."""
    inked: bool = True
    """Whether the samples are drawings on paper."""
    stem: str = ""
    """Names the film while it grows; another stem is another film."""


@dataclass(frozen=True, kw_only=True)
class PlayerView:
    """What a person chose on it."""

    turn: int = 0
    """Grows with every deed."""
    epoch: int | None = None
    """The epoch shown; of what a person did, the one chosen on the timeline, if any."""
    opacity: int = OPACITY
    """Percent of warmth over the pictures."""
    raw: bool = False
    """Whether the maps are shown as they are, without the picture."""


def player(film: Film, view: PlayerView, *, key: str, changed: Callable[[], None]) -> None:
    """Show the film; `changed` is called when the person did something, which `told` says."""
    _component()(
        key=key,
        data=_payload(film, view, key),
        default={"view": None},
        on_view_change=changed,
    )


def told(key: str) -> PlayerView | None:
    """What was done last on the player of that key; ValueError for what ours does not say."""
    value = (st.session_state.get(key) or {}).get("view")
    if not isinstance(value, dict):
        return None
    try:
        epoch = value["epoch"]
        return PlayerView(
            turn=int(value["turn"]),
            epoch=None if epoch is None else int(epoch),
            opacity=min(100, max(0, int(value["opacity"]))),
            raw=bool(value["raw"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError("the player sent something that can't be read") from error


def _payload(film: Film, view: PlayerView, key: str) -> dict[str, Any]:
    maps = np.ascontiguousarray(film.maps, "<f4").tobytes()
    told = repr((film.mode, film.stem, list(film.epochs), film.found.tolist()))
    key_now = hashlib.blake2b(maps + told.encode(), digest_size=8).hexdigest()
    epochs = [int(epoch) for epoch in film.epochs]
    return {
        "key": key_now,
        "stem": film.stem,
        "mode": film.mode,
        "epochs": epochs,
        "height": film.maps.shape[2],
        "width": film.maps.shape[3],
        "maps": publish(maps, "application/octet-stream", f"{key}.maps"),
        "k": film.found.shape[2],
        "found": film.found.tolist(),
        "scores": np.round(film.scores.astype(float), 4).tolist(),
        "labels": film.labels.tolist(),
        "classes": [str(name) for name in film.class_names],
        "inked": film.inked,
        "samples": [_sample(sample) for sample in film.samples],
        "pictures": {
            "chunk": film.chunk,
            "urls": [
                publish(file, "application/octet-stream", f"{key}.pictures.{place}")
                for place, file in enumerate(film.pictures)
            ],
        },
        "view": {
            "turn": view.turn,
            "epoch": view.epoch if view.epoch in epochs else epochs[-1],
            "opacity": view.opacity,
            "raw": view.raw,
        },
    }


def _sample(sample: Sample) -> dict[str, Any]:
    picture = None
    if sample.picture is not None:
        kind = PictureStore.media_type(sample.picture)
        picture = f"data:{kind};base64,{base64.b64encode(sample.picture).decode()}"
    return {"row": sample.row, "label": sample.label, "truth": sample.truth, "picture": picture}


@cache
def _component() -> Callable[..., Any]:
    made: Callable[..., Any] = st.components.v2.component(
        "sketchy_player",
        html=(HERE / "player.html").read_text("utf-8"),
        css="".join(path.read_text("utf-8") for path in STYLES),
        js="\n".join(path.read_text("utf-8") for path in SCRIPTS),
    )
    return made
