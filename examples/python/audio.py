#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Saves a text as speech, transcribes it, and prints each word with its time.

usage: audio.py TEXT FILE (OPENAI_SPEECH_MODEL names the speech model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


def main(text, path):
    audio = Oai.Client().audio
    request = Oai.SpeechRequest(model=os.environ.get("OPENAI_SPEECH_MODEL", "gpt-4o-mini-tts"), input=text,
                                voice=Oai.SPEECH_VOICE_CORAL, response_format=Oai.SPEECH_FORMAT_WAV)
    audio.save_speech(request, Gio.File.new_for_path(path), True, None)

    request = Oai.TranscriptionRequest(file=Oai.InputFile.new_for_path(path), model="whisper-1")
    request.enable_word_timestamps()
    for word in audio.transcribe(request, None).words:
        print("%6.2f %6.2f %s" % (word.start, word.end, word.word))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: audio.py TEXT FILE")
    try:
        main(*sys.argv[1:])
    except GLib.Error as error:
        sys.exit(error.message)
