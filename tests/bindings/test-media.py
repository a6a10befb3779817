#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests files, images and audio in Python.  Prints TAP."""

import os
import sys
import tempfile
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, Oai, OaiMock  # noqa: E402

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(start):
    """Starts an operation, waits for it, and returns its result."""
    loop = GLib.MainLoop()
    got = []

    def done(source, result):
        got.append((source, result))
        loop.quit()

    start(done)
    loop.run()
    return got[0]


@test
def a_file_is_uploaded_and_downloaded(client, _mock, directory):
    path = os.path.join(directory, "a.txt")
    with open(path, "wb") as file:
        file.write(b"contents" * 100000)
    source = Oai.InputFile.new_for_path(path)
    fractions = []
    source.connect("notify::fraction", lambda source, _pspec: fractions.append(source.props.fraction))
    upload = Oai.FileUploadRequest(file=source, purpose=Oai.FILE_PURPOSE_USER_DATA)
    file = client.files.upload(upload, None)
    assert file.bytes == 800000 and fractions[-1] == 1.0, fractions

    saved = client.files.download_to_directory(file.id, Gio.File.new_for_path(directory).get_child("deep"), False, None)
    with open(saved.get_path(), "rb") as file_:
        assert file_.read() == b"contents" * 100000
    assert saved.get_basename() == "a.txt"
    assert client.files.delete_when_processed(file.id, -1, None)


@test
def bytes_are_uploaded_by_a_callback(client, _mock, _directory):
    content = GLib.Bytes.new(b"{}\n")
    files, result = run(lambda done: client.files.upload_bytes_async(content, "a.jsonl", "batch", None, done))
    file = files.upload_bytes_finish(result)
    assert client.files.retrieve_content(file.id, None).get_data() == b"{}\n"
    assert client.files.wait_for_processing(file.id, 0, -1, None).status == Oai.FILE_STATUS_PROCESSED


@test
def a_failed_download_leaves_no_file(client, mock, directory):
    reply = OaiMock.Reply.new_bytes(200, "application/octet-stream", GLib.Bytes.new(b"contents"))
    reply.set_framing(OaiMock.Framing.LENGTH)
    reply.set_truncate_after(3)
    mock.push_reply_for("GET", "/files/file-1/content", reply)
    target = Gio.File.new_for_path(directory).get_child("x")
    try:
        client.files.download("file-1", target, False, None)
        raise AssertionError("no error")
    except GLib.Error as error:
        assert error.matches(Oai.error_quark(), Oai.Error.INCOMPLETE), error
    assert os.listdir(directory) == []


def speech_request():
    return Oai.SpeechRequest(model="gpt-4o-mini-tts", input="Hello, world!", voice=Oai.SPEECH_VOICE_ALLOY,
                             response_format=Oai.SPEECH_FORMAT_WAV)


@test
def speech_arrives_in_chunks(client, _mock, directory):
    speech = Oai.Speech.new(client.audio, speech_request())
    chunks = []
    speech.connect("chunk", lambda _speech, data: chunks.append(data.get_data()))
    speech, result = run(lambda done: speech.run_async(None, done))
    sound = speech.run_finish(result).get_data()
    assert len(chunks) > 1 and b"".join(chunks) == sound and sound[:4] == b"RIFF"

    stream = client.audio.open_speech(speech_request(), None)
    assert stream.read_bytes(4, None).get_data() == b"RIFF"
    stream.close(None)

    target = Gio.File.new_for_path(directory).get_child("a.wav")
    assert client.audio.save_speech(speech_request(), target, False, None)
    assert target.load_bytes(None)[0].get_data() == sound


@test
def speech_comes_in_events_with_usage(client, _mock, _directory):
    stream = client.audio.create_speech_stream(speech_request())
    sound = []
    stream.connect("audio-delta", lambda _stream, data: sound.append(data.get_data()))
    done = stream.run(None)
    assert b"".join(sound)[:4] == b"RIFF" and done.get_usage().total_tokens > 0


@test
def a_recording_is_transcribed(client, _mock, _directory):
    recording = Oai.InputFile.new_for_bytes(GLib.Bytes.new(b"RIFF"), "a.wav")
    request = Oai.TranscriptionRequest(file=recording, model="whisper-1")
    request.enable_word_timestamps()
    words = client.audio.transcribe(request, None).get_words()
    assert [word.word for word in words][:2] == ["I", "heard"] and words[1].start == 0.5

    request = Oai.TranscriptionRequest(file=recording, model="gpt-4o-transcribe")
    stream = client.audio.transcribe_stream(request)
    texts = []
    stream.connect("text-delta", lambda _stream, text: texts.append(text))
    assert stream.run(None).text == "".join(texts) == "I heard 4 bytes of a.wav."


@test
def intermediate_images_are_reported(client, _mock, directory):
    stream = client.images.generate_stream(Oai.ImageRequest(prompt="A house", model="gpt-image-1", partial_images=2))
    seen = []
    stream.connect("partial-image", lambda _stream, picture, index: seen.append((index, picture.get_data()[1:4])))
    pictures = stream.run(None)
    assert seen == [(0, b"PNG"), (1, b"PNG")], seen
    target = Gio.File.new_for_path(directory).get_child("a.png")
    assert pictures.get_data()[0].save(target, False, None)
    assert target.load_bytes(None)[0].get_data()[1:4] == b"PNG"


@test
def an_image_is_loaded_from_its_url(client, mock, _directory):
    pictures = client.images.generate(Oai.ImageRequest(prompt="A house", model="dall-e-3"), None)
    picture = pictures.get_data()[0]
    assert picture.dup_bytes() is None
    assert picture.load_bytes(None).get_data()[1:4] == b"PNG"
    assert mock.dup_request(-1).get_header("authorization") is None


def main():
    mock = OaiMock.Server.new()
    mock.start_in_thread()
    failures = 0
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        mock.reset()
        client = Oai.Client.new(Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(mock.get_base_url()))
        try:
            with tempfile.TemporaryDirectory() as directory:
                function(client, mock, directory)
            assert not mock.is_validating() or mock.dup_violations() == [], mock.dup_violations()
            print("ok %d %s" % (number, name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
