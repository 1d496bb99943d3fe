"""The columns of metrics.csv by topic, for whoever draws them."""

from collections.abc import Sequence

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Losses", ("loss_",)),
    ("Domain", ("lambda_d", "discriminator")),
    ("Mean average precision", ("map_",)),
    ("Precision", ("p_at_",)),
    ("Recall and accuracy", ("r_at_", "acc_at_")),
    ("Optimisation", ("lr", "active_triplets", "embedding_std", "grad")),
    ("Throughput", ("images_per_s", "seconds", "evaluation_seconds")),
)


def metric_groups(columns: Sequence[str]) -> dict[str, list[str]]:
    """Columns of metrics.csv by topic, in reading order; a column nobody knows is under "More".

    Averages over classes stand behind the plain ones of their group.
    """
    rest = [column for column in columns if column != "epoch"]
    groups: dict[str, list[str]] = {}
    for title, starts in _GROUPS:
        found = [column for column in rest if column.startswith(starts)]
        if found:
            groups[title] = sorted(found, key=lambda column: "macro" in column)
        rest = [column for column in rest if column not in found]
    if rest:
        groups["More"] = rest
    return groups
