"""What goes wrong while something is drawn is told on the screen, in one plain sentence."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard import pieces


@contextmanager
def told(what: str) -> Iterator[None]:
    """Tell in place what went wrong in the part of a page called so, and go on after it.

    Below a `st.fragment`, which else tells a fault in Streamlit's own words before the page
    hears of it; what Streamlit raises to stop or to run again is no `Exception` and passes.
    """
    try:
        yield
    except ValueError as error:
        pieces.trouble(str(error))
    except Exception:
        logging.getLogger("sketchy").exception("%s failed", what)
        pieces.trouble("This page met a fault of ours. The server's log says more.")
