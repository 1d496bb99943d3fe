"""`sketchy evaluate` and `sketchy query`: what a trained run is worth, and what it answers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.cli.options import RUNS, Json, RunName, RunsDir, find_run

if TYPE_CHECKING:
    from core.data.packs import Pack
    from core.runs import Run


def evaluate(
    run: RunName,
    epoch: Annotated[int | None, typer.Option(help="An epoch; the best one by default.")] = None,
    split: Annotated[str, typer.Option(help="train, valid or test.")] = "test",
    as_json: Json = False,
    runs: RunsDir = RUNS,
) -> None:
    """Score a run on its held-out sketches and photos, with every metric by name.

    Example: `sketchy evaluate first --json`
    """
    from core.allocator import keep_freed_memory
    from core.data.splits import split_collection
    from core.evaluate import evaluate as score
    from core.models.encoder import EncoderConfig
    from core.settings import from_dict

    keep_freed_memory()
    found = find_run(runs, run)
    chosen = found.best_epoch() if epoch is None else epoch
    encoders = found.encoders(chosen)
    data = found.info["data"]
    pack = _pack(found)
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    config = from_dict(EncoderConfig, found.config["model"], "model.")
    result = score(encoders, config, pack, splits, split)
    about = {
        "run": found.name,
        "epoch": chosen,
        "split": split,
        "protocol": data["protocol"],
        "queries": result.queries,
        "queries_skipped": result.queries_skipped,
        "gallery": result.gallery,
    }
    if as_json:
        typer.echo(json.dumps({**about, **result.values}))
        return
    typer.echo("  ".join(f"{name} {value}" for name, value in about.items()))
    for name, value in result.values.items():
        typer.echo(f"{name:24s} {value:.4f}")


def query(
    run: RunName,
    picture: Annotated[Path, typer.Argument(help="A picture of a drawing: PNG, JPEG, …")],
    k: Annotated[int, typer.Option("-k", help="Photos to return.")] = 10,
    epoch: Annotated[int | None, typer.Option(help="An epoch; the best one by default.")] = None,
    as_json: Json = False,
    runs: RunsDir = RUNS,
) -> None:
    """Find the photos closest to a drawing.

    Example: `sketchy query first cat.png -k 5 --json`
    """
    if k < 1:
        raise ValueError(f"-k is {k}: at least 1 photo must be asked for")
    from core.query import open_picture

    drawing = open_picture(picture)
    found = find_run(runs, run)

    from core.gallery import open_gallery
    from core.query import Searcher, prepare_sketch

    gallery = open_gallery(found)
    if gallery is None:
        from core.gallery.making import keep_own_photos

        gallery = keep_own_photos(found, _pack(found))
    searcher = Searcher(found, found.best_epoch() if epoch is None else epoch, gallery)
    try:
        sketch = prepare_sketch(drawing, searcher.size)
    except ValueError as error:
        raise ValueError(f"picture {picture}: {error}") from error
    answer = searcher.search(sketch, k)
    results = [
        {"label": result.label, "score": round(result.score, 4), "path": result.path}
        for result in answer.results
    ]
    if as_json:
        typer.echo(json.dumps(results))
        return
    for result in results:
        typer.echo(f"{result['score']:.4f}  {result['label']:20s} {result['path']}")


def _pack(run: "Run") -> "Pack":
    """What the run was trained on, read and packed where it is not yet, with a bar."""
    from core.dataset import kept_pack, pack_again

    return kept_pack(run) or pack_again(run, progress=True, processes=None)
