"""Initial weights of a backbone: from a local file or from timm's download, loaded strictly."""

import sys
from pathlib import Path
from typing import Any

import torch

from core.models.backbones import import_timm, own_network, timm_arguments
from core.tensor_files import read_tensors

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
_WRAPPERS = ("state_dict", "model", "model_state")
_CLASSIFIERS = ("fc.", "classifier.", "head.")

State = dict[str, torch.Tensor]


def read_state(path: Path) -> State:
    """The tensors of a weights file, by name.

    `.safetensors`, or `.pth`/`.pt`/`.bin` holding tensors only (`weights_only`; nothing in the
    file is executed), plain or wrapped under `state_dict` or `model`. Raises ValueError for a
    missing file, another suffix, and a file that cannot be read so.
    """
    if path.suffix not in SUFFIXES:
        raise ValueError(f"weights file {str(path)!r} must end in one of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"weights file {str(path)!r} does not exist")
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return dict(load_file(path))
        except SafetensorError as error:
            raise ValueError(f"weights file {str(path)!r} is not safetensors: {error}") from error
    try:
        content = read_tensors(path)
    except ValueError as error:
        raise ValueError(f"weights file {str(path)!r} does not hold tensors only") from error
    for wrapper in _WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    named = isinstance(content, dict) and content
    if not named or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise ValueError(f"weights file {str(path)!r} does not hold named tensors")
    return {str(key).removeprefix("module."): value for key, value in content.items()}


def load_network_weights(
    network: Any, backbone: str, weights: str, image_size: int, unused: set[str]
) -> State:
    """Load `weights` (a path, or `pretrained`) into an uncut timm network, strictly.

    Left out are the classifier and the parameters in `unused` (the old head); they are returned.
    Any other tensor of the file without a place, or parameter without a tensor, is a ValueError.
    """
    if weights == "pretrained":
        state = _download(backbone, image_size)
        source = f"the pretrained weights of {backbone!r}"
    else:
        state = _as_timm_names(network, read_state(Path(weights).expanduser()))
        source = f"weights file {weights!r}"
    return _load_strictly(network, state, unused, source)


def _download(backbone: str, image_size: int) -> State:
    if own_network(backbone) is not None:
        raise ValueError(f"{backbone!r} has no pretrained weights: pass weights='none'")
    timm = import_timm()
    arguments = timm_arguments(backbone, image_size)
    try:
        network = timm.create_model(backbone, pretrained=True, **arguments)
    except Exception as error:
        # Whatever the network, the hub or timm raised, the way out for the user is the same.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"no pretrained weights for {backbone!r} ({reason}); pass weights=FILE (a local "
            f".safetensors or .pth of this backbone) or weights='none'"
        ) from error
    return dict(network.state_dict())


def _as_timm_names(network: Any, state: State) -> State:
    # timm's own conversion of the original authors' names (and of position embeddings made for
    # another image size), where the network's module has one.
    module = sys.modules[type(network).__module__]
    convert = getattr(module, "checkpoint_filter_fn", None)
    return dict(convert(state, network)) if convert is not None else state


def _load_strictly(network: Any, state: State, unused: set[str], source: str) -> State:
    own = network.state_dict()
    old_head = {key.rpartition(".")[0] for key in unused}
    kept = {key: value for key, value in state.items() if key in own and key not in unused}
    leftover = {key: value for key, value in state.items() if key not in kept}
    strange = [key for key in leftover if key not in unused and not key.startswith(_CLASSIFIERS)]
    missing = [
        key
        for key in own
        if key not in kept
        and key not in unused
        and key.rpartition(".")[0] not in old_head
        and not key.endswith("num_batches_tracked")  # absent from old files, without effect
    ]
    wrong = [
        f"{key} {tuple(kept[key].shape)} for {tuple(own[key].shape)}"
        for key in kept
        if kept[key].shape != own[key].shape
    ]
    for problem, names in (("unknown", strange), ("missing", missing), ("misshapen", wrong)):
        if names:
            shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
            raise ValueError(f"{source} do not fit: {len(names)} {problem} tensors: {shown}")
    network.load_state_dict(kept, strict=False)
    return leftover
