"""Choose a run's fixed probe, and embed it after each epoch."""

import hashlib
from functools import partial

import numpy as np
import torch

from core.data.items import Domain
from core.data.packs import Pack
from core.data.splits import Splits
from core.evaluate import as_batch, distance_of, embed
from core.models.encoder import TwoEncoders
from core.replay import Probe, Replay
from core.retrieval import Index

POINTS = 500
"""Sketches, and photos, in the probe at the most."""
FOCUS = 16
"""Sketches, and photos, whose attention is kept."""
RETRIEVED = 10
"""Nearest photos kept for each focus sketch."""


def choose_probe(pack: Pack, splits: Splits, *, seed: int = 0) -> Probe:
    """A probe from the test side: every class in turn, each class in an order drawn by hash.

    The test side is never trained on nor used to judge epochs, so what the probe shows is what
    the network makes of things that it has not seen.
    """
    names = _ids(pack, "sketch"), _ids(pack, "photo")
    sketches = _spread(names[0], splits.sketch_labels, splits.queries("test"), seed)
    photos = _spread(names[1], splits.photo_labels, splits.gallery("test"), seed)
    ids = [names[0][row] for row in sketches] + [names[1][row] for row in photos]
    labels = [splits.sketch_labels[sketches], splits.photo_labels[photos]]
    return Probe(
        ids=np.asarray(ids, dtype=np.str_),
        labels=np.concatenate(labels).astype(np.int64),
        is_photo=np.arange(len(ids)) >= len(sketches),
        splits=np.asarray(["test"] * len(ids), dtype=np.str_),
        focus_sketches=np.arange(min(FOCUS, len(sketches))),
        focus_photos=len(sketches) + np.arange(min(FOCUS, len(photos))),
    )


def probe_pictures(probe: Probe, pack: Pack) -> list[np.ndarray]:
    """The probe's pictures, uint8 (S, S, 1) sketches and then (S, S, 3) photos."""
    sketches, photos = _rows(probe, pack)
    return [*(pack.sketches[row] for row in sketches), *(pack.photos[row] for row in photos)]


@torch.inference_mode()
def replay_probe(
    encoders: TwoEncoders, probe: Probe, pack: Pack, *, device: torch.device | None = None
) -> Replay:
    """What the encoders (in evaluation mode) make of the probe."""
    device = device or torch.device("cpu")
    sketches, photos = _rows(probe, pack)
    sketch_embeddings = embed(
        encoders.sketch, partial(pack.gather, "sketch"), sketches, device=device
    )
    photo_embeddings = embed(encoders.photo, partial(pack.gather, "photo"), photos, device=device)
    focus = len(probe.focus_sketches), len(probe.focus_photos)
    size = encoders.config.image_size
    looked = (
        encoders.sketch(as_batch(pack.gather("sketch", sketches[: focus[0]]), size, device)),
        encoders.photo(as_batch(pack.gather("photo", photos[: focus[1]]), size, device)),
    )
    maps = [output.attention_BHW.float().cpu().numpy().astype(np.float16) for output in looked]
    index = Index(photo_embeddings, distance=distance_of(encoders.config))
    hits = index.search(sketch_embeddings[: focus[0]], min(RETRIEVED, len(photos)))
    return Replay(
        embeddings=np.concatenate([sketch_embeddings, photo_embeddings]).astype(np.float16),
        sketch_attention=maps[0],
        photo_attention=maps[1],
        retrieved=np.asarray(hits.indices, dtype=np.int64) + len(sketches),
        scores=np.asarray(hits.scores, dtype=np.float32),
    )


def _ids(pack: Pack, domain: Domain) -> list[str]:
    index = pack.sketch_index if domain == "sketch" else pack.photo_index
    names: list[str] = index.column("id").to_pylist()
    return names


def _spread(ids: list[str], labels: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Up to POINTS of `rows`, one of each class after another."""
    order: dict[int, list[int]] = {}
    for row in sorted(rows.tolist(), key=lambda row: _draw(seed, ids[row])):
        order.setdefault(int(labels[row]), []).append(row)
    turns = max((len(members) for members in order.values()), default=0)
    spread = [
        order[label][turn] for turn in range(turns) for label in order if turn < len(order[label])
    ]
    return np.asarray(spread[:POINTS], dtype=np.int64)


def _draw(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"probe\0{seed}\0{name}".encode(), digest_size=8).digest()


def _rows(probe: Probe, pack: Pack) -> tuple[np.ndarray, np.ndarray]:
    sketch_rows = {name: row for row, name in enumerate(_ids(pack, "sketch"))}
    photo_rows = {name: row for row, name in enumerate(_ids(pack, "photo"))}
    sketches = [sketch_rows[str(name)] for name in probe.ids[~probe.is_photo]]
    photos = [photo_rows[str(name)] for name in probe.ids[probe.is_photo]]
    return np.asarray(sketches, dtype=np.int64), np.asarray(photos, dtype=np.int64)
