"""What each word of the built-in set looks like when drawn: ideal strokes in several styles."""

from core.data.doodles.figures import (
    animals,
    cat,
    clothes,
    flying,
    fruit,
    home,
    outdoors,
    plants,
    sky,
    sweets,
    table,
    things,
    vehicles,
    vessels,
    worn,
)
from core.data.doodles.figures.pen import Figure
from core.data.doodles.words import WORDS

_KNOWN: dict[str, Figure] = {
    **animals.FIGURES,
    **cat.FIGURES,
    **clothes.FIGURES,
    **flying.FIGURES,
    **fruit.FIGURES,
    **home.FIGURES,
    **outdoors.FIGURES,
    **plants.FIGURES,
    **sky.FIGURES,
    **sweets.FIGURES,
    **table.FIGURES,
    **things.FIGURES,
    **vehicles.FIGURES,
    **vessels.FIGURES,
    **worn.FIGURES,
}

FIGURES: dict[str, Figure] = {word: _KNOWN[word] for word in WORDS}
"""The figure of each word, in the order of `words.WORDS`."""
