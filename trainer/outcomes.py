"""How training may end before its last epoch, as exceptions."""


class Stopped(Exception):
    """Training was asked to stop and has written what it needs to go on."""


class Failed(ValueError):
    """Training can't go on, and starting the same again would not help: a user has to act.

    Every process of the run raises it at the same place, with the same message.
    """
