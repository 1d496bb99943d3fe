"""Everyday things as signed-distance fields: the shapes, the paints, and one maker for each word."""
