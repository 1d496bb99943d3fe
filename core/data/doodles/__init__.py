"""The built-in set: rendered pictures of everyday things, and drawings of them, made by our own code."""
