"""Galleries: written once, read without running code, embedded once even by two at a time."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core import gallery as galleries
from core.gallery import (
    build_gallery,
    embeddings_path,
    gallery_embeddings,
    gallery_key,
    list_galleries,
    open_gallery,
    photo_batch,
)
from core.runs import Run
from tests.made_run import CLASSES, PER_CLASS, shape, write_run

COUNT = len(CLASSES) * PER_CLASS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("made") / "shapes", epochs=1).path


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(made, tmp_path / "shapes")))


def test_a_gallery_keeps_items_and_pictures_in_their_order(run: Run) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    assert len(gallery) == len(gallery.pictures) == COUNT
    assert gallery.classes == tuple(sorted(CLASSES))
    assert gallery.ids[PER_CLASS] == f"shapes/photo/{CLASSES[1]}/0"
    expected = shape(CLASSES[1], 0, photo=True, size=96).astype(float)
    found = gallery.pictures.pixels(PER_CLASS).astype(float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 4


def test_a_copied_run_opens_elsewhere_and_keeps_its_embeddings(run: Run, tmp_path: Path) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    first = gallery_embeddings(run, gallery, 1)
    copied = Run(Path(shutil.copytree(run.path, tmp_path / "elsewhere", copy_function=shutil.copy)))
    other = open_gallery(copied)
    assert other is not None
    assert embeddings_path(copied, other, 1).is_file()
    np.testing.assert_array_equal(gallery_embeddings(copied, other, 1), first)


def test_embeddings_are_those_of_the_photo_encoder(run: Run) -> None:
    import torch

    gallery = open_gallery(run)
    assert gallery is not None
    pixels = [shape(name, i, photo=True) for name in CLASSES for i in range(PER_CLASS)]
    found = gallery_embeddings(run, gallery, 1, pixels=pixels)
    encoders = run.encoders(1)
    with torch.inference_mode():
        expected = encoders.photo(torch.from_numpy(photo_batch(pixels, 32))).embedding_BD
    assert isinstance(found, np.memmap)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected.numpy(), atol=2e-3)


def test_stored_pictures_stand_in_for_the_data(run: Run) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    exact = [shape(name, i, photo=True) for name in CLASSES for i in range(PER_CLASS)]
    from_pack = np.array(gallery_embeddings(run, gallery, 1, pixels=exact), np.float32)
    embeddings_path(run, gallery, 1).unlink()
    from_pictures = np.array(gallery_embeddings(run, gallery, 1), np.float32)
    assert (from_pack * from_pictures).sum(axis=1).min() > 0.98


def test_two_who_ask_at_once_compute_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    calls, real, both = [], galleries.embeddings._embedded, threading.Barrier(2)

    def counted(*arguments: object) -> object:
        calls.append(1)
        return real(*arguments)  # type: ignore[arg-type]

    def ask() -> np.ndarray:
        both.wait()
        return gallery_embeddings(run, gallery, 1)

    monkeypatch.setattr(galleries.embeddings, "_embedded", counted)
    with ThreadPoolExecutor(2) as pool:
        one, two = (future.result() for future in [pool.submit(ask), pool.submit(ask)])
    np.testing.assert_array_equal(one, two)
    assert len(calls) == 1
    assert not list(gallery.path.glob(".embeddings*"))


def test_other_weights_have_embeddings_of_their_own(run: Run) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    before = embeddings_path(run, gallery, 1)
    weights = run.path / "epochs" / "0001" / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-4:] = bytes(value ^ 1 for value in content[-4:])
    weights.write_bytes(content)
    assert embeddings_path(run, gallery, 1) != before


def test_a_second_gallery_of_other_photos(run: Run) -> None:
    data = {"spec": "folder:/somewhere/holiday", "fingerprint": "f"}
    items = [(f"mine/{i}", "", "", f"/somewhere/holiday/{i}.jpg") for i in range(3)]
    pictures = [shape("circle", i, photo=True, size=400) for i in range(3)]
    made = build_gallery(run, items, iter(pictures), data=data)
    assert made.key == gallery_key(data) != gallery_key(run.info["data"])
    assert made.key.startswith("folder-holiday-")
    assert made.pictures.pixels(0).shape == (128, 128, 3)
    assert made.classes == ()
    assert [gallery.key for gallery in list_galleries(run)][1:] == [made.key]
    assert len(gallery_embeddings(run, made, 1)) == 3


def test_a_run_without_a_gallery_has_none(run: Run) -> None:
    shutil.rmtree(run.path / "gallery")
    assert open_gallery(run) is None
    assert list_galleries(run) == []


@pytest.mark.parametrize("name", ["items.npz", "pictures.bin", "pictures.npy"])
def test_damage_is_told_with_the_file(run: Run, name: str) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    file = gallery.path / name
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"can't be read|damaged"):
        open_gallery(run)


def test_an_index_of_nothing_is_told_with_the_file(run: Run) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    np.save(gallery.path / "pictures.npy", np.zeros(0, np.int64))
    with pytest.raises(ValueError, match=r"pictures\.npy can't be read"):
        open_gallery(run)
    assert list_galleries(run) == []


def test_a_gallery_must_be_what_it_says(run: Run) -> None:
    data = {"spec": "folder:x"}
    picture = shape("circle", 0, photo=True)
    with pytest.raises(ValueError, match="no photos"):
        build_gallery(run, [], [], data=data)
    with pytest.raises(ValueError, match="same id"):
        build_gallery(run, [("a", "", "", "")] * 2, [picture] * 2, data=data)
    with pytest.raises(ValueError, match="1 pictures were given for 2 photos"):
        build_gallery(run, [("a", "", "", ""), ("b", "", "", "")], [picture], data=data)
    assert sorted(path.name for path in (run.path / "gallery").iterdir()) == [
        gallery_key(run.info["data"])
    ]


def test_embeddings_of_an_epoch_without_weights(run: Run) -> None:
    gallery = open_gallery(run)
    assert gallery is not None
    with pytest.raises(ValueError, match="no weights of epoch 7: kept are 1"):
        gallery_embeddings(run, gallery, 7)
