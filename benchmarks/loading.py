"""Images a second that reach the training loop, beside the workshop's way of loading them.

    python -m benchmarks.loading --json

One run on warm files, both ways in turn, the best round of each (a busy machine only ever adds
time). The workshop's way: for every item list its class folder, open, convert, resize, to tensor,
in as many loader processes as there are cores. Ours: P x K batches out of a pack. Pictures: the
real Sketchy subset where SKETCHY_SHARED or ../shared has it, made ones elsewhere. A pack of
200,000 items, sparse on disk, shows what opening costs and that memory does not follow size.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch
from numpy.lib.format import open_memmap
from PIL import Image

from benchmarks.yardstick import hardware, report, seconds
from core.data.augment import AugmentConfig, augment_photos, augment_sketches
from core.data.batches import PKBatches
from core.data.index import write_index
from core.data.items import Domain, Item, read_collection
from core.data.packkeys import FORMAT
from core.data.packs import HEAD, PROBLEMS, Pack, open_or_build_pack
from core.data.splits import Splits, split_collection

SIDE = 224
P, K = 16, 4
MANY, FEW = 200_000, 8_000
_TIMES = 40


class WorkshopWay(torch.utils.data.Dataset[torch.Tensor]):
    """An image a call, found by listing its class folder, as the workshop's data sets do."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        folder = os.path.dirname(self.paths[index])
        name = random.choice(sorted(os.listdir(folder)))
        with Image.open(os.path.join(folder, name)) as image:
            resized = image.convert("RGB").resize((SIDE, SIDE))
        return torch.from_numpy(np.array(resized)).permute(2, 0, 1).float().div_(255)


def workshop_rate(paths: list[str], batches: int) -> float:
    """Images a second of the workshop's way, worker start-up left out."""
    data = WorkshopWay(random.sample(paths, min(len(paths), 2 * P * K * (batches + 4))))
    cores = os.cpu_count() or 1
    loader = iter(torch.utils.data.DataLoader(data, batch_size=2 * P * K, num_workers=cores))
    for _ in range(2):  # the workers have started and filled their queues' first places
        next(loader)
    images, start = 0, perf_counter()
    for batch in loader:
        images += len(batch)
    return images / (perf_counter() - start)


def our_rate(batches: PKBatches, epoch: int) -> float:
    """Images a second of uint8 batches, sketches and photos."""
    reader = batches.epoch(epoch)
    next(reader)
    images, start = 0, perf_counter()
    for batch in reader:
        images += len(batch.sketches) + len(batch.photos)
    return images / (perf_counter() - start)


def augmentation_ms(batches: PKBatches) -> float:
    """Milliseconds for both halves of a batch, the least of many."""
    batch, config = next(batches.epoch(0)), AugmentConfig()
    generator = torch.Generator().manual_seed(0)

    def work() -> None:
        augment_photos(batch.photos, generator, config)
        augment_sketches(batch.sketches, generator, config)

    return 1e3 * min(seconds(work) for _ in range(_TIMES))


def small_augmentation_ms() -> tuple[float, float]:
    """Wall and one-thread processor time for 128 + 128 images of 64 px, the demo's batch."""
    generator, config = torch.Generator().manual_seed(0), AugmentConfig()
    photos = torch.randint(0, 256, (128, 64, 64, 3), dtype=torch.uint8).permute(0, 3, 1, 2)
    sketches = photos[:, :1].contiguous()

    def work() -> None:
        augment_photos(photos, generator, config)
        augment_sketches(sketches, generator, config)

    return 1e3 * min(seconds(work) for _ in range(_TIMES)), 1e3 * min(map(_cpu, [work] * _TIMES))


