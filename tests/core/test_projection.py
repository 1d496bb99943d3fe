"""Maps: aligned from epoch to epoch, the same for a seed, and true to the original neighbours."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as judged_by_sklearn
from sklearn.neighbors import NearestNeighbors

from core.projection import (
    Projection,
    kept_maps,
    nearest,
    nearest_photo_right,
    place,
    project,
    project_aside,
    project_epochs,
    trustworthiness,
)
from core.projection.alignment import turned_onto
from core.projection.epochs import growth
from core.projection.methods import Method
from core.replay import Replay
from core.runs import Run, RunWriter

SLOW_FIRST_USE = pytest.param("umap", marks=pytest.mark.long)


def clusters(count: int = 120, width: int = 12, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(6, width))
    points = centres[np.arange(count) % 6] + 0.35 * random.normal(size=(count, width))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def turned(width: int, seed: int) -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))
    return rotation.astype(np.float32)


def moved(now: np.ndarray, before: np.ndarray) -> float:
    """Mean displacement as a share of the map's radius."""
    radius = np.sqrt(((before - before.mean(axis=0)) ** 2).sum(axis=1).mean())
    return float(np.linalg.norm(now - before, axis=1).mean() / radius)


def make_run(path: Path, embeddings: list[np.ndarray], **more: Any) -> Run:
    writer = RunWriter.create(
        path, config={"model": {}}, recipe="tiny", data={"spec": "x"}, class_names=("a",),
        seed=0, epochs_planned=len(embeddings), **more,
    )  # fmt: skip
    for epoch, found in enumerate(embeddings, 1):
        add_epoch(writer, epoch, found)
    return Run(path)


def add_epoch(writer: RunWriter, epoch: int, embeddings: np.ndarray) -> None:
    import torch

    writer.write_epoch(
        {"epoch": epoch},
        weights={"layer": torch.zeros(1)},
        replay=Replay(
            embeddings=embeddings,
            sketch_attention=np.ones((1, 1, 1), np.float16),
            photo_attention=np.ones((1, 1, 1), np.float16),
            retrieved=np.zeros((1, 1), np.int64),
            scores=np.zeros((1, 1), np.float32),
        ),
        training_state={"epoch": epoch},
    )


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize(("method", "most"), [("pca", 1e-5), ("tsne", 0.05)])
def test_the_same_embeddings_turned_do_not_move(method: Method, most: float, dims: int) -> None:
    # Training turns the space at will; that is no movement.
    points = clusters()
    first = project(points, method, dims)
    assert first.shape == (len(points), dims)
    assert moved(project(points, method, dims, previous=first), first) < most
    assert moved(project(points @ turned(12, 1), method, dims, previous=first), first) < most


@pytest.mark.long
@pytest.mark.parametrize("dims", [2, 3])
def test_umap_stays_where_it_was(dims: int) -> None:
    points = clusters()
    first = project(points, "umap", dims)
    assert moved(project(points @ turned(12, 1), "umap", dims, previous=first), first) < 0.1
    # A map from nothing is elsewhere: the closeness above is not that of any two maps.
    assert moved(project(points, "umap", dims, seed=1), first) > 0.2


@pytest.mark.parametrize("method", ["pca", "tsne", SLOW_FIRST_USE])
def test_maps_are_the_same_for_a_seed_and_trustworthy(method: Method) -> None:
    points = clusters()
    one, two = project(points, method, 2, seed=3), project(points, method, 2, seed=3)
    assert np.array_equal(one, two)
    noise = np.random.default_rng(0).normal(size=one.shape)
    assert trustworthiness(points, one) > 0.85 > 0.7 > trustworthiness(points, noise)


def test_pca_is_the_best_plane() -> None:
    points = clusters()
    centred = points - points.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    spread = (project(points, "pca", 2).astype(np.float64) ** 2).sum(axis=0)
    assert np.allclose(np.sqrt(spread), sizes[:2], rtol=1e-4)


