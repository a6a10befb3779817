# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays replies as speech, and records dictations, with GStreamer if it is installed."""

import os

import gi
from gi.repository import Gio, GLib, Oai

try:
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
    Gst.init(None)
except ValueError:
    Gst = None

SPEECH_MODEL = "gpt-4o-mini-tts"
DICTATION_MODEL = "whisper-1"
MAX_DICTATION = 600  # seconds

PLAYER = "giostreamsrc name=data ! decodebin ! audioconvert ! audioresample ! %s"
RECORDER = "%s ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=16000,channels=1 ! wavenc ! giostreamsink name=data"


class Pipeline:
    """A pipeline that reports its end, once."""

    def __init__(self, description, stream, ended, failed):
        self.pipeline = Gst.parse_launch(description)
        self.pipeline.get_by_name("data").set_property("stream", stream)
        self.ended = ended
        self.failed = failed
        self.bus = self.pipeline.get_bus()
        self.bus.add_signal_watch()
        self.bus.connect("message::eos", lambda _bus, _message: self.finish(self.ended))
        self.bus.connect("message::error", lambda _bus, message: self.finish(self.failed, message.parse_error()[0]))
        self.pipeline.set_state(Gst.State.PLAYING)

    def finish(self, function=None, *arguments):
        if self.pipeline is not None:
            self.pipeline.set_state(Gst.State.NULL)
            self.bus.remove_signal_watch()
            self.pipeline = None
            if function:
                function(*arguments)


class Speech:
    """What a window plays or records; changed() is called at the beginning and at the end."""

    sink = os.environ.get("OAI_CHAT_SINK") or "autoaudiosink"
    source = os.environ.get("OAI_CHAT_SOURCE") or "autoaudiosrc"

    def __init__(self, changed, failed):
        self.changed = changed
        self.failed = failed
        self.player = self.recorder = self.cancellable = None
        self.timeout = 0

    def speak(self, client, text):
        """Plays a text."""
        request = Oai.SpeechRequest(model=SPEECH_MODEL, input=text[:4096], voice=Oai.SPEECH_VOICE_CORAL, response_format=Oai.SPEECH_FORMAT_WAV)
        self.cancellable = Gio.Cancellable()
        client.audio.create_speech_async(request, self.cancellable, self.on_speech)
        self.changed()

    def on_speech(self, audio, result):
        self.cancellable = None
        try:
            data = audio.create_speech_finish(result)
            self.player = Pipeline(PLAYER % self.sink, Gio.MemoryInputStream.new_from_bytes(data), self.on_ended, self.on_player_failed)
        except GLib.Error as error:
            self.on_player_failed(error)

    def on_ended(self):
        self.player = None
        self.changed()

    # A failure of one does not end the other.

    def on_player_failed(self, error):
        self.player = None
        self.fail(error)

    def on_recorder_failed(self, error):
        self.cancel_timeout()
        self.recorder = None
        self.fail(error)

    def fail(self, error):
        if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
            self.failed(error)
        self.changed()

    def stop(self):
        """Ends what is played."""
        if self.cancellable:
            self.cancellable.cancel()
        elif self.player:
            self.player.finish(self.on_ended)

    def is_speaking(self):
        return self.player is not None or self.cancellable is not None

    def record(self, client, transcribed):
        """Records until finish_recording(), then calls transcribed() with the text."""
        stream = Gio.MemoryOutputStream.new_resizable()

        def done(audio, result):
            try:
                transcribed(audio.transcribe_finish(result).text)
            except GLib.Error as error:
                self.fail(error)

        def ended():
            self.cancel_timeout()
            self.recorder = None
            self.changed()
            stream.close()
            file = Oai.InputFile.new_for_bytes(stream.steal_as_bytes(), "dictation.wav")
            request = Oai.TranscriptionRequest(file=file, model=DICTATION_MODEL)
            client.audio.transcribe_async(request, None, done)

        try:
            self.recorder = Pipeline(RECORDER % self.source, stream, ended, self.on_recorder_failed)
        except GLib.Error as error:
            self.on_recorder_failed(error)
            return
        self.timeout = GLib.timeout_add_seconds(MAX_DICTATION, self.on_timeout)
        self.changed()

    def on_timeout(self):
        self.timeout = 0
        self.finish_recording()
        return GLib.SOURCE_REMOVE

    def cancel_timeout(self):
        if self.timeout:
            GLib.source_remove(self.timeout)
            self.timeout = 0

    def finish_recording(self):
        self.cancel_timeout()
        if self.recorder:
            self.recorder.pipeline.send_event(Gst.Event.new_eos())

    def close(self):
        """Ends what is played and recorded; nothing is transcribed."""
        self.cancel_timeout()
        self.stop()
        if self.recorder:
            self.recorder.finish()
            self.recorder = None
