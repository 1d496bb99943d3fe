"""Whatever lies in a stranger's folder: nothing crashes, nothing is lost without a word."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.decode import FRAMINGS, BrokenItem, Framing, decode
from core.data.items import Collection, read_collection
from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from tests.core.data.trees import drawing_line, photo, plain_tree, sketch

RED = (200, 30, 20)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def halves(left: tuple[int, ...], right: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (20, 20), left)
    image.paste(right, (10, 0, 20, 20))
    return image


def rotated() -> bytes:
    """Stored lying on its side; EXIF says to turn it so that red is on top."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(halves(RED, (0, 0, 255)), "JPEG", exif=exif, quality=95)


def deep() -> bytes:
    values = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    return encoded(Image.fromarray(values), "PNG")


NOISE = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
JPEG = encoded(Image.fromarray(NOISE), "JPEG")
PNG = encoded(Image.fromarray(NOISE), "PNG")
GOOD: dict[str, Callable[[], bytes]] = {
    "cmyk.jpg": lambda: encoded(halves(RED, (0, 90, 0)).convert("CMYK"), "JPEG"),
    "palette.png": lambda: encoded(halves(RED, (0, 90, 0)).convert("P"), "PNG"),
    "grey.jpg": lambda: encoded(Image.fromarray(NOISE).convert("L"), "JPEG"),
    "bits.png": lambda: encoded(Image.fromarray(NOISE).convert("1"), "PNG"),
    "alpha.png": lambda: encoded(halves((*RED, 255), (0, 0, 0, 0), "RGBA"), "PNG"),
    "greyalpha.png": lambda: encoded(halves((10, 255), (0, 0), "LA"), "PNG"),
    "deep.png": deep,
    "rotated.jpg": rotated,
    "strip.png": lambda: encoded(Image.fromarray(np.tile(NOISE[:20], (1, 500, 1))), "PNG"),
    "a_png_by_content.jpg": lambda: PNG,
    "UPPER.JPEG": lambda: JPEG,
}
BAD: dict[str, tuple[str, bytes]] = {
    "nothing.jpg": ("empty", b""),
    "text.jpg": ("damaged", b"this is a letter, not a picture"),
    "html.png": ("damaged", b"<html><body>404</body></html>"),
    "cut.jpg": ("damaged", JPEG[: len(JPEG) // 2]),
    "cut.png": ("damaged", PNG[: len(PNG) // 2]),
    "head.jpg": ("damaged", JPEG[:20]),
    "dot.png": ("empty", encoded(Image.new("RGB", (1, 1), RED), "PNG")),
    "plain.png": ("empty", encoded(Image.new("RGB", (30, 30), RED), "PNG")),
    "bomb.png": ("damaged", encoded(Image.new("1", (16_000, 12_000)), "PNG")),
}


def item_at(root: Path, name: str) -> Collection:
    collection = read_collection(f"folder:{root}")
    assert [Path(item.path).name for item in collection.items] == [name]
    return collection


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_whole_pictures_decode(tmp_path: Path, name: str) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / name).write_bytes(GOOD[name]())
    (item,) = item_at(tmp_path, name).items
    assert decode(item, 16).shape == (16, 16, 3)


def test_colours_come_out_right(tmp_path: Path) -> None:
    made = {}
    for name in ("cmyk.jpg", "palette.png", "alpha.png", "rotated.jpg", "deep.png"):
        folder = tmp_path / name
        (folder / "cat").mkdir(parents=True)
        (folder / "cat" / name).write_bytes(GOOD[name]())
        made[name] = decode(item_at(folder, name).items[0], 20).astype(int)
    for name in ("cmyk.jpg", "palette.png", "alpha.png"):
        assert np.abs(made[name][10, 3] - RED).max() < 40, name
    assert (made["alpha.png"][10, 16] == 255).all()  # transparent is white, not black
    top, bottom = made["rotated.jpg"][3, 10], made["rotated.jpg"][16, 10]
    assert top[0] > 150 > bottom[0]
    assert bottom[2] > 150 > top[2]
    rows = made["deep.png"][:, :, 0].mean(1)  # 16 bits are scaled, not cut off at 255
    assert rows[0] < 20
    assert 110 < rows[10] < 145
    assert rows[-1] > 235


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_strip_of_a_sketch_stays_small(tmp_path: Path, framing: Framing) -> None:
    sheet = np.full((20, 20_000), 255, np.uint8)
    sheet[8:12, 40:-40] = 0
    (tmp_path / "sketches" / "cat").mkdir(parents=True)
    Image.fromarray(sheet).save(tmp_path / "sketches" / "cat" / "strip.png")
    made = decode(item_at(tmp_path, "strip.png").items[0], 32, framing)
    assert made.shape == (32, 32, 1)
    assert made.min() < 240


@pytest.mark.parametrize("name", BAD)
def test_broken_pictures_are_named(tmp_path: Path, name: str) -> None:
    kind, content = BAD[name]
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / name).write_bytes(content)
    (item,) = item_at(tmp_path, name).items
    with pytest.raises(BrokenItem) as raised:
        decode(item, 16)
    assert raised.value.kind == kind
    assert "\n" not in str(raised.value)


def test_a_damaged_tree_is_packed_and_every_item_accounted_for(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", count=3)
    for name, (_, content) in BAD.items():
        (root / "images" / "cat" / name).write_bytes(content)
    for name, make in GOOD.items():
        (root / "images" / "dog" / name).write_bytes(make())
    strange = os.fsencode(root / "images" / "cat") + b"/caf\xe9.png"
    with open(strange, "wb") as file:
        file.write(PNG)
    with open(os.fsencode(root / "images" / "cat") + b"/\xff\xfe.jpg", "wb") as file:
        file.write(b"bad")
    (root / "images" / "dog" / "loop").symlink_to(root / "images")
    (root / "images" / "dog" / "self").symlink_to(root / "images" / "dog" / "self")
    (root / "images" / "dog" / "nowhere.jpg").symlink_to(root / "gone.jpg")
    os.mkfifo(root / "images" / "dog" / "pipe.jpg")
    (root / "sketches" / "cat" / "readme").write_text("no suffix")

    found = read_collection(f"folder:{root}")
    pack = open_or_build_pack(found, 16, progress=False, cache=tmp_path / "c")
    assert len(pack.photos) == 6 + len(GOOD) + 1
    assert len(pack.sketches) == 6
    told = {Path(problem.path).name: problem.kind for problem in pack.problems}
    assert told == {
        **{name: kind for name, (kind, _) in BAD.items()},
        r"\xff\xfe.jpg": "damaged",
        "loop": "loop",
        "self": "loop",
        "nowhere.jpg": "unreadable",
        "pipe.jpg": "ignored",
        "readme": "ignored",
    }
    assert len(pack.collection.items) + len(pack.collection.lost) == len(found.items)
    (odd,) = (item for item in pack.collection.items if item.id.endswith(r"caf\xe9"))
    assert decode(odd, 16).shape == (16, 16, 3)
    split_collection(pack.collection, "seen")


def test_a_link_to_a_folder_above_brings_no_wrong_labels(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", count=2)
    (root / "images" / "cat" / "up").symlink_to(root / "images")
    (root / "images" / "up").symlink_to(root)
    found = read_collection(f"folder:{root}")
    assert len(found.photos) == 4
    assert [problem.kind for problem in found.problems] == ["loop", "loop"]


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plain_tree(tmp_path / "d", count=2)
    listed = os.scandir

    def refuse(folder):
        # As root a folder without permissions can still be read, so the system's answer is made up.
        if Path(folder).name == "dog":
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = read_collection(f"folder:{root}")
    assert found.class_names == ("cat",)
    assert {problem.kind for problem in found.problems} == {"unreadable"}
    assert {Path(problem.path).name for problem in found.problems} == {"dog"}


def test_a_file_that_vanishes_or_is_locked_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_tree(tmp_path, count=1)
    item = read_collection(f"folder:{tmp_path}").photos[0]

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Image, "open", refuse)
        with pytest.raises(BrokenItem, match="Permission denied") as raised:
            decode(item, 16)
    assert raised.value.kind == "unreadable"
    Path(item.path).unlink()
    with pytest.raises(BrokenItem, match="gone") as raised:
        decode(item, 16)
    assert raised.value.kind == "unreadable"


def test_broken_drawings_are_named(tmp_path: Path) -> None:
    whole = drawing_line("cat", 1, [[[0, 9, 4], [0, 9, 1]]])
    lines = [
        whole,
        drawing_line("cat", 2, []),
        drawing_line("cat", 3, [[[1, 2], [1]]]),
        drawing_line("cat", 4, "scribble"),
        drawing_line("cat", 5, [[["a"], ["b"]]]),
        drawing_line("cat", 6, [[[float("nan")], [1.0]]]),
        drawing_line("cat", 9, [[[0, 10**400], [0, 9]]]),
        '{"key_id": "7", "word": "cat"}\n',
        "not json at all\n",
        whole,
        drawing_line("cat", 8, [[[0, 9], [0, 9]]])[:40],
    ]
    (tmp_path / "cat.ndjson").write_text("".join(lines))
    (tmp_path / "dog.ndjson").write_text("")
    found = read_collection(f"quickdraw:{tmp_path}")
    pack = open_or_build_pack(found, 16, progress=False, cache=tmp_path / "c")
    assert [item.id for item in pack.collection.items] == ["quickdraw/sketch/cat/1"]
    kinds = sorted(problem.kind for problem in pack.problems)
    assert kinds == ["damaged"] * 8 + ["duplicate", "empty", "empty"]
    assert all(f"{tmp_path}" in problem.path for problem in pack.problems)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([JPEG, PNG, *(made() for name, made in GOOD.items() if name != "strip.png")]),
    st.integers(0, 2**32),
    st.sampled_from(["flip", "cut", "insert", "zero"]),
)
def test_bytes_gone_wrong_never_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, seed: int, how: str
) -> None:
    dice = random.Random(seed)
    data = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        if how == "flip":
            data[at] ^= 1 << dice.randrange(8)
        elif how == "cut":
            del data[max(at, 1) :]
        elif how == "insert":
            data[at:at] = dice.randbytes(5)
        else:
            data[at : at + 20] = bytes(len(data[at : at + 20]))
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / "images" / "cat" / f"x{dice.choice(['.jpg', '.png'])}"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    sheet = folder / "sketches" / "cat" / "x.png"
    sheet.parent.mkdir(parents=True)
    sheet.write_bytes(data)
    collection = read_collection(f"folder:{folder}")
    assert len(collection.items) == 2
    kinds: list[str] = []
    for item in collection.items:
        for framing in FRAMINGS:
            try:
                made = decode(item, 16, framing)
                assert made.dtype == np.uint8
                assert made.shape == (16, 16, 3 if item.domain == "photo" else 1)
            except BrokenItem as error:
                kinds.append(error.kind)
    assert set(kinds) <= {"damaged", "empty", "unreadable"}


def test_helpers_make_pictures_that_decode(tmp_path: Path) -> None:
    photo(tmp_path / "images" / "cat" / "a.jpg")
    sketch(tmp_path / "sketches" / "cat" / "a.png")
    for item in read_collection(f"folder:{tmp_path}").items:
        assert decode(item, 12).std() > 0
