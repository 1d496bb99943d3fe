"""Start the dashboard: `python -m dashboard --port 8501 --runs runs`.

Every setting goes along as a flag, so that the theme holds whichever folder this is started in.
"""

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent


def streamlit_arguments(port: int, address: str = "127.0.0.1") -> list[str]:
    """The command line that starts the server, without the interpreter."""
    settings = {
        "server.port": port,
        "server.address": address,
        "server.headless": "true",
        # The watcher would look through torch on every start.
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        # With torch in memory it took half a second after every run of a page.
        "runner.postScriptGC": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.base": HERE / "theme.toml",
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return ["-m", "streamlit", "run", str(HERE / "app.py"), *flags]


def main(arguments: list[str] | None = None) -> None:
    """Replace this process by the server."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="Look at runs.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1", help="loopback unless you say otherwise")
    parser.add_argument("--runs", default=os.environ.get("SKETCHY_RUNS", "runs"))
    chosen = parser.parse_args(arguments)
    os.environ["SKETCHY_RUNS"] = str(Path(chosen.runs).absolute())
    # One sketch is too little work to share: threads that wait for one another made an answer
    # take seconds on a busy machine that takes 0.1 s with one. Galleries use several workers.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    command = streamlit_arguments(chosen.port, chosen.address)
    os.execv(sys.executable, [sys.executable, *command])


if __name__ == "__main__":
    main()
