"""`sketchy data`: look at data, pack it, fetch public drawings."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.data.packs import Pack

app = typer.Typer(help="Look at data, pack it, fetch public drawings.", no_args_is_help=True)

Spec = Annotated[
    str,
    typer.Argument(
        help="builtin, sketchy:PATH, tuberlin:PATH, quickdraw:PATH or folder:PATH, joined with +."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Processes = Annotated[
    int | None, typer.Option(min=1, help="At most this many processes; default: one a core.")
]


@app.command()
def inspect(
    spec: Spec,
    protocol: Annotated[
        str,
        typer.Option(
            help="seen, sketchy25, sketchy21, tuberlin30, quickdraw30, or a file of class names."
        ),
    ] = "seen",
    seed: Annotated[int, typer.Option(help="Seed of the split.")] = 0,
    generalised: Annotated[
        str, typer.Option(help="gallery20 or sempcyc20: widen a zero-shot test by seen classes.")
    ] = "",
    sheet: Annotated[
        Path | None, typer.Option(help="Write an example sheet, a PNG.", metavar="FILE")
    ] = None,
    splits: Annotated[
        Path | None, typer.Option(help="Write every item's side, tab-separated.", metavar="FILE")
    ] = None,
    decode: Annotated[
        bool, typer.Option(help="Decode every image, so that damaged ones are found.")
    ] = True,
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Count what is there by class, domain and split; name what is damaged or missing."""
    from core.data.inspection import describe, draw_sheet, sides_as_text
    from core.data.items import read_collection
    from core.data.packing import without_broken
    from core.data.splits import split_collection

    collection = read_collection(spec)
    if decode:
        collection = without_broken(collection, progress=not as_json, processes=processes)
    split = split_collection(collection, protocol, seed=seed, generalised=generalised)  # type: ignore[arg-type]
    told = describe(split, decoded=decode)
    if sheet is not None:
        draw_sheet(collection, seed).save(sheet, format="PNG")
    if splits is not None:
        splits.write_text(sides_as_text(split), "utf-8")
    if as_json:
        print(json.dumps(told, indent=1))
    else:
        _show(told)


@app.command()
def pack(
    spec: Spec,
    size: Annotated[int, typer.Option(min=8, max=1024, help="Pixels a side.")] = 224,
    framing: Annotated[
        str, typer.Option(help="ink: sketches are cropped to their ink; whole: the sheet is kept.")
    ] = "ink",
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Decode and resize everything once, into files that training maps into memory."""
    from core.data.decode import FRAMINGS
    from core.data.packs import open_or_build_pack

    if framing not in FRAMINGS:
        raise ValueError(f"framing is '{framing}': allowed are {', '.join(FRAMINGS)}")
    begin = time.perf_counter()
    made = open_or_build_pack(
        spec,
        size,
        framing,
        progress=not as_json,
        processes=processes,
    )
    told = _packed(made, time.perf_counter() - begin)
    if as_json:
        print(json.dumps(told, indent=1))
        return
    print(f"{told['photos']:,} photos and {told['sketches']:,} sketches at {size} px")
    if told["problems"]:
        kinds = ", ".join(f"{count} {kind}" for kind, count in told["problems"].items())
        print(f"not used: {kinds} (see {told['problem_file']})")
    print(f"{told['folder']}  ({told['bytes'] / 1e6:,.0f} MB, {told['seconds']:.1f} s)")


@app.command()
def fetch(
    source: Annotated[str, typer.Argument(help="What to fetch: quickdraw.")],
    words: Annotated[str, typer.Option(help="Words, separated by commas: cat,dog,hot air balloon")],
    to: Annotated[Path, typer.Option(help="Folder to fetch into.", metavar="DIR")],
    limit: Annotated[int, typer.Option(min=0, help="Drawings a word; 0 = all there are.")] = 1000,
    base_url: Annotated[
        str | None, typer.Option(help="A mirror with the public bucket's paths.", metavar="URL")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch public drawings (Quick, Draw!, CC BY 4.0); run again to go on after a break."""
    from core.data.fetch import QUICKDRAW_URL, fetch_quickdraw
    from core.data.progress import progress_bar

    if source != "quickdraw":
        raise ValueError(f"can't fetch '{source}': allowed is quickdraw")
    listed = [word.strip() for word in words.split(",") if word.strip()]
    if not listed:
        raise ValueError("--words names no word, write for instance --words cat,dog")
    told: list[dict[str, Any]] = []
    url = base_url or QUICKDRAW_URL
    with progress_bar("fetching words", len(listed), shown=not as_json) as advance:
        for got in fetch_quickdraw(listed, to, limit=limit, base_url=url):
            advance(1)
            told.append({**vars(got), "path": str(got.path)})
            if not as_json:
                print(f"{got.word}: {got.drawings:,} drawings, {got.status}")
    if as_json:
        print(json.dumps(told, indent=1))
    else:
        print(f"use them with --data quickdraw:{to}")


def _packed(made: Pack, seconds: float) -> dict[str, Any]:
    from collections import Counter

    from core.data.packs import PROBLEMS

    kinds = Counter(problem.kind for problem in made.problems)
    return {
        "folder": str(made.folder),
        "photos": len(made.photos),
        "sketches": len(made.sketches),
        "classes": len(made.class_names),
        "size": made.size,
        "framing": made.framing,
        "bytes": sum(path.stat().st_size for path in made.folder.iterdir()),
        "problems": dict(sorted(kinds.items())),
        "problem_file": str(made.folder / PROBLEMS),
        "seconds": round(seconds, 3),
    }


def _show(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = f"{told['protocol']}, {told['classes']} classes, seed {told['seed']}"
    if told["unseen_classes"]:
        title += f": {told['seen_classes']} seen, {told['unseen_classes']} unseen"
    table = Table("", "classes", "photos", "sketches", "gallery", "queries", title=title)
    for name, side in told["splits"].items():
        table.add_row(name, *(f"{count:,}" for count in side.values()))
    table.add_row("all", *(f"{told[key]:,}" for key in ("classes", "photos", "sketches")))
    console.print(table)
    classes = Table("class", "photos", "sketches")
    for name, row in told["by_class"].items():
        shown = f"{name} (unseen)" if row["unseen"] else name
        classes.add_row(shown, f"{row['photos']:,}", f"{row['sketches']:,}")
    console.print(classes)
    for key in ("without_photos", "without_sketches", "absent_from_the_data"):
        if told[key]:
            console.print(f"{key.replace('_', ' ')}: {', '.join(told[key])}", markup=False)
    if told["problems"]:
        kinds = ", ".join(f"{count} {kind}" for kind, count in told["problems"].items())
        console.print(f"not used: {kinds}", markup=False)
    for problem in told["problem_list"]:
        line = f"  {problem['kind']}: {problem['path']} ({problem['reason']})"
        console.print(line, markup=False, soft_wrap=True)
    if not told["decoded"]:
        console.print("not decoded: damaged images would not show here")
