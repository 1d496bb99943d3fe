"""Data: readers, splits, packs, batches and the built-in set."""
