// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests files, images and audio in JavaScript. Prints TAP.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import OaiMock from 'gi://OaiMock?version=1';
import System from 'system';

function assertEqual(actual, wanted) {
    const [a, b] = [actual, wanted].map(value => JSON.stringify(value));
    if (a !== b)
        throw new Error(`got ${a}, wanted ${b}`);
}

function textOf(bytes) {
    return new TextDecoder().decode(bytes.toArray());
}

function head(bytes) {
    return String.fromCharCode(...bytes.toArray().slice(0, 4));
}

function speechRequest() {
    const request = Oai.SpeechRequest.new('gpt-4o-mini-tts', 'Hello, world!');
    request.voice = Oai.SPEECH_VOICE_ALLOY;
    request.response_format = Oai.SPEECH_FORMAT_WAV;
    return request;
}

const tests = {
    'a-file-is-uploaded-and-downloaded': async (client, mock, directory) => {
        const source = Oai.InputFile.new_for_bytes(new GLib.Bytes(new TextEncoder().encode('contents')), 'a.txt');
        let fraction = 0;
        source.connect('notify::fraction', () => {
            fraction = source.fraction;
        });
        const file = await client.files.upload_async(Oai.FileUploadRequest.new(source, Oai.FILE_PURPOSE_USER_DATA), null);
        assertEqual([file.bytes, fraction], [8, 1]);

        const saved = await client.files.download_to_directory_async(file.id, directory.get_child('deep'), false, null);
        assertEqual(saved.get_basename(), 'a.txt');
        assertEqual(textOf(saved.load_bytes(null)[0]), 'contents');
        assertEqual(await client.files.delete_when_processed_async(file.id, -1, null), true);
        saved.delete(null);
        directory.get_child('deep').delete(null);
    },

    'a-failed-download-leaves-no-file': async (client, mock, directory) => {
        const reply = OaiMock.Reply.new_bytes(200, 'application/octet-stream', new GLib.Bytes([1, 2, 3, 4]));
        reply.set_framing(OaiMock.Framing.LENGTH);
        reply.set_truncate_after(2);
        mock.push_reply_for('GET', '/files/file-1/content', reply);
        try {
            await client.files.download_async('file-1', directory.get_child('x'), false, null);
        } catch (e) {
            assertEqual(e.matches(Oai.Error, Oai.Error.INCOMPLETE), true);
            assertEqual(directory.get_child('x').query_exists(null), false);
            return;
        }
        throw new Error('no error');
    },

    'speech-arrives-in-chunks': async client => {
        const speech = Oai.Speech.new(client.audio, speechRequest());
        let size = 0;
        speech.connect('chunk', (_speech, data) => {
            size += data.get_size();
        });
        const sound = await speech.run_async(null);
        assertEqual([size, head(sound)], [sound.get_size(), 'RIFF']);

        const stream = await client.audio.open_speech_async(speechRequest(), null);
        const first = await new Promise((resolve, reject) => {
            stream.read_bytes_async(4, GLib.PRIORITY_DEFAULT, null, (_stream, result) => {
                try {
                    resolve(stream.read_bytes_finish(result));
                } catch (e) {
                    reject(e);
                }
            });
        });
        assertEqual(head(first), 'RIFF');
        stream.close(null);
    },

    'a-recording-is-transcribed': async client => {
        const recording = Oai.InputFile.new_for_bytes(new GLib.Bytes([1, 2, 3, 4]), 'a.wav');
        const stream = client.audio.transcribe_stream(Oai.TranscriptionRequest.new(recording, 'gpt-4o-transcribe'));
        let text = '';
        stream.connect('text-delta', (_stream, delta) => {
            text += delta;
        });
        const transcription = await stream.run_async(null);
        assertEqual([transcription.text, text], Array(2).fill('I heard 4 bytes of a.wav.'));
    },

    'images-are-reported-while-they-are-generated': async client => {
        const request = Oai.ImageRequest.new('A house');
        request.model = 'gpt-image-1';
        request.partial_images = 2;
        const stream = client.images.generate_stream(request);
        const seen = [];
        stream.connect('partial-image', (_stream, picture, index) => {
            seen.push([index, picture.toArray()[1]]);
        });
        const pictures = await stream.run_async(null);
        assertEqual(seen, [[0, 0x50], [1, 0x50]]);
        assertEqual((await pictures.get_data()[0].load_bytes_async(null)).toArray()[1], 0x50);
    },
};

const mock = new OaiMock.Server();
mock.start_in_thread();

let number = 0;
let failures = 0;
print(`1..${Object.keys(tests).length}`);

async function runAll(loop) {
    for (const [name, test] of Object.entries(tests)) {
        mock.reset();
        const client = Oai.Client.new(Oai.Auth.new('sk-test'),
            Oai.Settings.new_for_base_url(mock.get_base_url()));
        const directory = Gio.File.new_for_path(GLib.dir_make_tmp('oai-media-XXXXXX'));

        number++;
        try {
            // eslint-disable-next-line no-await-in-loop
            await test(client, mock, directory);
            directory.delete(null);
            assertEqual(mock.dup_violations(), []);
            print(`ok ${number} ${name}`);
        } catch (e) {
            failures++;
            print(`not ok ${number} ${name}`);
            print(`${e}\n${e.stack}`.trim().replace(/^/gm, '# '));
        }
    }
    loop.quit();
}

const loop = GLib.MainLoop.new(null, false);
runAll(loop);
loop.run();
mock.stop();
System.exit(failures ? 1 : 0);
