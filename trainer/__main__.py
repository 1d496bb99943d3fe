"""`python -m trainer` is the command `sketchy`."""

from trainer.cli import main

main()
