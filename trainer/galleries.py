"""Keep photos and their embeddings with a run, so that it can search them."""

from pathlib import Path

from core.data.packs import Pack, open_or_build_pack
from core.data.readers import absolute_spec
from core.data.splits import split_collection
from core.gallery import Gallery, build_gallery, gallery_embeddings
from core.runs import Run

_SIDES = ("train", "valid", "test", "train")


def write_own_gallery(path: Path, pack: Pack | None = None) -> None:
    """Keep photos and embeddings with the run, which then answers with no data at hand."""
    run = Run(path)
    data = run.info["data"]
    pack = pack or open_or_build_pack(data["spec"], data["pack_size"], data["framing"])
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    items = [
        (item.id, item.label, _SIDES[int(side)], item.path)
        for item, side in zip(pack.collection.photos, splits.photo_sides, strict=True)
    ]
    gallery = build_gallery(run, items, (photo for photo in pack.photos))
    gallery_embeddings(run, gallery, run.best_epoch(), pixels=pack.photos)


def write_gallery(run: Run, spec: str, epoch: int) -> Gallery:
    """Keep other photos with a run: those of a data spec, or of a folder; ValueError if none."""
    if ":" not in spec and Path(spec).is_dir():
        spec = f"folder:{spec}"
    spec, data = absolute_spec(spec), run.info["data"]
    pack = open_or_build_pack(spec, data["pack_size"], data["framing"])
    if not len(pack.photos):
        raise ValueError(f"{spec} holds no photos to search")
    # Sides stay empty: this run has not split these photos.
    items = [(item.id, item.label, "", item.path) for item in pack.collection.photos]
    about = {"spec": spec, "protocol": "", "fingerprint": pack.digest}
    gallery = build_gallery(run, items, (photo for photo in pack.photos), data=about)
    gallery_embeddings(run, gallery, epoch, pixels=pack.photos)
    return gallery
