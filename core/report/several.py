"""What is told of several runs together: curves over one another, and a comparison."""

from collections.abc import Sequence
from html import escape

from core.comparison import Contender, compare, differences, find_ground, over_seeds
from core.curves import metric_groups
from core.report import markup
from core.report.material import Material, Progress
from core.report.plots import Series, lines
from core.report.sections import SCORES

COLUMNS = 5
"""Columns of a topic drawn for one run; for several runs the first `FEW`."""
FEW = 2
OWN_SCALES = ("Optimisation", "Throughput", "More")
"""Topics whose columns have nothing in common but the topic: a chart each."""
CHANGES = 12
"""Classes that gained and that lost most which are shown."""


def curves(materials: Sequence[Material]) -> str:
    """Every topic of the metrics by epoch, the runs over one another."""
    columns = list(dict.fromkeys(str(c) for m in materials for c in m.metrics))
    charts = []
    for title, names in metric_groups(columns).items():
        if title in OWN_SCALES:
            charts += [lines(_series(materials, [name]), name) for name in names]
        else:
            charts.append(lines(_series(materials, names), title))
    text = "Losses should fall, precision should rise; measured after each epoch on the drawings "
    text += "and photos kept for validation."
    if len(materials) > 1:
        text += " A colour is a run, a dash a metric."
    return markup.section("Curves", text, f'<div class="charts">{"".join(charts)}</div>')


def _series(materials: Sequence[Material], names: Sequence[str]) -> list[Series]:
    several = len(materials) > 1
    plain = [name for name in names if "macro" not in name][: FEW if several else COLUMNS]
    return [
        Series(
            name=f"{material.name} · {column}" if several else column,
            points=list(
                zip(
                    material.metrics["epoch"].astype(float).tolist(),
                    material.metrics[column].astype(float).tolist(),
                    strict=True,
                )
            ),
            colour=at if several else place,
            dash=place if several else 0,
        )
        for at, material in enumerate(materials)
        for place, column in enumerate(plain)
        if column in material.metrics
    ]


def comparison(materials: Sequence[Material], *, progress: Progress | None = None) -> str:
    """Metrics side by side, settings that differ, and the change in AP of each class."""
    return "".join([_metrics(materials), _settings(materials), _classes(materials, progress)])


def _metrics(materials: Sequence[Material]) -> str:
    named = list(dict.fromkeys(name for m in materials for name in m.row))
    groups = metric_groups(named)
    names = [name for title in groups if title.startswith(SCORES) for name in groups[title]]
    macro = [name for name in names if name.endswith("macro]")]
    plain = [name for name in names if name not in macro]
    folded = markup.folded("Averaged by class first", _side_by_side(materials, macro))
    return markup.section(
        "Metrics side by side",
        "Each run at its best epoch, on its own validation drawings: figures of runs that learned "
        "from different data or splits can't be compared.",
        _side_by_side(materials, plain),
        folded if macro else "",
        *(markup.note(text) for text in _seeds(materials)),
    )


def _side_by_side(materials: Sequence[Material], names: Sequence[str]) -> str:
    rows, best = [], []
    for name in names:
        values = [float(material.row.get(name, float("nan"))) for material in materials]
        rows.append((name, *map(markup.number, values)))
        known = [value for value in values if value == value]
        top = [value == max(known) for value in values] if known else []
        best.append(1 + top.index(True) if top.count(True) == 1 else -1)
    head = ("metric", *(f"{m.name}, epoch {m.epoch}" for m in materials))
    return markup.table(head, rows, best)


def _seeds(materials: Sequence[Material]) -> list[str]:
    """Mean and spread of the runs named that differ only in their seed."""
    told = []
    for material in materials:
        found = over_seeds(material.run, material.epoch, [other.run for other in materials])
        spread = found.mean_std(material.run.objective) if found else None
        if found and spread:
            text = f"{', '.join(sorted(found.runs))} differ only in their seed: "
            told.append(f"{text}{material.run.objective} {spread[0]:.4f} ± {spread[1]:.4f}.")
    return list(dict.fromkeys(told))


def _settings(materials: Sequence[Material]) -> str:
    found = differences([material.run for material in materials])
    rows = [(name, *values) for name, values in found.differing.items()]
    head = ("setting", *(material.name for material in materials))
    content = markup.table(head, rows) if rows else markup.note("They differ in no setting.")
    return markup.section(
        "Settings that differ", f"{found.equal} other settings are equal.", content
    )


def _classes(materials: Sequence[Material], progress: Progress | None) -> str:
    """Per-class change against the first run, on the drawings and photos that all share."""
    title, able = "Change in AP per class", []
    for material in materials:
        if material.gallery is None or material.failures is None:
            text = f"{material.name} can't be asked any more (see its part): nothing is rated."
            return markup.section(title, text)
        able.append(Contender(run=material.run, epoch=material.epoch, gallery=material.gallery))
    data = [material.data for material in materials if material.data]
    sides = [one.photos for one in data], [one.sketches for one in data]
    ground = find_ground(*sides)
    if not len(ground.photos):
        ground = find_ground(*sides, "all")
    names = [material.name for material in materials]
    try:
        rated = compare(able, ground, progress=progress)
    except ValueError:
        return markup.section(title, ground.told(names))
    parts = []
    for place in range(1, len(materials)):
        changes = rated.class_change(place)
        gains = [pair for pair in changes if pair[1] >= 0]
        losses = [pair for pair in changes if pair[1] < 0]
        shown = [*gains[:CHANGES], *losses[-CHANGES:]]
        jaccard, overlap = rated.agreement(0, place)
        agree = f"Their first photos agree by {jaccard:.2f} (Jaccard), {overlap:.2f} (RBO)."
        means = f"mean AP {rated.mean_ap[0]:.3f} → {rated.mean_ap[place]:.3f}"
        parts.append(f"<h4>{escape(f'{names[0]} → {names[place]}: {means}')}</h4>")
        parts += [markup.bars(shown, signed=True), markup.note(agree)]
        if len(shown) < len(changes):
            parts.append(
                markup.folded(f"All {len(changes)} classes", markup.bars(changes, signed=True))
            )
    return markup.section(title, ground.told(names), *parts)
