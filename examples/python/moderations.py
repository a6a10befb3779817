#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Moderates a text, and prints the categories that apply.

usage: moderations.py TEXT
"""

import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def main(text):
    moderations = Oai.Client().moderations
    if not moderations.moderate_text(text, None):
        print("harmless")
        return
    for result in moderations.create(Oai.ModerationRequest.new_for_text(text), None).get_results():
        for category in result.dup_flagged_categories():
            print("%s: %.3f" % (category, result.get_score(category)))


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "I will show them violence!")
    except GLib.Error as error:
        sys.exit(error.message)
