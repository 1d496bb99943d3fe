"""Ask a run for the photos closest to one sketch: the same way from the command line and a page."""

import io
import time
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

# Private there: a public name would change the file, and with it the name of every pack.
from core.data.decode import _FORMATS, _eight_bit, _on_white
from core.data.strokes import Gray, Strokes, fit_strokes, frame_ink, rasterise
from core.gallery import Gallery, gallery_embeddings, image_size, photo_batch
from core.gallery.embeddings import Pixels
from core.gallery.store import Progress
from core.runs import Run

if TYPE_CHECKING:
    from core.models.encoder import TwoEncoders
    from core.retrieval import Index

LARGEST_SIDE = 1024
"""A picture of a sketch is reduced to this side before its ink is looked for."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One photo that was found."""

    index: int
    """Its row in the gallery, and its picture's."""
    label: str
    """Its class name; empty where it is not known."""
    score: float
    """Similarity, higher is closer; 1 is the most that a cosine can be."""
    path: str
    """The file it came from, or its id where no file stands behind it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a run makes of one sketch."""

    results: tuple[Result, ...]
    """The photos found, best first; fewer than asked for where the gallery is smaller."""
    sketch: Gray
    """(S, S) the sketch as the encoder saw it, black on white."""
    attention: npt.NDArray[np.float32]
    """(h, w) where the sketch encoder looked; sums to 1."""
    embedding: npt.NDArray[np.float32]
    """(D,) the sketch's embedding."""
    searched: int
    """Photos that were searched, after the filter by class."""
    seconds: float
    """Time for encoding and searching."""


def open_picture(path: Path) -> Gray:
    """A picture file as grey (H, W) uint8, upright, transparency on white, as training reads it.

    Larger ones are reduced to `LARGEST_SIDE`.

    Raises:
        ValueError: the file is missing, empty, truncated or no image; the message names it.
    """
    if path.is_dir():
        raise ValueError(f"picture {path} is a folder")
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ValueError(f"picture {path} does not exist") from error
    except OSError as error:
        raise ValueError(f"picture {path} can't be read: {error.strerror}") from error
    return decode_picture(content, str(path))


def decode_picture(content: bytes, name: str) -> Gray:
    """As `open_picture`, from a file's content; `name` is what errors call it."""
    if not content:
        raise ValueError(f"picture {name} is empty")
    try:
        with warnings.catch_warnings():
            # A picture of hundreds of megapixels is refused, not decoded with a warning.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
                image.load()
                shades = _shades(ImageOps.exif_transpose(image))
        # In one step: Pillow's faster first one can't take 16 bits.
        shades.thumbnail((LARGEST_SIDE, LARGEST_SIDE), reducing_gap=None)
        return np.asarray(_on_white(_eight_bit(shades)).convert("L"))
    except UnidentifiedImageError as error:
        allowed = ", ".join(_FORMATS)
        raise ValueError(
            f"picture {name} is not an image that can be read: allowed are {allowed}"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"picture {name} is too large to be opened safely") from error
    except Exception as error:  # a stranger's file can make a decoder raise anything
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"picture {name} is damaged: {reason}") from error


