"""The only way to score: embed the queries and the gallery of a split, then rank.

Shape suffixes: N items, D embedding width.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.distributed as dist

from core.data.augment import resized
from core.data.packs import Pack
from core.data.splits import Splits
from core.distributed import rank, world_size
from core.metrics import Distance, RetrievalMetrics, retrieval_metrics, usable_ks
from core.models.encoder import Encoder, EncoderConfig, TwoEncoders

KS = (1, 5, 10, 50, 100, 200)
CONFUSION_K = 10
"""Photos per query whose classes are counted; fewer where the gallery is smaller."""
Fetch = Callable[[np.ndarray], np.ndarray]
"""Rows -> their pictures, uint8 (n, S, S, C): usually a pack's `gather` of one domain."""


def as_batch(pictures_NHWC: np.ndarray, size: int, device: torch.device) -> torch.Tensor:
    """Packed uint8 pictures (N, S, S, C) as float 0…1 (N, C, size, size), channels last."""
    tensor = torch.from_numpy(np.ascontiguousarray(pictures_NHWC))
    return resized(tensor.to(device, non_blocking=True).permute(0, 3, 1, 2), size)


@torch.inference_mode()
def embed(
    encoder: Encoder,
    fetch: Fetch,
    rows: np.ndarray,
    *,
    device: torch.device | None = None,
    batch_size: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Embeddings (n, D) float32 of the pictures that `fetch` gives, in the order of `rows`.

    `batch_size`, where none is given, is 256 on a GPU and 32 on a CPU, whose caches it fits better.
    `progress` is called with the number of pictures done after each batch.
    """
    device = device or torch.device("cpu")
    batch_size = batch_size or (32 if device.type == "cpu" else 256)
    parts = []
    for start in range(0, len(rows), batch_size):
        images = as_batch(
            fetch(rows[start : start + batch_size]), encoder.config.image_size, device
        )
        parts.append(encoder(images).embedding_BD.float().cpu().numpy())
        if progress:
            progress(min(start + batch_size, len(rows)))
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)


def embed_sharded(
    encoder: Encoder, fetch: Fetch, rows: np.ndarray, *, device: torch.device
) -> np.ndarray:
    """`embed`, each process taking every n-th row; all get all embeddings, none padded or twice."""
    world = world_size()
    mine = embed(encoder, fetch, rows[rank() :: world], device=device)
    if world == 1:
        return mine
    parts: list[np.ndarray | None] = [None] * world
    dist.all_gather_object(parts, mine)
    whole = [part for part in parts if part is not None and len(part)]
    together = np.empty((len(rows), whole[0].shape[1]), np.float32) if whole else mine
    for shard, part in enumerate(parts):
        if part is not None and len(part):
            together[shard::world] = part
    return together


def evaluate(
    encoders: TwoEncoders,
    config: EncoderConfig,
    pack: Pack,
    splits: Splits,
    split: str,
    *,
    device: torch.device | None = None,
    ks: tuple[int, ...] = KS,
) -> RetrievalMetrics:
    """Every retrieval metric of one split: its sketches query its photos.

    The encoders are used as they are (put them in evaluation mode first). Distances follow the
    embeddings: cosine for normalised ones, Euclidean otherwise. Ks larger than the gallery are
    left out. Under a process group each process embeds its share and all get the same result.

    Raises:
        ValueError: the split has no sketches or no photos.
    """
    device = device or torch.device("cpu")
    queries, gallery = splits.queries(split), splits.gallery(split)
    if not len(queries) or not len(gallery):
        raise ValueError(
            f"split {split!r} can't be scored: {len(queries)} sketches, {len(gallery)} photos"
        )
    return retrieval_metrics(
        embed_sharded(encoders.sketch, partial(pack.gather, "sketch"), queries, device=device),
        embed_sharded(encoders.photo, partial(pack.gather, "photo"), gallery, device=device),
        pack.sketch_labels[queries],
        pack.photo_labels[gallery],
        class_count=len(pack.class_names),
        ks=usable_ks(ks, len(gallery)),
        confusion_k=min(CONFUSION_K, len(gallery)),
        distance=distance_of(config),
        device=device,
    )


def metric_names(gallery_size: int) -> tuple[str, ...]:
    """What `evaluate` calls its values where the split has so many photos."""
    one, labels = torch.ones(1, 1), torch.zeros(gallery_size, dtype=torch.long)
    ks = usable_ks(KS, gallery_size)
    found = retrieval_metrics(
        one, one.expand(gallery_size, 1), labels[:1], labels, class_count=1, ks=ks, confusion_k=1
    )
    return tuple(found.values)


def distance_of(config: EncoderConfig) -> Distance:
    """The distance by which an encoder's embeddings are compared: cosine or euclidean."""
    return "cosine" if config.normalise else "euclidean"
