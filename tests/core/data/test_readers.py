from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from core.data.classlists import shipped_list
from core.data.decode import decode, strokes_of
from core.data.items import Collection, normalise_name, read_collection
from core.data.readers.sketchy import traced_photo
from core.data.readers.tuberlin import official_name
from tests.core.data.trees import drawing_line, photo, plain_tree, shared, sketch, sketchy_tree


def ids(collection: Collection) -> list[str]:
    return [item.id for item in collection.items]


def kinds(collection: Collection) -> list[str]:
    return [problem.kind for problem in collection.problems]


def test_names_are_compared_without_case_hyphen_and_underscore() -> None:
    assert normalise_name("Hot-air_Balloon") == normalise_name("hot air  balloon")
    assert normalise_name("car_(sedan)") == "car (sedan)"


@pytest.mark.parametrize("name", ["café", "\N{LATIN SMALL LETTER H WITH LINE BELOW}", "ångström"])
def test_an_accent_is_one_name_however_it_is_written(name: str) -> None:
    for form in ("NFC", "NFD"):
        for spelt in (name, name.upper()):
            assert normalise_name(unicodedata.normalize(form, spelt)) == name


def test_folders_of_two_systems_are_one_class(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        photo(tmp_path / "images" / unicodedata.normalize(form, "café") / f"{form}.jpg")
    assert read_collection(f"folder:{tmp_path}").class_names == ("café",)


@pytest.mark.parametrize(
    ("sketch_id", "photo_id"),
    [
        ("sketchy/sketch/cat/n02121620_1039-4", "sketchy/photo/cat/n02121620_1039"),
        ("sketchy#2/sketch/hot air balloon/a-b-1", "sketchy#2/photo/hot air balloon/a-b"),
        ("sketchy/sketch/cat/unnumbered", ""),
        ("folder/sketch/cat/n02121620_1039-4", ""),
        ("sketchyish/sketch/cat/n02121620_1039-4", ""),
    ],
)
def test_only_a_sketch_of_sketchy_names_its_photo(sketch_id: str, photo_id: str) -> None:
    assert traced_photo(sketch_id) == photo_id


def test_sketchy_pairs_sketches_with_the_photo_they_trace(tmp_path: Path) -> None:
    found = read_collection(f"sketchy:{sketchy_tree(tmp_path)}")
    assert (len(found.photos), len(found.sketches)) == (6, 8)
    assert found.class_names == ("cat", "hot air balloon")
    traced = {item.id: item.group for item in found.sketches}
    assert traced["sketchy/sketch/cat/n00000003_10-1"] == "sketchy/photo/cat/n00000003_10"
    assert set(traced.values()) <= {item.id for item in found.photos}


def test_sketchy_under_other_roofs_and_with_ready_folders(tmp_path: Path) -> None:
    first = sketchy_tree(tmp_path / "a")
    expected = ids(read_collection(f"sketchy:{first}"))
    assert ids(read_collection(f"sketchy:{first / '256x256'}")) == expected
    sketchy_tree(tmp_path / "b" / "Sketchy")
    assert ids(read_collection(f"sketchy:{tmp_path / 'b'}")) == expected
    ready = sketchy_tree(tmp_path / "c") / "256x256"
    for name in ("photo", "sketch"):
        (ready / name / "tx_000000000000").rename(ready / name / "tx_000000000000_ready")
        (ready / name).rename(ready / f"{name}_ready")
    assert ids(read_collection(f"sketchy:{tmp_path / 'c'}")) == expected


def test_extended_photos_join_once(tmp_path: Path) -> None:
    root = sketchy_tree(tmp_path)
    photo(root / "EXTEND_image_sketchy" / "hot_air_balloon" / "ext_1.jpg")
    photo(root / "EXTEND_image_sketchy" / "cat" / "n00000003_10.jpg")  # an original again
    found = read_collection(f"sketchy:{root}")
    assert len(found.photos) == 7
    assert "sketchy/photo/hot air balloon/ext_1" in ids(found)
    assert kinds(found) == ["duplicate"]


def test_a_second_rendition_is_told_not_read(tmp_path: Path) -> None:
    root = sketchy_tree(tmp_path)
    photo(root / "256x256" / "photo" / "tx_000100000000" / "cat" / "n00000003_10.jpg")
    found = read_collection(f"sketchy:{root}")
    assert len(found.photos) == 6
    assert kinds(found) == ["duplicate"]


@pytest.mark.parametrize(
    ("sketches", "photos"),
    [("png", "ImageResized"), ("png_ready", "ImageResized_ready"), ("sketches", "images")],
)
def test_tuberlin_mends_photo_folders(tmp_path: Path, sketches: str, photos: str) -> None:
    for name in ("giraffe", "hot air balloon", "t-shirt", "mouse (animal)"):
        sketch(tmp_path / sketches / name / "1.png")
    for name in ("griaffe", "hotairballoon", "tshirt", "mouse"):
        photo(tmp_path / photos / name / "a.JPEG")
    found = read_collection(f"tuberlin:{tmp_path}")
    assert found.class_names == ("giraffe", "hot air balloon", "mouse (animal)", "t shirt")
    for name in found.class_names:
        assert sorted(i.domain for i in found.items if i.label == name) == ["photo", "sketch"]


def test_every_squeezed_tuberlin_name_is_found_again() -> None:
    names = shipped_list("tuberlin250")
    assert len(names) == len(set(names)) == 250
    for name in names:
        assert official_name(name.replace(" ", "").replace("(", "").replace(")", "")) == name
        assert official_name(normalise_name(name.replace(" ", "_"))) == name
    assert official_name("wristwatching") == "wrist watch"
    assert official_name("a class of my own") == "a class of my own"


def test_quickdraw_extended(tmp_path: Path) -> None:
    sketch(tmp_path / "QuickDraw_sketches_final" / "palm tree" / "4503.png")
    photo(tmp_path / "QuickDraw_images_final" / "palm_tree" / "image_00001.jpg")
    found = read_collection(f"quickdraw:{tmp_path}")
    assert ids(found) == [
        "quickdraw/photo/palm tree/image_00001",
        "quickdraw/sketch/palm tree/4503",
    ]


def test_ndjson_keeps_strokes_simplified_and_raw(tmp_path: Path) -> None:
    simplified = [[[0, 255, 255], [0, 0, 128]], [[10, 20], [30, 40]]]
    raw = [[[1.5, 2.5], [3.5, 4.5], [0, 17]]]
    lines = [
        drawing_line("cat", 11, simplified),
        drawing_line("cat", 12, raw),
        drawing_line("cat", 13, simplified, recognised=False),
    ]
    (tmp_path / "cat.ndjson").write_text("".join(lines))
    found = read_collection(f"quickdraw:{tmp_path}")
    assert ids(found) == ["quickdraw/sketch/cat/11", "quickdraw/sketch/cat/12"]
    assert [p.kind for p in found.problems] == ["unrecognised"]
    first, second = (strokes_of(item) for item in found.items)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first[0], [[0, 0], [255, 0], [255, 128]])
    np.testing.assert_array_equal(second[0], [[1.5, 3.5], [2.5, 4.5]])
    assert decode(found.items[0], 32).shape == (32, 32, 1)
    assert len(read_collection(f"quickdraw:{tmp_path}?unrecognised=keep").items) == 3
    assert len(read_collection(f"quickdraw:{tmp_path}?limit=1").items) == 1


