"""What each metric's name means, in a line; the formulas are in `core.metrics`."""

import re

_EXACT = {
    "map_all": "mean average precision over all photos",
    "loss_total": "the weighted sum that training minimises",
    "loss_triplet": "how often a wrong photo is nearer than a right one, by how much",
    "loss_domain": "how well drawings and photos can be told apart",
    "loss_semantic": "distance from the class's word vector",
    "loss_classification": "cross-entropy of naming the class",
    "lambda_d": "strength of the domain loss's reversal",
    "discriminator_accuracy": "0.5: drawings and photos can't be told apart",
    "lr": "learning rate",
    "active_triplets": "share of triplets that still teach something",
    "embedding_std": "spread of the embeddings; near 0 they have collapsed",
    "images_per_s": "training speed",
    "seconds": "time spent on training the epoch",
    "evaluation_seconds": "time spent on scoring it",
    "queries_skipped": "drawings whose class has no photo",
}
_PATTERNS = (
    (r"map_at_(\d+)\[hits\]", "AP over the first {0} photos, divided by the hits among them"),
    (r"map_at_(\d+)\[minRK\]", "AP over the first {0}, divided by the hits there could be"),
    (r"p_at_(\d+)", "share of right photos among the first {0}"),
    (r"r_at_(\d+)", "share of all right photos that are among the first {0}"),
    (r"acc_at_(\d+)", "share of drawings with a right photo among the first {0}"),
    (r"acc_at_(\d+)\[instance\]", "share with the very photo drawn among the first {0}"),
    (r"acc_at_(\d+)\[instance_in_class\]", "the same, searched among its class only"),
)


def meaning(name: str) -> str:
    """A metric's meaning, empty for one that is not known."""
    plain = name.replace(",macro]", "]").replace("[macro]", "")
    told = _EXACT.get(plain, "")
    for pattern, text in _PATTERNS:
        if found := re.fullmatch(pattern, plain):
            told = text.format(*found.groups())
    return f"{told}; mean of the classes' means" if told and plain != name else told
