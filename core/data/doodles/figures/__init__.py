"""What each word of the built-in set looks like when drawn: ideal strokes in several styles."""

from core.data.doodles.figures import (
    animals,
    clothes,
    food,
    household,
    outdoors,
    tableware,
    things,
    vehicles,
)
from core.data.doodles.figures.pen import Figure
from core.data.doodles.words import WORDS

_KNOWN: dict[str, Figure] = {
    **animals.FIGURES,
    **clothes.FIGURES,
    **food.FIGURES,
    **household.FIGURES,
    **outdoors.FIGURES,
    **tableware.FIGURES,
    **things.FIGURES,
    **vehicles.FIGURES,
}

FIGURES: dict[str, Figure] = {word: _KNOWN[word] for word in WORDS}
"""The figure of each word, in the order of `words.WORDS`."""
