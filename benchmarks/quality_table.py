"""The quality benchmark's table: means over seeds with their spread, and what was gained."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

Rows = Sequence[dict[str, Any]]
UNTRAINED = "untrained, 224 px, domain means removed"
"""The reference among the untrained encoders."""
SHOWN = ("map_all", "map_at_200[hits]", "map_at_200[minRK]", "p_at_10", "p_at_100", "p_at_200")
"""Metrics of the Markdown table, where the gallery is large enough; the JSON has all of them."""


def summary(results: Rows, baselines: Rows) -> list[dict[str, Any]]:
    """One row for each protocol and arm: every metric's mean and std over seeds, and the ratios.

    std is that of a sample (ddof 1); with one seed there is none.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for result in [*baselines, *results]:
        groups[result["protocol"], result["arm"]].append(result)
    rows = [_summed(protocol, arm, found) for (protocol, arm), found in groups.items()]
    of = {(row["protocol"], row["arm"]): row["mean"]["map_all"] for row in rows}
    for row in rows:
        for name, reference in (("workshop", "workshop"), ("untrained", UNTRAINED)):
            base = of.get((row["protocol"], reference))
            if base and row["seeds"]:
                row[f"over_{name}"] = round(row["mean"]["map_all"] / base, 3)
    return sorted(rows, key=lambda row: row["protocol"])


def _summed(protocol: str, arm: str, found: Rows) -> dict[str, Any]:
    names = list(found[0]["metrics"])
    values = {name: [row["metrics"][name] for row in found] for name in names}
    trained = [row for row in found if "seed" in row]
    spread = (
        {name: round(float(np.std(value, ddof=1)), 4) for name, value in values.items()}
        if len(found) > 1
        else {}
    )
    return {
        "protocol": protocol,
        "arm": arm,
        "seeds": len(trained),
        "queries": found[0]["queries"],
        "gallery": found[0]["gallery"],
        "epochs": _mean(trained, "epochs"),
        "minutes": _mean(trained, "minutes"),
        "mean": {name: round(float(np.mean(value)), 4) for name, value in values.items()},
        "std": spread,
    }


def _mean(rows: Rows, field: str) -> float:
    return round(float(np.mean([row[field] for row in rows])), 1) if rows else 0.0


def ablation(results: Rows) -> list[dict[str, Any]]:
    """For each protocol what the chosen w_d gains in `map_all` over w_d = 0, seed by seed."""
    scores = {(r["protocol"], r["arm"], r["seed"]): r["metrics"]["map_all"] for r in results}
    rows = []
    for protocol in sorted({result["protocol"] for result in results}):
        gains = [
            round(scores[protocol, "small", seed] - scores[protocol, "small, w_d = 0", seed], 4)
            for place, arm, seed in scores
            if place == protocol and arm == "small" and (protocol, "small, w_d = 0", seed) in scores
        ]
        if gains:
            spread = round(float(np.std(gains, ddof=1)), 4) if len(gains) > 1 else None
            mean = round(float(np.mean(gains)), 4)
            rows.append({"protocol": protocol, "gains": gains, "mean": mean, "std": spread})
    return rows


def markdown(table: dict[str, Any]) -> str:
    """The table for people."""
    metrics = [name for name in SHOWN if any(name in row["mean"] for row in table["summary"])]
    head = ["protocol", "encoder", *[f"`{name}`" for name in metrics], "× workshop", "× untrained"]
    head += ["seeds", "epochs", "min a run"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_cells(row, metrics)) for row in table["summary"]]
    return "\n".join([*_preface(table), "", *lines, "", *_of_w_d(table["ablation_of_w_d"])]) + "\n"


def _preface(table: dict[str, Any]) -> list[str]:
    machine = table["hardware"]
    return [
        f"# Retrieval on {table['data']}",
        "",
        f"Backbone `{table['backbone']}`, pre-trained on {table['pre_trained_on']}, which has most "
        "of these classes: the 21 classes of `sketchy21` are those that it lacks. Every trained "
        f"arm had {_budget(table)}, torch {machine['torch']}, {machine['date']}. Mean ± standard "
        "deviation over seeds.",
    ]


def _budget(table: dict[str, Any]) -> str:
    machine, minutes = table["hardware"], f"{table['minutes_a_run']:g} minutes"
    if "gpu" in machine:
        return f"{minutes} of one {machine['gpu']}, which {table['runs_at_a_time']} runs shared"
    return f"{minutes} on one core, counted as processor time of one thread; {machine['cpu']}"


def _cells(row: dict[str, Any], metrics: list[str]) -> list[str]:
    minutes = f"{row['minutes']:.1f}" if row["seeds"] else "–"
    ratios = [
        f"{row[key]:.2f}" if key in row else "–" for key in ("over_workshop", "over_untrained")
    ]
    tail = [str(row["seeds"] or "–"), str(row["epochs"] or "–"), minutes]
    return [row["protocol"], row["arm"], *[_value(row, name) for name in metrics], *ratios, *tail]


def _value(row: dict[str, Any], name: str) -> str:
    if name not in row["mean"]:
        return "–"
    spread = f" ± {row['std'][name]:.3f}" if row["std"] else ""
    return f"{row['mean'][name]:.3f}{spread}"


def _of_w_d(rows: Rows) -> list[str]:
    if not rows:
        return []
    lines = ["What w_d gains in `map_all` over w_d = 0, seed by seed:", ""]
    for row in rows:
        gains = ", ".join(f"{gain:+.4f}" for gain in row["gains"])
        spread = f" ± {row['std']:.4f}" if row["std"] is not None else ""
        lines.append(f"- {row['protocol']}: {gains}; mean {row['mean']:+.4f}{spread}")
    return lines


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
