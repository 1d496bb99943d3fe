"""How people look at runs: Streamlit views over run directories."""
