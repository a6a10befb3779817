#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds the text that is most similar to a question.

usage: embeddings.py QUESTION [TEXT…]  (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

TEXTS = ["The sky is blue because of the air.", "Bread needs time to rise.", "Owls see well at night."]


def main(question, texts):
    model = os.environ.get("OPENAI_MODEL", "text-embedding-3-small")
    vectors = Oai.Client().embeddings.embed_texts(model, [question] + texts, None)

    # A vector is a GLib.Bytes of 32-bit floats; numpy.frombuffer(vector.get_data(), "float32") converts it to an array.
    likeness = [Oai.vector_cosine_similarity(vectors[0], vector) for vector in vectors[1:]]
    for score, text in sorted(zip(likeness, texts), reverse=True):
        print("%6.3f %s" % (score, text))


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "What colour is the sky?", sys.argv[2:] or TEXTS)
    except GLib.Error as error:
        sys.exit(error.message)
