"""The built-in set: pictures and drawings of everyday things, made by our own code."""
