"""Which maker makes which word of the built-in set."""

from collections.abc import Callable

import core.data.doodles.solids.animals as animals
import core.data.doodles.solids.clothes as clothes
import core.data.doodles.solids.food as food
import core.data.doodles.solids.home as home
import core.data.doodles.solids.outdoors as outdoors
import core.data.doodles.solids.tableware as tableware
import core.data.doodles.solids.vehicles as vehicles
from core.data.doodles.solids.paints import Dice
from core.data.doodles.solids.subject import Subject

MAKERS: dict[str, Callable[[Dice], Subject]] = {
    "airplane": vehicles.airplane,
    "apple": food.apple,
    "banana": food.banana,
    "bicycle": vehicles.bicycle,
    "butterfly": animals.butterfly,
    "cactus": outdoors.cactus,
    "camera": home.camera,
    "candle": tableware.candle,
    "car": vehicles.car,
    "carrot": food.carrot,
    "cat": animals.cat,
    "chair": home.chair,
    "clock": home.clock,
    "coffee cup": tableware.coffee_cup,
    "crown": clothes.crown,
    "donut": food.donut,
    "envelope": home.envelope,
    "eyeglasses": clothes.eyeglasses,
    "fish": animals.fish,
    "flower": outdoors.flower,
    "guitar": home.guitar,
    "hot air balloon": vehicles.hot_air_balloon,
    "hourglass": tableware.hourglass,
    "house": outdoors.house,
    "ice cream": food.ice_cream,
    "ladder": home.ladder,
    "mushroom": food.mushroom,
    "pants": clothes.pants,
    "pizza": food.pizza,
    "sailboat": vehicles.sailboat,
    "snail": animals.snail,
    "snowman": outdoors.snowman,
    "sock": clothes.sock,
    "star": outdoors.star,
    "sun": outdoors.sun,
    "sword": home.sword,
    "t-shirt": clothes.t_shirt,
    "teapot": tableware.teapot,
    "umbrella": clothes.umbrella,
    "wine glass": tableware.wine_glass,
}
