"""The machines of a cluster: whether they see the same files, and packing data on each."""

import contextlib
import socket
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.data.decode import Framing
from trainer.room import living_nodes


def check_shared(
    path: Path,
    nodes: Sequence[dict[str, Any]] | None = None,
    *,
    read: Callable[[str], str] | None = None,
) -> None:
    """Refuse a folder that some machine of the cluster doesn't see, before a GPU is asked for.

    A token is written there by this process and read back in a tiny task on each machine.

    Args:
        path: a folder (made if it is missing) where runs are to be written; absolute.
        nodes: entries of `ray.nodes()`; all living ones by default.
        read: how a machine reads the token's file; from its own disk by default.

    Raises:
        ValueError: a machine reads no token or another one; the message names it and the folder.
    """
    token = uuid.uuid4().hex
    path.mkdir(parents=True, exist_ok=True)
    file = path / f".shared-{token}"
    file.write_text(token, encoding="utf-8")
    try:
        answers = _on_each_node(read or _read_token, str(file), nodes=nodes)
    finally:
        with contextlib.suppress(OSError):
            file.unlink()
    blind = [name for name, answer in answers if answer != token]
    if blind:
        raise ValueError(
            f"{path} is not shared: {', '.join(blind)} can't read what this machine writes there; "
            "choose a folder on storage that every machine of the cluster mounts (--runs)"
        )


def build_packs(spec: str, size: int, framing: Framing) -> None:
    """Have the data packed once on every machine that has none of it yet."""
    _on_each_node(_build_pack, spec, size, framing)


def _on_each_node(
    function: Any, *arguments: Any, nodes: Sequence[dict[str, Any]] | None = None
) -> list[tuple[str, Any]]:
    """(machine's name, what `function` returns there); it takes no CPU of theirs.

    A machine that is lost meanwhile has no answer: it can't run a trial either.
    """
    import ray
    from ray.exceptions import (
        NodeDiedError,
        RayTaskError,
        TaskUnschedulableError,
        WorkerCrashedError,
    )
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    remote = ray.remote(num_cpus=0, max_retries=0)(function)
    asked: list[tuple[str, Any]] = []
    for node in nodes if nodes is not None else living_nodes():
        where = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        asked.append((name, remote.options(scheduling_strategy=where).remote(*arguments)))
    answers = []
    for name, answer in asked:
        try:
            answers.append((name, ray.get(answer)))
        except RayTaskError as error:
            raise error.cause from error
        except (NodeDiedError, TaskUnschedulableError, WorkerCrashedError):
            continue
    return answers


def _read_token(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError:
        return ""


def _build_pack(spec: str, size: int, framing: Framing) -> str:
    from core.data.packs import open_or_build_pack

    open_or_build_pack(spec, size, framing, progress=False)
    return socket.gethostname()