def test_turning_finds_the_turn_that_was_made() -> None:
    random = np.random.default_rng(0)
    here = random.normal(size=(40, 3))
    there = 2.5 * here @ turned(3, 2) + [1, 2, 3]
    assert np.allclose(turned_onto(here, there, scale=True), there, atol=1e-5)
    kept = turned_onto(here, there, scale=False)
    assert np.allclose(
        np.linalg.norm(kept[0] - kept[1]), np.linalg.norm(here[0] - here[1]), atol=1e-5
    )


def test_a_collapsed_epoch_is_one_place_and_the_next_one_unfolds() -> None:
    flat = np.ones((30, 12), np.float32)
    for method in ("pca", "tsne"):
        assert not project(flat, method, 2).any()
        assert np.isfinite(project(clusters(30), method, 2, previous=np.zeros((30, 2)))).all()  # type: ignore[arg-type]


def test_embeddings_that_cannot_be_shown_are_told() -> None:
    with pytest.raises(ValueError, match="not finite"):
        project(np.full((20, 4), np.nan), "pca")
    with pytest.raises(ValueError, match="needs 10 points or more, here are 4"):
        project(clusters(4), "tsne")
    with pytest.raises(ValueError, match="method is 'lda'"):
        Projection(method="lda")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="dims is 4"):
        Projection(dims=4)


def test_nearest_agrees_with_an_independent_search() -> None:
    points = clusters(300, seed=1)
    rows, distances = nearest(points, points, 7, skip=np.arange(300))
    judge = NearestNeighbors(n_neighbors=8, algorithm="brute").fit(points)
    expected, order = judge.kneighbors(points)
    assert np.array_equal(rows, order[:, 1:])
    assert np.allclose(distances, expected[:, 1:], atol=1e-5)
    with pytest.raises(ValueError, match="1 to 299"):
        nearest(points, points, 300, skip=np.arange(300))


def test_nearest_gives_ties_to_the_lower_row() -> None:
    points = np.zeros((50, 3), np.float32)
    points[40:] = 1
    assert nearest(points[:1], points, 5)[0].tolist() == [[0, 1, 2, 3, 4]]


def test_trustworthiness_agrees_with_an_independent_one() -> None:
    points = clusters(90)
    coords = project(points, "pca", 2)
    expected = judged_by_sklearn(points, coords, n_neighbors=10)
    assert trustworthiness(points, coords) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("dims", [2, 3])
def test_a_known_point_lies_on_itself_and_a_new_one_among_its_kind(
    method: Method, dims: int
) -> None:
    points = clusters()
    coords = project(points, method, dims)
    assert np.allclose(place(points[17], points, coords), coords[17], atol=1e-3)
    kind = np.arange(len(points)) % 6 == 2
    centre = points[kind].mean(axis=0)
    there = place(centre / np.linalg.norm(centre), points, coords)
    gaps = [np.linalg.norm(coords[np.arange(120) % 6 == c].mean(axis=0) - there) for c in range(6)]
    assert int(np.argmin(gaps)) == 2
    with pytest.raises(ValueError, match="can't be placed"):
        place(np.zeros(3), points, coords)


