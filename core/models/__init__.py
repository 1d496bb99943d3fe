"""Encoders: backbones, attention, heads, presets, and the workshop's checkpoint."""
