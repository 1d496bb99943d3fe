"""How Sketchy learns: one loop, one launcher, one search and the command line."""
