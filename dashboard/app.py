"""The script that Streamlit runs, from top to bottom at every change."""

from dashboard.router import main

if __name__ == "__main__":
    main()