def test_right_means_the_nearest_other_photo() -> None:
    points = np.array([[0.0], [0.1], [0.3], [5.0], [5.1], [5.3]])
    labels, photos = np.array([0, 0, 0, 1, 0, 1]), np.array([False, True, True, False, True, True])
    assert nearest_photo_right(points, labels, photos).tolist() == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_maps_grow_outwards_from_the_epoch_asked_for() -> None:
    assert growth([1, 2, 3, 4, 5], [], 4) == [4, 5, 3, 2, 1]
    assert growth([1, 2, 6, 7], [3, 4, 5], 1) == [2, 1, 6, 7]


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_run_is_projected_once_and_points_do_not_jump(tmp_path: Path, method: Method) -> None:
    points = clusters()
    drift = np.random.default_rng(5).normal(size=points.shape).astype(np.float32)
    steps = [(points + 0.02 * e * drift) @ turned(12, e) for e in range(5)]
    run = make_run(tmp_path / "run", steps)
    told: list[tuple[int, int]] = []
    settings = Projection(method=method, dims=2)
    maps = project_epochs(run, settings, first=3, progress=lambda *now: told.append(now))
    assert list(maps.coords) == [1, 2, 3, 4, 5]
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    steps_made = [moved(maps.coords[e + 1], maps.coords[e]) for e in range(1, 5)]
    assert max(steps_made) < 0.3
    apart = project(steps[4], method, 2)
    assert moved(apart, project(steps[3], method, 2)) > max(steps_made)

    folder = run.path / "projections" / settings.key
    about = json.loads((folder / "0004.json").read_text())
    assert about["started_from"] == 3
    assert 0.8 < about["trustworthiness"] <= 1
    times = {path: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
    again = project_epochs(run, settings)
    assert times == {path: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
    assert all(np.array_equal(again.coords[e], maps.coords[e]) for e in maps.coords)


def test_later_epochs_and_retrained_ones_are_made_and_nothing_else(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [clusters(), clusters()])
    settings = Projection()
    before = project_epochs(run, settings)
    writer = RunWriter(run.path)
    writer.drop_after(1)
    add_epoch(writer, 2, clusters(seed=9))
    add_epoch(writer, 3, clusters(seed=9))
    assert kept_maps(run, settings).missing == (2, 3)
    after = project_epochs(run, settings)
    assert np.array_equal(after.coords[1], before.coords[1])
    assert not np.allclose(after.coords[2], before.coords[2])
    assert moved(after.coords[3], after.coords[2]) < 1e-5


def test_a_diverged_epoch_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    broken = np.full_like(clusters(), np.nan)
    run = make_run(tmp_path / "run", [clusters(), broken, clusters()])
    maps = project_epochs(run, Projection())
    assert list(maps.coords) == [1, 3]
    assert "not finite" in maps.problems[2]
    kept = kept_maps(run, Projection())
    assert kept.missing == ()
    assert "not finite" in kept.problems[2]


def test_two_at_once_make_each_map_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.projection import epochs

    run = make_run(tmp_path / "run", [clusters(seed=s) for s in range(4)])
    made: list[int] = []
    real = project

    def counted(*args: Any, **more: Any) -> np.ndarray:
        made.append(1)
        return real(*args, **more)

    monkeypatch.setattr(epochs, "project", counted)
    threads = [threading.Thread(target=project_epochs, args=(run, Projection())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4


def test_a_run_that_cannot_be_written_keeps_its_maps_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "run", [clusters()])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("core.projection.store.os.access", lambda path, mode: False)
    project_epochs(run, Projection())
    assert not (run.path / "projections").exists()
    assert kept_maps(run, Projection()).missing == ()


def test_a_run_without_epochs_is_told(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [])
    with pytest.raises(ValueError, match="no epoch yet"):
        project_epochs(run, Projection())
    run = make_run(tmp_path / "two", [clusters()])
    with pytest.raises(ValueError, match="no epoch 7"):
        project_epochs(run, Projection(), first=7)


def test_a_process_of_its_own_makes_the_same_maps(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [clusters(), clusters(seed=2)])
    told: list[tuple[int, int]] = []
    project_aside(run, Projection(), first=1, progress=lambda *now: told.append(now))
    assert told == [(0, 2), (1, 2), (2, 2)]
    aside = kept_maps(run, Projection())
    here = project_epochs(make_run(tmp_path / "other", [clusters(), clusters(seed=2)]),
                          Projection(), first=1)  # fmt: skip
    assert all(np.array_equal(aside.coords[e], here.coords[e]) for e in (1, 2))


def test_what_goes_wrong_aside_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pca maps could not be made: run run has no epoch yet"):
        project_aside(make_run(tmp_path / "run", []), Projection())
