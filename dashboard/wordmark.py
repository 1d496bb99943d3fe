"""The name in the corner, drawn for a light and for a dark page."""


def wordmark(*, dark: bool) -> str:
    """An SVG of the name; it is an image to the browser, which gives it no colour of the page."""
    ink, accent = ("#ECEAE4", "#F0714B") if dark else ("#1B1F2A", "#E4572E")
    font = "font-family=\"'Source Sans', 'Source Sans 3', 'Helvetica Neue', Arial, sans-serif\""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="124" height="36" viewBox="0 0 124 36">'
        f'<text x="0" y="26" {font} font-size="28" font-weight="700" letter-spacing="-0.6" '
        f'fill="{ink}">sketch<tspan fill="{accent}">y</tspan></text></svg>'
    )