def _cpu(work: Callable[[], None]) -> float:
    """Processor time of one call on one thread: what it costs however busy the machine is."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = process_time()
    work()
    spent = process_time() - start
    torch.set_num_threads(threads)
    return spent


def pictures(folder: Path) -> str:
    """Spec of the real subset, or of a made one in `folder`."""
    shared = Path(os.environ.get("SKETCHY_SHARED") or Path(__file__).parents[2] / "shared")
    real = shared / "data" / "sketchy-mini"
    if real.is_dir():
        return f"sketchy:{real}"
    dice = np.random.default_rng(0)
    for number in range(40 * 40):
        coarse = dice.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((256, 256), Image.Resampling.BICUBIC)
        for kind, suffix in (("images", "jpg"), ("sketches", "png")):
            path = folder / kind / f"class{number % 40:02d}" / f"{number}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    return f"folder:{folder}"


def synthetic_pack(folder: Path, items: int) -> None:
    """A pack of blank pictures, half photos, half sketches: its files are sparse."""
    folder.mkdir()
    names = tuple(f"class {number:03d}" for number in range(200))
    kinds: tuple[tuple[Domain, str, int], ...] = (("photo", "photos", 3), ("sketch", "sketches", 1))
    for domain, stem, channels in kinds:
        made = []
        for number in range(items // 2):
            label = names[number * len(names) // (items // 2)]
            unique = f"made/{domain}/{label}/{number:07d}"
            made.append(Item(unique, domain, label, unique, "made", f"/data/{label}/{number}.jpg"))
        write_index(folder / f"{stem}.arrow", made, names)
        write_index(folder / f"lost_{stem}.arrow", [], names)
        shape = (len(made), SIDE, SIDE, channels)
        open_memmap(folder / f"{stem}.npy", mode="w+", dtype=np.uint8, shape=shape)
    head = {
        "format": FORMAT,
        "spec": "made",
        "size": SIDE,
        "framing": "whole",
        "digest": "",
        "counts": {"photo": items // 2, "sketch": items // 2},
        "class_names": names,
    }
    (folder / HEAD).write_text(json.dumps(head), "utf-8")
    (folder / PROBLEMS).touch()


# VmHWM and not ru_maxrss, which a child inherits from the process that started it.
_PEAK = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
"""
_OPEN = """
import sys, time
from core.data import packs
before = peak()
start = time.perf_counter()
pack = packs.open_pack(sys.argv[1])
labels = pack.photo_labels[-1], pack.sketch_labels[-1]
seconds = time.perf_counter() - start
print(seconds, before, peak())
"""
_TRAIN = """
import sys
from core.data.packs import open_pack
from core.data.batches import PKBatches
from core.data.splits import split_collection
pack = open_pack(sys.argv[1])
splits = split_collection(pack.collection, "seen")
batches = PKBatches(pack, splits, classes_per_batch=16, per_class=4, steps_per_epoch=300)
reader = batches.epoch(0)
for step in range(20):
    next(reader)
early = peak()
for batch in reader:
    pass
print(early, peak())
"""


def measured(code: str, folder: Path) -> list[float]:
    """The numbers that a fresh interpreter prints for a pack."""
    root = str(Path(__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", _PEAK + code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    return [float(number) for number in run.stdout.split()]


def scale(folder: Path) -> dict[str, object]:
    """What a pack of 200,000 items costs to open and to read 300 batches from."""
    synthetic_pack(folder / "many", MANY)
    synthetic_pack(folder / "few", FEW)
    openings = [measured(_OPEN, folder / "many") for _ in range(3)]
    opened, imported, memory = min(openings)
    few_early, few_late = measured(_TRAIN, folder / "few")
    many_early, many_late = measured(_TRAIN, folder / "many")
    return {
        "open_200k_s": round(opened, 4),
        "open_200k_peak_mb": round(memory),
        "open_200k_imports_alone_mb": round(imported),
        "reading_8k_peak_mb": [round(few_early), round(few_late)],
        "reading_200k_peak_mb": [round(many_early), round(many_late)],
        "reading_200k_growth_mb": round(many_late - many_early, 1),
    }


def rates(pack: Pack, splits: Splits, paths: list[str], rounds: int) -> dict[str, object]:
    """Both ways in turn, and the augmentation beside them."""
    batches = PKBatches(pack, splits, classes_per_batch=P, per_class=K, steps_per_epoch=60)
    our_rate(batches, 0)
    workshop_rate(paths, 2)
    ours, theirs = [], []
    for number in range(rounds):
        theirs.append(workshop_rate(paths, 10))
        ours.append(our_rate(batches, number))
    change = augmentation_ms(batches)
    small, small_cpu = small_augmentation_ms()
    return {
        "images_per_s": round(max(ours)),
        "workshop_images_per_s": round(max(theirs), 1),
        "speedup_over_workshop": round(max(ours) / max(theirs), 1),
        "speedups_by_round": [round(a / b, 1) for a, b in zip(ours, theirs, strict=True)],
        "augmentation_ms_a_batch": round(change, 1),
        "augmentation_images_per_s": round(2 * P * K / change * 1e3),
        "augmentation_ms_128_plus_128_at_64_px": round(small, 1),
        "augmentation_cpu_ms_128_plus_128_at_64_px": round(small_cpu, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    busy = hardware()["load_average"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = pictures(folder / "pictures")
        collection = read_collection(spec)
        pack = open_or_build_pack(
            collection, SIDE, "whole", progress=not arguments.json, cache=folder
        )
        splits = split_collection(pack.collection, "seen")
        paths = [item.path for item in collection.items]
        figures: dict[str, object] = {
            "side_px": SIDE,
            "batch": f"{P} classes x {K}: {P * K} sketches + {P * K} photos",
            "source": spec.partition(":")[0],
            "load_average_before": busy,
            **rates(pack, splits, paths, arguments.rounds),
            **scale(folder),
        }
    report("loading", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
