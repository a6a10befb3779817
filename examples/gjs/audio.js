#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Converts a text to speech, reports the audio data while it arrives, and transcribes it.
//
// usage: audio.js TEXT (OPENAI_SPEECH_MODEL and OPENAI_TRANSCRIPTION_MODEL name the models)

import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

async function main(text) {
    const {audio} = Oai.Client.new(null, null);
    const request = Oai.SpeechRequest.new(GLib.getenv('OPENAI_SPEECH_MODEL') ?? 'gpt-4o-mini-tts', text);
    request.voice = Oai.SPEECH_VOICE_CORAL;
    request.response_format = Oai.SPEECH_FORMAT_WAV;

    const speech = Oai.Speech.new(audio, request);
    speech.connect('chunk', (_speech, data) => print(`${data.get_size()} bytes of sound`));
    const sound = await speech.run_async(null);

    const recording = Oai.InputFile.new_for_bytes(sound, 'speech.wav');
    const model = GLib.getenv('OPENAI_TRANSCRIPTION_MODEL') ?? 'gpt-4o-mini-transcribe';
    const stream = audio.transcribe_stream(Oai.TranscriptionRequest.new(recording, model));
    stream.connect('text-delta', (_stream, delta) => print(delta));
    await stream.run_async(null);
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;

main(ARGV[0] ?? 'The sky is blue.').catch(e => {
    printerr(e.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
