"""One ranking under every convention that "mAP@200" is printed for.

    python -m benchmarks.conventions [--json]

A made-up ranking of the size that papers use: 17,101 photos, 684 of them relevant, whose scores
are normal and lie 1.5 standard deviations higher. Nothing is measured but arithmetic, so the
figures are the same everywhere. Divided by R is what ranx calls `map@200`.
"""

import argparse

import torch

from benchmarks.yardstick import report
from core.metrics import metrics_at_ranks

PHOTOS, RELEVANT, K = 17_101, 684, 200
SHIFT = 1.5


def conventions() -> dict[str, object]:
    """AP at K, divided by hits, by min(R, K) and by R, beside AP over everything."""
    scores = torch.randn(PHOTOS, generator=torch.Generator().manual_seed(0))
    scores[:RELEVANT] += SHIFT
    order = scores.argsort(descending=True, stable=True)
    ranks = (order < RELEVANT).nonzero().flatten()
    found = metrics_at_ranks(ranks[None], torch.tensor([RELEVANT]), [K])
    named = {name: round(value.item(), 3) for name, value in found.items()}
    by_r = found[f"map_at_{K}[minRK]"].item() * min(RELEVANT, K) / RELEVANT
    return {
        "gallery": PHOTOS,
        "relevant": RELEVANT,
        **{name: named[name] for name in ("map_all", f"map_at_{K}[hits]", f"map_at_{K}[minRK]")},
        f"map_at_{K} divided by R": round(by_r, 3),
        f"p_at_{K}": named[f"p_at_{K}"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    report("conventions", conventions(), as_json=parser.parse_args().json)


if __name__ == "__main__":
    main()
