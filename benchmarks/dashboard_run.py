"""A large run for the dashboard's benchmark: speed depends on its size, not on what it learnt."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.data.packs import Pack, open_or_build_pack
from core.gallery import build_gallery, gallery_embeddings
from core.models.encoder import build_encoders
from core.models.presets import preset
from core.replay import Probe, Replay
from core.runs import Run, RunWriter
from core.settings import to_dict

SPEC = "builtin?photos=30&sketches=4"
SIZE, WIDTH, FOCUS, TOP = 64, 256, 16, 10


def write_large_run(path: Path, *, photos: int, points: int, epochs: int = 2) -> Run:
    """A complete run of recipe `tiny`'s encoders, untrained: many photos, many points.

    The gallery repeats the built-in set's photos, each time with another light, so that no two
    are the same picture; the probe's points are clusters that drift from epoch to epoch.
    """
    pack = open_or_build_pack(SPEC, 96, "ink")
    config = preset("tiny")
    writer = RunWriter.create(
        path,
        config={"model": to_dict(config), "train": {"epochs": epochs}},
        recipe="tiny",
        data={"spec": SPEC, "protocol": "seen", "seed": 0, "image_size": SIZE,
              "framing": "ink", "fingerprint": pack.digest, "pack_size": 96},
        class_names=pack.class_names,
        seed=0,
        epochs_planned=epochs,
    )  # fmt: skip
    probe, random = _probe(points, pack.class_names), np.random.default_rng(0)
    writer.set_status("running")
    writer.write_probe(probe, _pictures(probe, pack))
    centres = random.normal(size=(len(pack.class_names), WIDTH))
    noise = random.normal(size=(points, WIDTH))
    for epoch in range(1, epochs + 1):
        embeddings = centres[probe.labels] * epoch / epochs + noise
        writer.write_epoch(
            {"epoch": epoch, "loss_total": 1 / epoch, "map_all": epoch / epochs, "p_at_10": 0.5},
            weights=build_encoders(config).state_dict(),
            replay=_replay(embeddings.astype(np.float16), random),
            training_state={"epoch": epoch},
        )
    writer.set_status("complete")
    run = Run(path)
    rows = np.arange(photos) % len(pack.photos)
    names = [pack.class_names[int(label)] for label in pack.photo_labels[rows]]
    items = [(f"photo/{at}", name, "test", "") for at, name in enumerate(names)]
    gallery = build_gallery(
        run, items, _lit(pack.gather("photo", np.arange(len(pack.photos))), rows)
    )
    gallery_embeddings(run, gallery, epochs)
    return run


def _lit(pictures: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    random = np.random.default_rng(1)
    for row in rows:
        gain = random.uniform(0.7, 1.15, 3)
        yield np.clip(pictures[row] * gain, 0, 255).astype(np.uint8)


def _probe(points: int, names: tuple[str, ...]) -> Probe:
    half = points // 2
    labels = np.arange(points, dtype=np.int64) % len(names)
    kinds = np.arange(points) >= half
    return Probe(
        ids=np.array([f"{'photo' if photo else 'sketch'}/{at}" for at, photo in enumerate(kinds)]),
        labels=labels,
        is_photo=kinds,
        splits=np.array(["test"] * points),
        focus_sketches=np.arange(FOCUS),
        focus_photos=np.arange(half, half + FOCUS),
    )


def _pictures(probe: Probe, pack: Pack) -> list[np.ndarray]:
    """One drawing a class for its sketches, and one photo a class for its photos."""
    classes = range(len(pack.class_names))
    drawn = pack.gather("sketch", _firsts(pack.sketch_labels, classes))[..., 0]
    seen = pack.gather("photo", _firsts(pack.photo_labels, classes))
    return [
        seen[label] if photo else drawn[label]
        for label, photo in zip(probe.labels, probe.is_photo, strict=True)
    ]


def _firsts(labels: np.ndarray, classes: range) -> np.ndarray:
    """The first row of each class."""
    return np.array([np.flatnonzero(labels == label)[0] for label in classes])


def _replay(embeddings: np.ndarray, random: np.random.Generator) -> Replay:
    maps = random.random((FOCUS, 2, 2))
    maps /= maps.sum(axis=(1, 2), keepdims=True)
    half = len(embeddings) // 2
    return Replay(
        embeddings=embeddings,
        sketch_attention=maps.astype(np.float16),
        photo_attention=maps.astype(np.float16),
        retrieved=np.stack([half + random.permutation(half)[:TOP] for _ in range(FOCUS)]),
        scores=np.sort(random.random((FOCUS, TOP)).astype(np.float32))[:, ::-1],
    )
