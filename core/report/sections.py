"""What is told of one run: its facts, metrics, answers, attention, mistakes and settings."""

from collections.abc import Sequence
from html import escape

import numpy as np

from core.curves import metric_groups
from core.failures import Failures
from core.overlay import highest, overlaid
from core.report import markup
from core.report.material import Material
from core.report.meanings import meaning
from core.settings import flatten

EXAMPLES = 8
"""Drawings shown with their answers."""
FOUND = 6
"""Photos of each answer."""
WORST = 8
PAIRS = 4
"""Mistaken pairs of classes that are shown in pictures."""
TOLD_PAIRS = 12
LOOKED = 6
"""Drawings whose attention is shown."""
FRAME = 112
"""Side of a frame of attention, in pixels."""
MANY_CLASSES = 40
SCORES = ("Mean", "Precision", "Recall")
"""Topics of the metrics that say how good a run is start like this."""


def run_sections(material: Material, *, curves: str = "", key: str = "") -> str:
    """Everything about one run, a picture first.

    curves: the charts of its metrics, where they are not shown together with other runs'.
    key: keeps its anchors apart from another run's.
    """
    notes = "".join(markup.note(text) for text in material.missing)
    return "".join(
        [
            facts(material),
            notes,
            examples(material),
            attention(material),
            curves,
            metrics(material),
            failures(material, key=key),
            settings(material),
        ]
    )


def facts(material: Material) -> str:
    """What the run is, in a few pairs of words."""
    info, status = material.run.info, material.run.status
    data, model = info.get("data", {}), material.run.config.get("model", {})
    epochs = f"{len(material.metrics)} of {info.get('epochs_planned', '?')}"
    pairs = [
        ("reported epoch", f"{material.epoch}, the best by {material.run.objective}"),
        ("epochs", f"{epochs} ({status.get('state', 'unknown')})"),
        ("data", f"{data.get('spec', 'unknown')}, {len(material.run.class_names)} classes"),
        ("split", f"{data.get('protocol', 'unknown')}, seed {data.get('seed', '?')}"),
        ("recipe", str(info.get("recipe", "unknown"))),
        ("backbone", f"{model.get('backbone', 'unknown')}, {model.get('image_size', '?')} px"),
        ("started", str(info.get("created", "unknown"))[:16].replace("T", " ")),
        ("seed", str(info.get("seed", "unknown"))),
    ]
    told = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in pairs
    )
    warned = "".join(markup.note(f"Training warned: {line}") for line in material.run.warnings())
    return f'<dl class="facts">{told}</dl>{warned}'


def metrics(material: Material) -> str:
    """Every number of the epoch reported, by topic."""
    row = material.row
    parts = []
    for title, names in metric_groups(list(row)).items():
        head = (title, f"epoch {material.epoch}", "meaning")
        rows = [(name, markup.number(row[name]), meaning(name)) for name in names]
        if not title.startswith(SCORES):
            parts.append(markup.folded(title, markup.table(head, rows)))
            continue
        macro = [told for told in rows if told[0].endswith("macro]")]
        parts.append(markup.table(head, [told for told in rows if told not in macro]))
        if macro:
            text = f"{title}, averaged by class first"
            parts.append(markup.folded(text, markup.table(head, macro)))
    return markup.section(
        "Metrics",
        "How well the drawings kept for validation find photos of their own kind, after the epoch "
        "reported. Published figures mix variants of one name: compare like with like.",
        *parts,
    )


def examples(material: Material) -> str:
    """Drawings never seen in training, one of each of several classes, with what they find."""
    rows = _asked(material) if material.failures else _replayed(material)
    if not rows:
        return ""
    return markup.section(
        "What it finds",
        "Drawings that were not trained on, one to a class and not picked by result, with the "
        "photos found, closest first. A full green frame is right, a dashed red one wrong.",
        markup.answers(rows),
    )


def _asked(material: Material) -> list[tuple[str, list[str]]]:
    failures = material.failures
    assert failures is not None
    firsts = list(dict(reversed([(int(c), row) for row, c in enumerate(failures.labels)])).items())
    firsts.sort()
    places = np.linspace(0, len(firsts) - 1, min(EXAMPLES, len(firsts))).round().astype(int)
    return [_answer(material, failures, firsts[place][1], FOUND) for place in places]


def _answer(
    material: Material, failures: Failures, row: int, count: int, note: str = ""
) -> tuple[str, list[str]]:
    asked = _drawing(material, failures, row, note)
    shown = range(min(count, failures.found.shape[1]))
    return asked, [_photo(material, failures, row, place) for place in shown]


def _drawing(material: Material, failures: Failures, row: int, note: str = "") -> str:
    assert material.data is not None
    place = material.data.sketches.rows[str(failures.ids[row])]
    label = failures.classes[int(failures.labels[row])]
    return markup.tile(material.data.sketches.encoded(place), label, note)


def _photo(material: Material, failures: Failures, row: int, place: int) -> str:
    assert material.gallery is not None
    label = int(failures.found_labels[row, place])
    name = failures.classes[label] if label >= 0 else ""
    picture = material.gallery.pictures.encoded(int(failures.found[row, place]))
    return markup.tile(picture, name, right=bool(label == failures.labels[row]))


