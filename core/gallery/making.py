"""Keep photos and their embeddings with a run, so that it can search them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.packs import Pack, open_or_build_pack
from core.data.readers import absolute_spec
from core.data.splits import split_collection
from core.dataset import SIDES, kept_pack, pack_again, pack_size
from core.gallery.embeddings import gallery_embeddings
from core.gallery.store import Gallery, Progress, build_gallery
from core.runs import Run


def keep_own_photos(
    run: Run, pack: Pack | None = None, *, progress: Progress | None = None
) -> Gallery:
    """Keep the photos of the run's data set, which it then searches with no data at hand.

    Args:
        run: the run; its best epoch's embeddings are kept too.
        pack: its data where that is open already.
        progress: called with the photos done and the photos in all; each counts twice, once when
            it is kept and once when it is embedded.

    Raises:
        ValueError: the data can't be read, is no longer what the run was trained on, or no epoch
            kept its weights.
    """
    data = run.info["data"]
    pack = pack or kept_pack(run) or pack_again(run)
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    sides = SIDES[splits.photo_sides].tolist()
    return _kept(run, run.best_epoch(), pack, sides, None, progress)


def keep_other_photos(
    run: Run, spec: str, epoch: int, *, progress: Progress | None = None
) -> Gallery:
    """Keep other photos with a run: those of a data spec, or of a folder.

    Raises:
        ValueError: the spec can't be read, or holds no photos.
    """
    if ":" not in spec and Path(spec).is_dir():
        spec = f"folder:{spec}"
    spec, data = absolute_spec(spec), run.info["data"]
    # Whoever is told of the progress is a server, which needs its other cores, and no terminal.
    pack = open_or_build_pack(
        spec,
        pack_size(run),
        data["framing"],
        progress=progress is None,
        processes=None if progress is None else 1,
    )
    if not len(pack.photos):
        raise ValueError(f"{spec} holds no photos to search")
    about = {"spec": spec, "protocol": "", "fingerprint": pack.digest}
    # Sides stay empty: this run has not split these photos.
    return _kept(run, epoch, pack, [""] * len(pack.photos), about, progress)


def _kept(
    run: Run,
    epoch: int,
    pack: Pack,
    sides: list[str],
    about: Mapping[str, Any] | None,
    progress: Progress | None,
) -> Gallery:
    items = [
        (item.id, item.label, side, item.path)
        for item, side in zip(pack.collection.photos, sides, strict=True)
    ]

    def built(done: int, total: int) -> None:
        if progress:
            progress(done, 2 * total)

    def embedded(done: int, total: int) -> None:
        if progress:
            progress(total + done, 2 * total)

    pictures = (photo for photo in pack.photos)
    gallery = build_gallery(run, items, pictures, data=about, progress=built)
    gallery_embeddings(run, gallery, epoch, pixels=pack.photos, progress=embedded)
    return gallery
