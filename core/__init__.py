"""What Sketchy knows: data, models, losses, metrics, retrieval and the run directory."""

__version__ = "0.1.0"
