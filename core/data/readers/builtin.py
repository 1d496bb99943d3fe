"""The built-in set as a source: pictures and drawings that this package renders itself."""

from __future__ import annotations

from core.data.doodles.words import WORDS
from core.data.items import Item, normalise_name
from core.data.readers.listing import Found
from core.data.readers.options import refuse_unknown, whole_number

PHOTOS, SKETCHES = 64, 256
_OPTIONS = ("photos", "sketches", "seed", "words")
# Seeds of photos and sketches lie apart, and so do those of two sets made with different seeds.
_STRIDE = 1_000_000


def read_builtin(source: str, options: dict[str, str]) -> Found:
    """Items of `builtin?photos=64&sketches=256&seed=0&words=cat,star` (counts are per word).

    Item.row is the seed that the picture is rendered with.
    Errors: ValueError for an unknown option or word, or a count below 0.
    """
    refuse_unknown(source, options, _OPTIONS)
    photos = whole_number(source, options, "photos", PHOTOS, 0)
    sketches = whole_number(source, options, "sketches", SKETCHES, 0)
    start = whole_number(source, options, "seed", 0, 0) * _STRIDE
    if photos + sketches == 0:
        raise ValueError(f"'{source}' with photos=0 and sketches=0 holds nothing")
    if max(photos, sketches) > _STRIDE:
        raise ValueError(f"'{source}' makes at most {_STRIDE:,} photos or sketches a word")
    found = Found()
    for word in _words(source, options):
        label = normalise_name(word)
        for number in range(photos):
            name = f"{source}/photo/{label}/{number + 1:04d}"
            found.items.append(Item(name, "photo", label, name, source, "", start + number))
        for number in range(sketches):
            name = f"{source}/sketch/{label}/{number + 1:04d}"
            found.items.append(Item(name, "sketch", label, name, source, "", start + number))
    return found


def word_of(label: str) -> str:
    """The built-in word whose normalised name is `label`."""
    return _BY_LABEL[label]


_BY_LABEL = {normalise_name(word): word for word in WORDS}


def _words(source: str, options: dict[str, str]) -> list[str]:
    if "words" not in options:
        return list(WORDS)
    asked = sorted({normalise_name(word) for word in options["words"].split(",")})
    for label in asked:
        if label not in _BY_LABEL:
            raise ValueError(f"'{source}' has no word '{label}': allowed are {', '.join(WORDS)}")
    return [_BY_LABEL[label] for label in asked]
