"""cluster.yaml and its documented variants pass the validation of Ray's own cluster launcher."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
VARIANTS = {"cluster.yaml": "aws", "docs/cluster-onprem.yaml": "local"}


def prepared(name: str) -> dict[str, Any]:
    """The file as `ray up` completes and checks it."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    config: dict[str, Any] = prepare_config(yaml.safe_load((ROOT / name).read_text("utf-8")))
    validate_config(config)
    return config


@pytest.mark.parametrize(("name", "provider"), VARIANTS.items())
def test_ray_accepts_it(name: str, provider: str) -> None:
    config = prepared(name)
    assert config["provider"]["type"] == provider
    assert config["max_workers"] >= 1
    assert config["file_mounts"] == {"/home/ubuntu/sketchy": "."}
    assert any("--editable /home/ubuntu/sketchy" in line for line in config["setup_commands"])


def test_ray_refuses_a_mistake() -> None:
    """The check above can fail: an unknown key is not accepted."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    content = yaml.safe_load((ROOT / "cluster.yaml").read_text("utf-8"))
    with pytest.raises(Exception, match="max_worker"):
        validate_config(prepare_config({**content, "max_worker": 3}))


def test_the_head_trains_nothing_and_workers_have_gpus_on_spot() -> None:
    types = prepared("cluster.yaml")["available_node_types"]
    assert types["head"]["resources"] == {"CPU": 0}
    worker = types["gpu_worker"]
    assert worker["resources"]["GPU"] > 1
    assert (worker["min_workers"], worker["max_workers"]) == (0, 8)
    assert worker["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}


def test_every_documented_file_is_checked_here() -> None:
    there = {str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.yaml")} | {"cluster.yaml"}
    assert there == set(VARIANTS)
    text = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    assert all(name in text for name in VARIANTS)
