"""Find the nearest items of a gallery: exactly, or approximately in very large ones."""

from core.retrieval.approximate import ApproximateIndex
from core.retrieval.hits import Hits
from core.retrieval.index import Index

__all__ = ["ApproximateIndex", "Hits", "Index"]
