import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from core import words
from core.words import compute_word_vectors, read_word_vectors, write_word_vectors

NAMES = ["alarm clock", "cat", "t-shirt", "wine", "glass"]
VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3)


@pytest.fixture
def words_file(tmp_path: Path) -> Path:
    write_word_vectors(tmp_path / "words.npz", NAMES, VECTORS)
    return tmp_path / "words.npz"


def test_vectors_come_in_the_order_of_the_names(words_file: Path) -> None:
    vectors = read_word_vectors(words_file, ["cat", "alarm clock"])
    assert vectors.dtype == torch.float32
    assert vectors.tolist() == [[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]


def test_spelling_variants_and_compound_names(words_file: Path) -> None:
    vectors = read_word_vectors(words_file, ["Alarm_Clock", "T shirt", "wine-glass"])
    assert vectors[0].tolist() == VECTORS[0].tolist()
    assert vectors[1].tolist() == VECTORS[2].tolist()
    assert vectors[2].tolist() == ((VECTORS[3] + VECTORS[4]) / 2).tolist()


def test_all_missing_names_are_listed(words_file: Path) -> None:
    with pytest.raises(ValueError, match="no vectors for: dog, wine bottle"):
        read_word_vectors(words_file, ["cat", "dog", "wine bottle"])
    with pytest.raises(ValueError, match="no class names"):
        read_word_vectors(words_file, [])


def test_files_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with pytest.raises(ValueError, match="does not exist"):
        read_word_vectors(path, ["cat"])
    path.write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"must be an \.npz"):
        read_word_vectors(path, ["cat"])
    np.savez(path, words=np.array(["cat"], dtype=object), vectors=VECTORS[:1])  # a pickle inside
    with pytest.raises(ValueError, match=r"must be an \.npz"):
        read_word_vectors(path, ["cat"])
    np.savez(path, vectors=VECTORS)
    with pytest.raises(ValueError, match=r"must be an \.npz"):
        read_word_vectors(path, ["cat"])
    np.savez(path, words=np.array(["cat", "dog"]), vectors=VECTORS)
    with pytest.raises(ValueError, match="expected"):
        read_word_vectors(path, ["cat"])
    np.savez(path, words=np.array(["cat"]), vectors=np.array([[np.nan, 1.0]]))
    with pytest.raises(ValueError, match="not finite"):
        read_word_vectors(path, ["cat"])


def test_writing_checks_the_counts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"2 words do not fit vectors of shape \(5, 3\)"):
        write_word_vectors(tmp_path / "w.npz", ["a", "b"], VECTORS)


def test_an_encoder_is_asked_once_for_plain_names() -> None:
    asked: list[list[str]] = []

    def encoder(sentences: list[str]) -> np.ndarray:
        asked.append(sentences)
        return np.ones((len(sentences), 4))

    vectors = compute_word_vectors(["Alarm_Clock", "t-shirt"], encoder)
    assert asked == [["alarm clock", "t shirt"]]
    assert vectors.shape == (2, 4)
    assert vectors.dtype == torch.float32
    with pytest.raises(ValueError, match=r"gave shape \(1, 4\) for 2 names"):
        compute_word_vectors(["a", "b"], lambda _: np.ones((1, 4)))


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"pip install 'sketchy\[words\]'"):
        compute_word_vectors(["cat"])


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec(words._MODEL_PACKAGE) is None,
    reason="the extra words is not installed",
)
def test_the_installed_encoder_knows_what_is_alike() -> None:
    vectors = compute_word_vectors(["cat", "tiger", "airplane", "helicopter"])
    alike = torch.nn.functional.cosine_similarity(vectors[:, None], vectors[None], dim=2)
    assert vectors.shape == (4, 384)
    assert alike[0, 1] > alike[0, 2:].max()
    assert alike[2, 3] > alike[2, :2].max()
