# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files that the versions in C and in Python share, and the translations."""

import gettext
import locale
import os

DOMAIN = "oai-chat"
DIRECTORY = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LOCALE_DIRECTORY = os.environ.get("OAI_CHAT_LOCALE_DIR") or os.path.join(os.path.dirname(DIRECTORY), "locale")

# GtkBuilder uses the translations of the C library.
locale.bindtextdomain(DOMAIN, LOCALE_DIRECTORY)
_ = gettext.translation(DOMAIN, LOCALE_DIRECTORY, fallback=True).gettext


def get_ui(name):
    return os.path.join(DIRECTORY, "ui", name)
