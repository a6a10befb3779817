#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists the models of a server, and prints details of a failed call."""

import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

client = Oai.Client()
try:
    for model in client.models.list(None):
        print(model.id, model.owned_by)
except GLib.Error as error:
    call = client.find_call_for_error(error)
    print(error.message, file=sys.stderr)
    if call is not None:
        print("status %d after %d attempts" % (call.get_status_code(), call.get_n_attempts()), file=sys.stderr)
    sys.exit(1)
