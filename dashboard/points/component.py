"""The map's seam to Python: what it is given to show, and what a person did on it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.media import publish
from dashboard.points.palette import PHOTO, RIGHT, SKETCH, WRONG, Pair, palette

HERE = Path(__file__).parent
SCRIPTS = (
    *("pictures", "timeline", "legend", "lasso"),
    *("sprites", "marks", "groups", "pointer", "plot", "points"),
)
Colouring = Literal["class", "domain", "split", "correct"]
COLOURINGS: tuple[Colouring, ...] = ("class", "domain", "split", "correct")


@dataclass(frozen=True, kw_only=True)
class MapView:
    """What a person did on the map."""

    turn: int = 0
    """Grows with every deed; what Python answers to an older one is not taken back."""
    selected: int | None = None
    """The row clicked."""
    lasso: tuple[int, ...] = ()
    """The rows in the lasso, ascending."""
    epoch: int | None = None
    """The epoch shown; of what a person did, the one chosen on the timeline, if any."""
    camera: str = ""
    """Where it is seen from: ranges in 2D, the eye in 3D; empty for everything."""
    only: tuple[str, ...] = ()
    """The classes shown; empty for all but those in `hide`."""
    hide: tuple[str, ...] = ()
    """What the legend switched off, as `class:cat` or `domain:photo`."""


@dataclass(frozen=True, kw_only=True)
class PointMap:
    """What is to be seen. Row i is the same point in every column."""

    coords: dict[int, npt.NDArray[np.float32]]
    """Epoch -> (P, 2 or 3)."""
    labels: npt.NDArray[np.int64]
    """(P,) class indices."""
    is_photo: npt.NDArray[np.bool_]
    """(P,) photo or sketch."""
    splits: npt.NDArray[np.str_]
    """(P,) split names."""
    class_names: Sequence[str]
    """Names of the classes; only those that occur are shown."""
    pictures: tuple[bytes, ...]
    """Files of `chunk` pictures each, by row, as `dashboard.media.packed` makes them."""
    chunk: int
    """Pictures in a file."""
    correct: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)
    """Epoch -> (P,) whether the nearest photo is of the point's class."""
    star: dict[int, npt.NDArray[np.floating]] = field(default_factory=dict)
    """Epoch -> where the person's sketch lies."""
    near: tuple[int, tuple[int, ...]] = (-1, ())
    """A row and its neighbours in the original space."""
    name: str = "embeddings"
    """What a saved picture is called."""


def point_map(
    shown: PointMap, colouring: Colouring, view: MapView, *, key: str, changed: Callable[[], None]
) -> MapView | None:
    """Show the map; returns what the person did last on it, None before anything.

    `changed` is called before the script runs again; `told(key)` is what was done.
    """
    _component()(
        key=key,
        data=_payload(shown, colouring, view, key),
        default={"view": None},
        on_view_change=changed,
    )
    return told(key)


def told(key: str) -> MapView | None:
    """What the map of that key said last; ValueError for what no map of ours says."""
    value = (st.session_state.get(key) or {}).get("view")
    if not isinstance(value, dict):
        return None
    try:
        selected, epoch = value["selected"], value["epoch"]
        return MapView(
            turn=int(value["turn"]),
            selected=None if selected is None else int(selected),
            lasso=tuple(sorted({int(row) for row in value["lasso"]})),
            epoch=None if epoch is None else int(epoch),
            camera=str(value["camera"])[:100],
            only=tuple(str(name) for name in value["only"]),
            hide=tuple(str(name) for name in value["hide"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError("the map sent something that can't be read") from error


def _payload(shown: PointMap, colouring: Colouring, view: MapView, key: str) -> dict[str, Any]:
    epochs = sorted(shown.coords)
    frames = np.stack([shown.coords[epoch] for epoch in epochs]).astype("<f4")
    content = frames.tobytes()
    kinds, labels = np.unique(shown.labels, return_inverse=True)
    classes = [str(shown.class_names[kind]) for kind in kinds]
    splits, split_of = np.unique(shown.splits, return_inverse=True)
    names = {"domain": ["photo", "sketch"], "split": [str(name) for name in splits],
             "correct": ["right", "wrong"]}  # fmt: skip
    return {
        "key": hashlib.blake2b(content + repr(epochs).encode(), digest_size=8).hexdigest(),
        "name": shown.name,
        "plotly": publish(_plotly(), "text/javascript", "plotly"),
        "coords": publish(content, "application/octet-stream", f"{key}.coords"),
        "count": frames.shape[1],
        "dims": frames.shape[2],
        "epochs": epochs,
        "labels": labels.tolist(),
        "classes": classes,
        "photos": _bits(shown.is_photo),
        "splits": split_of.tolist(),
        "names": names,
        "correct": [_bits(shown.correct[e]) for e in epochs] if shown.correct else [],
        "colouring": colouring,
        "groups": _groups(colouring, kinds, shown, names),
        "star": [shown.star[e].tolist() if e in shown.star else None for e in epochs],
        "nearOf": shown.near[0],
        "near": list(shown.near[1]),
        "pictures": {
            "chunk": shown.chunk,
            "urls": [
                publish(file, "application/octet-stream", f"{key}.pictures.{place}")
                for place, file in enumerate(shown.pictures)
            ],
        },
        "view": {
            "turn": view.turn,
            "selected": view.selected,
            "lasso": list(view.lasso),
            "epoch": view.epoch if view.epoch in shown.coords else epochs[-1],
            "camera": view.camera,
            "only": list(view.only),
            "hide": list(view.hide),
        },
    }


def _groups(
    colouring: Colouring, kinds: npt.NDArray[np.int64], shown: PointMap, names: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Name, colours and mark of each group of a colouring, in the order of its numbers."""
    if colouring == "class":
        # By the class's own number: a class has one colour, whatever else is shown.
        colours = palette(len(shown.class_names))
        return [_group(str(shown.class_names[kind]), colours[kind]) for kind in kinds]
    if colouring == "domain":
        return [_group("photo", PHOTO), _group("sketch", SKETCH, "open")]
    if colouring == "correct":
        return [_group("right", RIGHT), _group("wrong", WRONG)]
    return [
        _group(name, pair)
        for name, pair in zip(names["split"], palette(len(names["split"])), strict=True)
    ]


def _group(name: str, colours: Pair, mark: str = "") -> dict[str, Any]:
    return {"name": name, "colours": list(colours), "mark": mark}


def _bits(values: npt.NDArray[np.bool_]) -> str:
    return (np.asarray(values, np.uint8) + ord("0")).tobytes().decode()


@cache
def _plotly() -> bytes:
    import plotly

    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@cache
def _component() -> Callable[..., Any]:
    made: Callable[..., Any] = st.components.v2.component(
        "sketchy_points",
        html=(HERE / "points.html").read_text("utf-8"),
        css="".join((HERE / f"{name}.css").read_text("utf-8") for name in ("timeline", "points")),
        js="\n".join((HERE / f"{name}.js").read_text("utf-8") for name in SCRIPTS),
        # Plotly writes its styles into the document's head, where a shadow root doesn't see them.
        isolate_styles=False,
    )
    return made
