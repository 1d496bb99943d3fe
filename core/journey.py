"""One sketch through training: what every epoch that kept its weights makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.strokes import Gray
from core.runs import Run


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one epoch makes of the sketch."""

    epoch: int
    """The epoch."""
    embedding: npt.NDArray[np.float32]
    """(D,) the sketch's embedding."""
    attention: npt.NDArray[np.float32]
    """(h, w) where the sketch encoder looked; sums to 1."""
    found: npt.NDArray[np.int64]
    """(k,) positions in the probe of the nearest photos, best first."""
    scores: npt.NDArray[np.float32]
    """(k,) their similarities."""


def journey(run: Run, sketch: Gray, *, epochs: Sequence[int], k: int = 10) -> Iterator[Step]:
    """The steps of a prepared sketch (S, S) at `epochs`, in their order, each made when asked for.

    It searches the probe's photos: their embeddings are kept for every epoch, so that nothing but
    the sketch is embedded.

    Raises:
        ValueError: an epoch without weights, or a sketch of another size than the model takes.
    """
    import torch

    from core.evaluate import distance_of
    from core.gallery import image_size
    from core.retrieval import Index

    if sketch.shape != (image_size(run), image_size(run)):
        raise ValueError(f"a sketch of {sketch.shape} was given to a model of {image_size(run)} px")
    photos = np.flatnonzero(run.probe().is_photo)
    batch = torch.from_numpy(np.array(sketch))[None, None]
    for epoch in epochs:
        encoders = run.encoders(epoch)
        with torch.inference_mode():
            output = encoders.sketch(batch)
        embedding = output.embedding_BD[0].float().numpy()
        index = Index(run.replay(epoch).embeddings[photos], distance=distance_of(encoders.config))
        hits = index.search(embedding[None], min(k, len(photos)))
        yield Step(
            epoch=epoch,
            embedding=embedding,
            attention=output.attention_BHW[0].float().numpy(),
            found=photos[np.asarray(hits.indices[0])].astype(np.int64),
            scores=np.asarray(hits.scores[0], np.float32),
        )
