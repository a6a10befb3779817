#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads replies of a model into objects: a dataclass, and an object that changes while the reply arrives.

usage: structured.py DISH (OPENAI_MODEL names the model)
"""

import dataclasses
import enum
import os
import sys
from typing import Annotated

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, GObject, Oai  # noqa: E402


class Difficulty(enum.Enum):
    EASY = "easy"
    HARD = "hard"


@dataclasses.dataclass
class Ingredient:
    name: str
    amount: Annotated[str, "with the unit, such as 200 g"]


@dataclasses.dataclass
class Recipe:
    title: str
    difficulty: Difficulty
    ingredients: list[Ingredient]
    minutes: int | None


class Menu(GObject.Object):
    starter = GObject.Property(type=str, blurb="A cold dish")
    main_course = GObject.Property(type=str)
    prices = GObject.Property(type=GObject.TYPE_STRV, blurb="Price of each course, in euros")


def make_request(text):
    request = Oai.ChatRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
    request.add_user_message(text)
    return request


def print_recipe(client, dish):
    request = make_request("A recipe for %s." % dish)
    request.set_response_type(Recipe)
    recipe = client.chat.create(request).parse(Recipe)
    print("%s (%s)" % (recipe.title, recipe.difficulty.name))
    for ingredient in recipe.ingredients:
        print("- %s: %s" % (ingredient.name, ingredient.amount))


def print_menu(client, dish):
    request = make_request("A menu with %s." % dish)
    request.set_response_type(Menu)
    menu = Menu()
    menu.connect("notify", lambda _menu, prop: print("[%s: %s]" % (prop.name, menu.get_property(prop.name))))
    stream = client.chat.create_stream(request)
    stream.set_parsed(menu)
    menu = stream.run().parse(Menu)  # fails if the reply is not complete
    print("%s, %s" % (menu.starter, menu.main_course))


def main():
    dish = " ".join(sys.argv[1:]) or "tomato soup"
    client = Oai.Client()
    try:
        print_recipe(client, dish)
        print_menu(client, dish)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
