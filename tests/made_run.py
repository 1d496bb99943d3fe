"""A small run made by the real writer: coloured shapes, their outlines, random weights."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from core.replay import Probe, Replay
from core.runs import Run, RunWriter
from core.settings import to_dict

SIZE = 32
CLASSES = ("circle", "square", "triangle")
COLOURS = {"circle": (214, 69, 60), "square": (52, 120, 190), "triangle": (60, 160, 90)}
PER_CLASS = 6


def shape(name: str, seed: int, *, photo: bool, size: int = SIZE) -> np.ndarray:
    """A coloured shape (size, size, 3), or its outline (size, size), placed by the seed."""
    random = np.random.default_rng(seed)
    big = size * 4
    image = Image.new("RGB", (big, big), (235, 232, 224) if photo else (255, 255, 255))
    draw = ImageDraw.Draw(image)
    radius = big * random.uniform(0.28, 0.4)
    x, y = big / 2 + random.uniform(-0.08, 0.08, 2) * big
    style: dict[str, Any] = (
        {"fill": COLOURS[name]} if photo else {"outline": (0, 0, 0), "width": max(2, big // 40)}
    )
    if name == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), **style)
    elif name == "square":
        draw.rectangle((x - radius, y - radius, x + radius, y + radius), **style)
    else:
        corners = [(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)]
        draw.polygon(corners, **style)
    small = image.resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(small if photo else small.convert("L"))


def write_run(
    path: Path, *, epochs: int = 3, study: str = "", gallery: bool = True, seed: int = 0
) -> Run:
    """A complete run of two tiny real encoders with random weights, others for each seed."""
    import torch

    from core.gallery import build_gallery
    from core.models.encoder import EncoderConfig, build_encoders

    torch.manual_seed(seed)
    config = EncoderConfig(backbone="resnet10-8-8-16-16", image_size=SIZE, embedding_dim=16)
    writer = RunWriter.create(
        path,
        config={"model": to_dict(config), "train": {"epochs": epochs, "seed": seed}},
        recipe="tiny",
        data={"spec": "shapes", "protocol": "seen", "seed": 0, "image_size": SIZE,
              "framing": "ink", "fingerprint": "0123abcd"},
        class_names=CLASSES,
        seed=seed,
        epochs_planned=epochs,
        study=study,
    )  # fmt: skip
    probe, pictures = _probe()
    writer.set_status("running")
    writer.write_probe(probe, pictures)
    for epoch in range(1, epochs + 1):
        encoders = build_encoders(config)
        writer.write_epoch(
            _row(epoch, epochs, seed),
            weights=encoders.state_dict(),
            replay=_replay(epoch + 100 * seed, probe),
            training_state={"epoch": epoch},
        )
    writer.set_status("complete")
    run = Run(path)
    if gallery:
        items = [(f"shapes/photo/{name}/{i}", name, "test", "") for name in CLASSES
                 for i in range(PER_CLASS)]  # fmt: skip
        photos = (shape(name, i, photo=True, size=96) for name in CLASSES
                  for i in range(PER_CLASS))  # fmt: skip
        build_gallery(run, items, photos)
    return run


def _probe() -> tuple[Probe, list[np.ndarray]]:
    names = [(name, i) for name in CLASSES for i in range(PER_CLASS)]
    count = len(names)
    labels = np.array([CLASSES.index(name) for name, _ in names] * 2, np.int64)
    ids = [f"shapes/{kind}/{name}/{i}" for kind in ("sketch", "photo") for name, i in names]
    probe = Probe(
        ids=np.array(ids),
        labels=labels,
        is_photo=np.arange(2 * count) >= count,
        splits=np.array(["test"] * 2 * count),
        focus_sketches=np.arange(0, count, 3),
        focus_photos=np.arange(count, 2 * count, 3),
    )
    pictures = [shape(name, 100 + i, photo=False) for name, i in names]
    pictures += [shape(name, i, photo=True) for name, i in names]
    return probe, pictures


def _replay(number: int, probe: Probe) -> Replay:
    random = np.random.default_rng(number)
    embeddings = random.normal(size=(len(probe.ids), 16)).astype(np.float16)
    focus = len(probe.focus_sketches)
    maps = random.random((focus, 2, 2))
    maps /= maps.sum(axis=(1, 2), keepdims=True)
    photos = np.flatnonzero(probe.is_photo)
    return Replay(
        embeddings=embeddings,
        sketch_attention=maps.astype(np.float16),
        photo_attention=maps.astype(np.float16),
        retrieved=np.stack([random.permutation(photos)[:10] for _ in range(focus)]),
        scores=np.sort(random.random((focus, 10)).astype(np.float32))[:, ::-1],
    )


def _row(epoch: int, epochs: int, seed: int) -> dict[str, float]:
    part = epoch / epochs
    return {
        "epoch": epoch,
        "loss_total": 1.2 - part,
        "loss_triplet": 0.9 - 0.8 * part,
        "loss_domain": 0.3 - 0.1 * part,
        "lambda_d": part,
        "discriminator_accuracy": 0.9 - 0.4 * part,
        "lr": 1e-3 * (1.01 - part),
        "map_all": 0.3 + 0.5 * part + 0.01 * seed,
        "p_at_10": 0.2 + 0.6 * part,
        "images_per_s": 900.0 + epoch,
        "seconds": 4.0,
    }


def break_run(path: Path) -> None:
    """A folder that looks like a run and is none."""
    path.mkdir(parents=True)
    (path / "run.json").write_text('{"format": 1, "created": ', encoding="utf-8")