def test_bitmaps_are_turned_black_on_white(tmp_path: Path) -> None:
    rows = np.zeros((3, 784), np.uint8)
    rows[:2, 300:320] = 255
    np.save(tmp_path / "full_numpy_bitmap_cat.npy", rows)
    found = read_collection(f"quickdraw:{tmp_path}")
    assert len(found.sketches) == 3
    picture = decode(found.sketches[0], 28, "whole")[..., 0]
    np.testing.assert_array_equal(picture, 255 - rows[0].reshape(28, 28))


def test_bitmaps_beside_strokes_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "cat.npy", np.full((2, 784), 9, np.uint8))
    (tmp_path / "cat.ndjson").write_text(drawing_line("cat", 1, [[[0, 9], [0, 9]]]))
    found = read_collection(f"quickdraw:{tmp_path}")
    assert len(found.sketches) == 1
    assert kinds(found) == ["duplicate"]


def test_a_pickled_npy_runs_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "cat.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="nothing of Quick, Draw!"):
        read_collection(f"quickdraw:{tmp_path}")


def test_plain_folders_in_either_case_of_suffix(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.JPEG", "c.png", "d.WEBP", "e.bmp"):
        photo(tmp_path / "images" / "cat" / name)
    sketch(tmp_path / "sketches" / "Cat" / "a.PNG")
    (tmp_path / "images" / "cat" / "notes.pdf").write_text("not a picture")
    found = read_collection(f"folder:{tmp_path}")
    assert (len(found.photos), len(found.sketches)) == (5, 1)
    assert found.class_names == ("cat",)
    assert kinds(found) == ["ignored"]


def test_photos_alone_are_a_gallery(tmp_path: Path) -> None:
    photo(tmp_path / "holiday.jpg")
    photo(tmp_path / "beach" / "deep" / "one.jpg")
    (tmp_path / "list.csv").write_text("a,b")
    found = read_collection(f"folder:{tmp_path}")
    assert ids(found) == ["folder/photo/beach/deep/one", "folder/photo/photo/holiday"]
    assert kinds(found) == ["ignored"]


def test_names_that_clash_are_told_apart_whatever_the_order(tmp_path: Path) -> None:
    photo(tmp_path / "images" / "palm tree" / "a.jpg")
    photo(tmp_path / "images" / "palm_tree" / "a.jpg")
    photo(tmp_path / "images" / "palm tree" / "a.png")
    found = read_collection(f"folder:{tmp_path}")
    assert len(set(ids(found))) == 3
    assert found.class_names == ("palm tree",)


def test_combined_sets_share_one_vocabulary(tmp_path: Path) -> None:
    one = sketchy_tree(tmp_path / "one+more", ("cat", "hot-air_balloon"))
    two = plain_tree(tmp_path / "two", ("Hot_Air-balloon", "zebra"), 1)
    found = read_collection(f"sketchy:{one}+folder:{two}+folder:{two}")
    assert found.class_names == ("cat", "hot air balloon", "zebra")
    balloons = {item.source for item in found.items if item.label == "hot air balloon"}
    assert balloons == {"sketchy", "folder", "folder#2"}


def test_builtin_options() -> None:
    found = read_collection("builtin?photos=2&sketches=3&words=cat,hot air balloon&seed=4")
    assert (len(found.photos), len(found.sketches)) == (4, 6)
    assert ids(found)[0] == "builtin/photo/cat/0001"
    other = read_collection("builtin?photos=2&sketches=3&words=cat,hot air balloon&seed=5")
    assert not {item.row for item in found.items} & {item.row for item in other.items}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("flickr:there", "unknown data 'flickr:there'.*sketchy:PATH"),
        ("sketchy:{root}+flickr:x", "unknown data 'flickr:x'"),
        ("sketchy", "lacks a folder"),
        ("sketchy:{root}/nowhere", "does not exist"),
        ("sketchy:{root}", "looked for .*256x256"),
        ("tuberlin:{root}", "looked for png/CLASS"),
        ("quickdraw:{root}", "looked for QuickDraw_sketches_final"),
        ("folder:{root}", "looked for images/CLASS"),
        ("builtin?colour=red", "no option 'colour'.*photos"),
        ("builtin?photos=many", "whole number"),
        ("builtin?words=unicorn", "no word 'unicorn'.*cat"),
        ("builtin:x", "takes none"),
        ("quickdraw:{root}?unrecognised=maybe", "allowed are keep, drop"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, spec: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        read_collection(spec.format(root=tmp_path))
    assert "\n" not in str(raised.value)


def test_real_sketchy() -> None:
    found = read_collection(f"sketchy:{shared('data', 'sketchy-mini')}")
    assert (len(found.class_names), len(found.photos), len(found.sketches)) == (125, 2375, 2639)
    assert not found.problems
    photos = {item.id for item in found.photos}
    assert all(item.group in photos for item in found.sketches)


def test_real_quickdraw() -> None:
    found = read_collection(f"quickdraw:{shared('data', 'quickdraw-mini')}")
    assert len(found.class_names) == 344
    strokes = strokes_of(found.sketches[0])
    assert strokes
    assert all(s.min() >= 0 and s.max() <= 255 for s in strokes)