def _replayed(material: Material) -> list[tuple[str, list[str]]]:
    """From the samples kept with the epoch alone, where the run can't be asked."""
    probe, replay = material.probe, material.replays.get(material.epoch)
    if probe is None or probe.pictures is None or replay is None:
        return []
    names, pictures = material.run.class_names, probe.pictures
    rows = []
    for place, sketch in _one_a_class(material, EXAMPLES):
        label = int(probe.labels[sketch])
        found = [
            markup.tile(
                pictures.encoded(int(photo)),
                names[int(probe.labels[photo])],
                right=bool(probe.labels[photo] == label),
            )
            for photo in replay.retrieved[place][:FOUND]
        ]
        rows.append((markup.tile(pictures.encoded(sketch), names[label]), found))
    return rows


def _one_a_class(material: Material, count: int) -> list[tuple[int, int]]:
    """(place, row in the probe) of the first sketch with attention of each class."""
    assert material.probe is not None
    firsts: dict[int, tuple[int, int]] = {}
    for place, row in enumerate(material.probe.focus_sketches.tolist()):
        firsts.setdefault(int(material.probe.labels[row]), (place, row))
    return list(firsts.values())[:count]


def attention(material: Material) -> str:
    """Where the sketch encoder looks, epoch by epoch, in the same drawings."""
    probe = material.probe
    if probe is None or probe.pictures is None or not material.replays:
        return ""
    epochs = list(material.replays)
    titles = "".join(
        f"<th scope=col>epoch {epoch}{' · best' if epoch == material.epoch else ''}</th>"
        for epoch in epochs
    )
    lines = []
    for place, row in _one_a_class(material, LOOKED):
        maps = [material.replays[epoch].sketch_attention[place] for epoch in epochs]
        name = material.run.class_names[int(probe.labels[row])]
        pixels, peak = probe.pictures.pixels(row), highest(maps)
        frames = "".join(
            f"<td>{_frame(pixels, found, peak, f'{name}, epoch {epoch}')}</td>"
            for epoch, found in zip(epochs, maps, strict=True)
        )
        lines.append(f"<tr><th scope=row>{escape(name)}</th>{frames}</tr>")
    film = (
        f'<div class="wide"><table class="film"><thead><tr><th></th>{titles}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
    return markup.section(
        "Where it looks",
        "The same drawings through training: the warmer, the more that part counts. A row shares "
        "one scale.",
        film,
    )


def _frame(pixels: np.ndarray, found: np.ndarray, peak: float, alt: str) -> str:
    return markup.image(overlaid(pixels, found, size=FRAME, peak=peak), alt)


def failures(material: Material, *, key: str = "") -> str:
    """The worst answers, what is taken for what, and how well each class is found."""
    found = material.failures
    if found is None:
        return ""
    worst = [
        _answer(material, found, int(row), FOUND, f"AP {found.ap[row]:.2f}")
        for row in found.worst(WORST)
    ]
    told = (
        f"{len(found.ap):,} drawings kept with the run, asked over {found.searched:,} photos: mean "
        f"AP {found.mean_ap:.3f}. AP rates one answer: 1 when all photos of the thing drawn come "
        "first, near 0 when they come last. These are the drawings with the lowest."
    )
    return "".join(
        [
            markup.section("Where it fails", told, markup.answers(worst), key=f"fails{key}"),
            _mistaken(material, found),
            _classes(found),
        ]
    )


def _mistaken(material: Material, found: Failures) -> str:
    pairs = found.mistaken(TOLD_PAIRS)
    if not pairs:
        return ""
    shares, places = found.shares(), {name: place for place, name in enumerate(found.classes)}
    rows = [(f"{a} → {b}", f"{shares[places[a], places[b]]:.0%}") for a, b in pairs]
    shown = []
    for drawn, taken in pairs[:PAIRS]:
        row, ranks = found.pairs(drawn, taken)[0]
        photos = [_photo(material, found, row, int(rank)) for rank in ranks[:FOUND]]
        shown.append((_drawing(material, found, row), photos))
    first = found.found.shape[1]
    return markup.section(
        "Taken for what",
        f"Drawn → found: the share of a class's first {first} photos that show another. Below, the "
        "drawing most often mistaken of each of the first pairs, with those photos.",
        markup.table(("drawn → found", "share"), rows),
        markup.answers(shown),
    )


def _classes(found: Failures) -> str:
    known = [
        (name, float(ap))
        for name, ap in zip(found.classes, found.class_ap, strict=True)
        if ap == ap
    ]
    known.sort(key=lambda pair: pair[1])
    parts: Sequence[str] = [markup.bars(known)]
    if len(known) > MANY_CLASSES:
        half = MANY_CLASSES // 2
        parts = [
            markup.bars(known[:half]),
            markup.folded(f"All {len(known)} classes", markup.bars(known)),
        ]
    return markup.section("How well each class is found", "Mean AP, the worst first.", *parts)


def settings(material: Material) -> str:
    """The whole configuration, folded."""
    rows = [(name, str(value)) for name, value in flatten(material.run.config).items()]
    versions = material.run.info.get("versions", {})
    rows += [(f"version of {name}", str(text)) for name, text in versions.items()]
    return markup.folded("All settings", markup.table(("setting", "value"), rows))
