"""Everyday things as signed-distance fields: shapes, paints, and one maker for each word."""
