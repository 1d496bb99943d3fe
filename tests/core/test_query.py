"""One way to query: pictures of any kind in, the same answer for the same drawing out."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.decode import decode
from core.data.items import read_collection
from core.gallery import open_gallery
from core.query import LARGEST_SIDE, Searcher, decode_picture, open_picture, prepare_sketch, query
from core.runs import Run
from tests.made_run import CLASSES, PER_CLASS, SIZE, shape, write_run

pytest.importorskip("core.retrieval")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("queried") / "shapes", epochs=1)


@pytest.fixture(scope="module")
def searcher(run: Run) -> Searcher:
    gallery = open_gallery(run)
    assert gallery is not None
    return Searcher(run, 1, gallery)


def test_results_are_the_nearest_in_order(searcher: Searcher) -> None:
    sketch = shape("square", 7, photo=False)
    answer = searcher.search(sketch, 5)
    embedding, _ = searcher.encode(sketch)
    # Embeddings are kept in half precision, so that their lengths are 1 only nearly: the cosine
    # divides by them.
    kept = searcher.embeddings.astype(np.float64)
    scores = kept @ embedding / np.linalg.norm(kept, axis=1)
    expected = np.argsort(-scores, kind="stable")[:5]
    assert [result.index for result in answer.results] == expected.tolist()
    np.testing.assert_allclose([r.score for r in answer.results], scores[expected], atol=1e-5)
    labels = [str(searcher.gallery.labels[row]) for row in expected]
    assert [result.label for result in answer.results] == labels
    assert answer.results[0].path == searcher.gallery.ids[expected[0]]
    assert answer.searched == len(CLASSES) * PER_CLASS
    assert answer.attention.sum() == pytest.approx(1, abs=1e-4)


def test_only_the_rows_asked_for_are_searched(searcher: Searcher) -> None:
    sketch = np.full((SIZE, SIZE), 255, np.uint8)
    every = searcher.search(sketch, 1000)
    order = [result.index for result in every.results]
    rows = np.array(sorted(order[1::2]))
    found = searcher.search(sketch, 1000, among=rows)
    assert [result.index for result in found.results] == order[1::2]
    assert found.searched == len(rows)
    label = every.results[1].label
    both = searcher.search(sketch, 1000, [label], among=rows)
    assert [r.index for r in both.results] == [r.index for r in found.results if r.label == label]


def test_a_filter_searches_only_those_classes(searcher: Searcher) -> None:
    sketch = shape("square", 7, photo=False)
    answer = searcher.search(sketch, 50, ["circle"])
    assert {result.label for result in answer.results} == {"circle"}
    assert len(answer.results) == answer.searched == PER_CLASS
    everything = [r for r in searcher.search(sketch, 50).results if r.label == "circle"]
    assert [r.index for r in answer.results] == [r.index for r in everything]
    with pytest.raises(ValueError, match="no photo of the gallery is a 'zebra'"):
        searcher.search(sketch, 5, ["zebra"])
    with pytest.raises(ValueError, match="k is 0"):
        searcher.search(sketch, 0)


def test_strokes_and_their_picture_ask_the_same(run: Run, searcher: Searcher) -> None:
    stroke = np.array([[10, 10], [90, 10], [90, 90], [10, 90], [10, 10]], np.float32)
    canvas = Image.new("L", (600, 600), 255)
    pen = Image.fromarray(prepare_sketch([stroke], 300))
    canvas.paste(pen, (250, 40))
    from_strokes = prepare_sketch([stroke], SIZE)
    from_picture = prepare_sketch(np.asarray(canvas), SIZE)
    assert np.abs(from_strokes.astype(float) - from_picture).mean() < 12
    first = query(run, 1, searcher.gallery, [stroke], 3)
    assert [r.index for r in first.results] == [
        r.index for r in searcher.search(from_strokes, 3).results
    ]


def test_photo_attention_is_a_map_for_each(searcher: Searcher) -> None:
    maps = searcher.photo_attention([3, 1])
    assert maps.shape[0] == 2
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), 1, atol=1e-4)
    np.testing.assert_allclose(maps[1], searcher.photo_attention([1])[0], atol=1e-5)


def test_an_empty_drawing_is_said_to_be_empty() -> None:
    with pytest.raises(ValueError, match="the drawing is empty"):
        prepare_sketch([], SIZE)
    with pytest.raises(ValueError, match="the drawing is empty"):
        prepare_sketch(np.full((50, 50), 255, np.uint8), SIZE)


def test_pictures_are_upright_and_on_white_paper(tmp_path: Path) -> None:
    drawn = np.zeros((20, 40, 4), np.uint8)
    drawn[:5, :5] = (0, 0, 0, 255)
    Image.fromarray(drawn).save(tmp_path / "clear.png")
    grey = open_picture(tmp_path / "clear.png")
    assert grey.shape == (20, 40)
    assert grey[0, 0] == 0
    assert grey[10, 20] == 255
    turned = Image.fromarray(np.full((20, 40), 200, np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert open_picture(tmp_path / "turned.jpg").shape == (40, 20)


def _deep(grey: np.ndarray, order: str = "<") -> Image.Image:
    """A grey picture in 16 bits, all of it brighter than 255."""
    deep = (20_000 + grey.astype(np.uint32) * 160).astype(f"{order}u2")
    return Image.frombytes("I;16B" if order == ">" else "I;16", grey.shape[::-1], deep.tobytes())


@pytest.mark.parametrize("kind", ["16 bits", "1 bit", "palette", "clear", "colour.jpg"])
def test_a_picture_is_read_as_training_reads_it(tmp_path: Path, kind: str) -> None:
    grey = shape("square", 3, photo=False, size=200)
    image = Image.fromarray(grey)
    made = {
        "16 bits": _deep(grey),
        "1 bit": image.convert("1"),
        "palette": image.convert("P"),
        "clear": Image.merge("LA", (Image.new("L", image.size), Image.fromarray(255 - grey))),
        "colour.jpg": Image.fromarray(shape("square", 3, photo=True, size=200)),
    }[kind]
    path = tmp_path / "sketches" / "square" / (kind if kind.endswith("jpg") else f"{kind}.png")
    path.parent.mkdir(parents=True)
    made.save(path)
    (item,) = read_collection(f"folder:{tmp_path}").items
    asked = prepare_sketch(open_picture(path), SIZE)
    np.testing.assert_array_equal(asked, decode(item, SIZE)[..., 0])


@pytest.mark.parametrize("kind", ["1 bit", "palette", "16 bits", "16 bits, big end first"])
def test_a_large_scan_is_averaged_down(kind: str) -> None:
    side = 5 * LARGEST_SIDE
    grey = np.full((side // 2, side), 255, np.uint8)
    grey[::5] = 0
    made = {
        "1 bit": lambda: Image.fromarray(grey).convert("1"),
        "palette": lambda: Image.fromarray(grey).convert("P"),
        "16 bits": lambda: _deep(grey),
        "16 bits, big end first": lambda: _deep(grey, ">"),
    }[kind]()
    buffer = io.BytesIO()
    made.save(buffer, "TIFF")
    found = decode_picture(buffer.getvalue(), "scan.tif")
    assert found.shape == (LARGEST_SIDE // 2, LARGEST_SIDE)
    paper, ink = (255, 0) if kind in ("1 bit", "palette") else (60_800 / 257, 20_000 / 257)
    assert np.abs(found[2:-2].astype(float) - (paper * 4 + ink) / 5).max() < 3


def _png(size: int = 64) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (size, size), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (_png()[:500], "is damaged"),
        (b"not an image at all", "is not an image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "damaged|not an image"),
        (b"GIF89a", "damaged|not an image"),
        (b"P5 2 2 255\n\0\0\0\0", "is not an image that can be read: allowed are JPEG, PNG"),
    ],
)
def test_a_file_that_is_no_picture_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "drawing.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=told) as caught:
        open_picture(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.png does not exist"):
        open_picture(tmp_path / "nowhere.png")
    with pytest.raises(ValueError, match="is a folder"):
        open_picture(tmp_path)


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    buffer = io.BytesIO()
    Image.new("1", (12000, 12000)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="too large"):
        decode_picture(buffer.getvalue(), "huge.png")
