"""The replay component: samples at every epoch, sent at once and played in the browser."""

from dashboard.player.component import Film, PlayerView, Sample, player, told

__all__ = ["Film", "PlayerView", "Sample", "player", "told"]