def _shades(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged: of bits and palettes one would be taken."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image)  # in this machine's order of bytes: Pillow garbles the other
        return Image.fromarray(values.astype(values.dtype.newbyteorder("=")))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L") if image.mode in ("1", "P") else image


def prepare_sketch(drawing: Strokes | Gray, size: int) -> Gray:
    """A drawing framed as the sketches of training are: (size, size) uint8, black on white.

    drawing: strokes in any units, or a grey picture (H, W). Raises ValueError("the drawing is
    empty") where there is nothing drawn.
    """
    if isinstance(drawing, np.ndarray):
        return frame_ink(drawing, size)
    fitted = fit_strokes(drawing)
    if not fitted:
        raise ValueError("the drawing is empty")
    return rasterise(fitted, size)


class Searcher:
    """The encoders of one epoch over one gallery, loaded and ready to answer.

    Args:
        run: the run.
        epoch: an epoch that kept its weights.
        gallery: where to search; its embeddings are computed now if they are not kept yet.
        encoders: the encoders of that epoch where they are loaded already.
        pixels: as `gallery_embeddings` takes them.
        progress: as `gallery_embeddings` takes it.
    """

    def __init__(
        self,
        run: Run,
        epoch: int,
        gallery: Gallery,
        *,
        encoders: "TwoEncoders | None" = None,
        pixels: Pixels | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.gallery = gallery
        self.size = image_size(run)
        self.encoders = encoders if encoders is not None else run.encoders(epoch)
        kept = gallery_embeddings(
            run, gallery, epoch, encoders=self.encoders, pixels=pixels, progress=progress
        )
        self.embeddings = np.asarray(kept, dtype=np.float32)
        self._index = self._index_of(self.embeddings)

    def encode(self, sketch: Gray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The embedding (D,) and the attention (h, w) of a prepared sketch (S, S)."""
        import torch

        if sketch.shape != (self.size, self.size):
            raise ValueError(f"a sketch of {sketch.shape} was given to a model of {self.size} px")
        with torch.inference_mode():
            output = self.encoders.sketch(torch.from_numpy(np.array(sketch))[None, None])
        return output.embedding_BD[0].numpy(), output.attention_BHW[0].numpy()

    def search(
        self,
        sketch: Gray,
        k: int,
        classes: Collection[str] | None = None,
        *,
        among: npt.NDArray[np.intp] | None = None,
    ) -> Answer:
        """The k closest photos to a prepared sketch.

        Args:
            sketch: the sketch (S, S).
            k: photos wanted; fewer come where fewer are searched.
            classes: the only classes searched, where some are given.
            among: the only rows of the gallery searched, ascending or not; all if None.

        Raises:
            ValueError: k below 1, or a class that the gallery does not have.
        """
        if k < 1:
            raise ValueError(f"k is {k}; it must be at least 1")
        start = time.perf_counter()
        embedding, attention = self.encode(sketch)
        index, rows = self._restricted(classes, among)
        hits = index.search(embedding[None], min(k, len(rows)))
        found = zip(rows[np.asarray(hits.indices[0])], np.asarray(hits.scores[0]), strict=True)
        return Answer(
            results=tuple(self._result(int(row), float(score)) for row, score in found),
            sketch=sketch,
            attention=attention,
            embedding=embedding,
            searched=len(rows),
            seconds=time.perf_counter() - start,
        )

    def photo_attention(self, indices: Sequence[int]) -> npt.NDArray[np.float32]:
        """Where the photo encoder looks in photos of the gallery: (len(indices), h, w)."""
        import torch

        batch = photo_batch((self.gallery.pictures.pixels(i) for i in indices), self.size)
        with torch.inference_mode():
            return self.encoders.photo(torch.from_numpy(batch)).attention_BHW.numpy()

    def _index_of(self, embeddings: npt.NDArray[np.float32]) -> "Index":
        # Imported late, as torch is: a page that only frames a drawing does not wait for it.
        from core.evaluate import distance_of
        from core.retrieval import Index

        return Index(embeddings, distance=distance_of(self.encoders.config))

    def _restricted(
        self, classes: Collection[str] | None, among: npt.NDArray[np.intp] | None
    ) -> tuple["Index", npt.NDArray[np.intp]]:
        rows = np.arange(len(self.gallery)) if among is None else among
        if classes:
            unknown = sorted(set(classes) - set(self.gallery.classes))
            if unknown:
                raise ValueError(f"no photo of the gallery is a {unknown[0]!r}")
            rows = rows[np.isin(self.gallery.labels[rows], sorted(classes))]
        if not classes and among is None:
            return self._index, rows
        return self._index_of(self.embeddings[rows]), rows

    def _result(self, row: int, score: float) -> Result:
        gallery = self.gallery
        path = str(gallery.paths[row]) or str(gallery.ids[row])
        return Result(index=row, label=str(gallery.labels[row]), score=score, path=path)


def query(
    run: Run,
    epoch: int,
    gallery: Gallery,
    drawing: Strokes | Gray,
    k: int = 8,
    classes: Collection[str] | None = None,
) -> Answer:
    """One question from start to end; `Searcher` keeps what several questions share."""
    searcher = Searcher(run, epoch, gallery)
    return searcher.search(prepare_sketch(drawing, searcher.size), k, classes)
