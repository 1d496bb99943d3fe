"""Which photos a page searches: the run's own, or others that were kept with it."""

import ipaddress
import shlex

import streamlit as st

from core.dataset import at_hand
from core.gallery import Gallery
from core.runs import Run
from dashboard import cached, pieces, state
from dashboard.checkpoint import data_name

OWN = ""
"""The choice of the run's own photos."""


def own(run: Run) -> Gallery | None:
    """The photos of the run's own data set; None while it has none, and what is done about it.

    Training keeps them at its end: a trial of a study, or a run that was interrupted, has none
    before somebody looks. They are kept at once where the data set is packed here; it is read anew
    only if the person asks for it, for what a run says of its data may be a stranger's word.
    """
    found = cached.gallery(run)
    if found is not None:
        return found
    asked = f"photos asked of {run.path}"
    if cached.packed(run) or st.session_state.get(asked):
        keeping = cached.keeping(run)
        st.session_state[asked] = not keeping.finished
        pieces.watch(keeping)
        return None
    spec = str(run.info.get("data", {}).get("spec", ""))
    if at_hand(run):
        pieces.empty(
            f"{run.name} has no photos to search yet",
            f"They are kept when training ends, or now: {spec} is read once for it. You can leave "
            "the page meanwhile.",
        )
        st.button(
            "Keep its photos",
            icon=":material/photo_library:",
            on_click=lambda: st.session_state.update({asked: True}),
        )
    else:
        pieces.empty(
            f"{run.name} has no photos to search yet",
            f"They are kept when training ends. Its data set, {spec}, is not on this machine: copy "
            "the run with its gallery folder, or ask it once where the data is, which makes it.",
            f"sketchy query {shlex.quote(run.name)} DRAWING.png",
        )
    return None


def searched(run: Run) -> Gallery | None:
    """The photos chosen for the run, as `own`."""
    spec = st.session_state.get(_wanted(run), "")
    if spec:
        started = cached.keeping(run, spec)
        if not started.finished:
            pieces.watch(started)
            return None
        del st.session_state[_wanted(run)]
        if isinstance(started.result, Gallery):
            st.session_state[state.bind("photos", OWN)] = started.result.key
        else:
            pieces.trouble(f"{spec}: {started.error}")
    others = {found.key: found for found in cached.galleries(run)}
    key = st.session_state[state.bind("photos", OWN, [OWN, *others])]
    return others[key] if key in others else own(run)


def chooser(run: Run) -> None:
    """The galleries kept with the run, and a field for another one."""
    found, mine = cached.galleries(run), cached.gallery(run)
    names = {each.key: pieces.plain(f"{data_name(each.spec)} · {len(each):,}") for each in found}
    names[OWN] = names.pop(mine.key) if mine else "the run's own"
    options = sorted(names, key=lambda each: (each != OWN, names[each]))
    key = state.bind("photos", OWN, options)
    if len(options) > 1:
        st.radio("Search among", options, key=key, format_func=lambda each: names[each])
    if local():
        st.text_input(
            "Search other photos",
            key="photos_spec",
            placeholder="a folder, or a data spec",
            help="A folder of photos on this computer, or a data spec such as `builtin` or "
            "`sketchy:PATH`. They are embedded once and kept with the run.",
            on_change=_want,
            args=(run,),
        )


def local() -> bool:
    """Whether only this computer can reach the server: others may not open its folders."""
    address = str(st.get_option("server.address") or "")
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _want(run: Run) -> None:
    spec = str(st.session_state.get("photos_spec", "")).strip()
    st.session_state["photos_spec"] = ""
    if spec:
        st.session_state[_wanted(run)] = spec


def _wanted(run: Run) -> str:
    return f"photos wanted by {run.path}"
