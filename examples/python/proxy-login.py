#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks a password, which it reads from standard input, and prints a token for the back end of proxy.py that expires after
an hour.  A web service would do the same when a user logs in.

usage: proxy-login.py KEYS USERS NAME (USERS has lines NAME:SALT:HASH, in hexadecimal; the hash is scrypt with N=16384, r=8, p=1)
"""

import hashlib
import hmac
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

HOUR_MS = 60 * 60 * 1000


def check_password(path, name, password):
    """For an unknown user, a hash is computed as well, so that the duration does not depend on it."""
    with open(path, encoding="utf-8") as file:
        users = {fields[0]: fields[1:] for fields in (line.strip().split(":") for line in file) if len(fields) == 3}
    salt, wanted = users.get(name, ("00", ""))
    computed = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=16384, r=8, p=1)
    return hmac.compare_digest(computed.hex(), wanted)


def main():
    if len(sys.argv) != 4:
        print("usage: proxy-login.py KEYS USERS NAME", file=sys.stderr)
        return 2
    keys, users, name = sys.argv[1:]
    try:
        if not check_password(users, name, sys.stdin.readline().rstrip("\n")):
            print("The name or the password is wrong", file=sys.stderr)
            return 1
        issuer = Oai.ProxyTokenIssuer.new()
        issuer.load_keys(keys)
        print(issuer.issue(name, "free", HOUR_MS))
    except (GLib.Error, OSError) as error:
        print(getattr(error, "message", error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
