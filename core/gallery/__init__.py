"""Galleries: the photos that a run searches, kept beside it so that it opens with no data at hand.

A gallery is a folder `gallery/<key>/` of the run directory: the items (ids, class names, splits,
paths), their pictures at no less than the model's input size, and one memory-mapped file of
embeddings for every epoch that was asked for, named by the epoch and its weights.
"""

from core.gallery.embeddings import (
    embeddings_path,
    gallery_embeddings,
    image_size,
    photo_batch,
    weights_key,
)
from core.gallery.store import (
    Gallery,
    build_gallery,
    gallery_folder,
    gallery_key,
    list_galleries,
    open_gallery,
    read_gallery,
)

__all__ = [
    "Gallery",
    "build_gallery",
    "embeddings_path",
    "gallery_embeddings",
    "gallery_folder",
    "gallery_key",
    "image_size",
    "list_galleries",
    "open_gallery",
    "photo_batch",
    "read_gallery",
    "weights_key",
]
