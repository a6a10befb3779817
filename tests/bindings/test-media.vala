/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests files, images and audio in Vala. */

OaiMock.Server mock;

Oai.Client make_client () throws Error {
    mock.reset ();
    return new Oai.Client (new Oai.Auth ("sk-test"), new Oai.Settings.for_base_url (mock.get_base_url ()));
}

async void there_and_back (File directory) throws Error {
    var files = new Oai.FilesEndpoint (make_client ());
    var input = new Oai.InputFile.for_bytes (new Bytes ("contents".data), "a.txt");
    double fraction = 0;

    input.notify["fraction"].connect (() => fraction = input.fraction);
    var file = yield files.upload_async (new Oai.FileUploadRequest (input, Oai.FILE_PURPOSE_USER_DATA), null);
    assert_true (file.bytes == 8);
    assert_true (fraction == 1);

    var saved = yield files.download_to_directory_async (file.id, directory, false, null);
    uint8[] contents;
    yield saved.load_contents_async (null, out contents, null);
    assert_true (contents.length == 8);
    assert_true (yield files.delete_when_processed_async (file.id, -1, null));
    saved.delete ();
}

async void hear () throws Error {
    var audio = new Oai.AudioEndpoint (make_client ());
    var request = new Oai.SpeechRequest ("gpt-4o-mini-tts", "Hello, world!") { voice = Oai.SPEECH_VOICE_ALLOY };
    var speech = new Oai.Speech (audio, request);
    size_t size = 0;

    speech.chunk.connect ((data) => size += data.get_size ());
    var sound = yield speech.run_async (null);
    assert_true (size == sound.get_size () && size > 44);

    var stream = audio.transcribe_stream (new Oai.TranscriptionRequest (new Oai.InputFile.for_bytes (sound, "a.wav"), "gpt-4o-transcribe"));
    var text = new StringBuilder ();
    stream.text_delta.connect ((delta) => text.append (delta));
    var transcription = (Oai.Transcription) yield stream.run_async (null);
    assert_cmpstr (transcription.text, EQ, text.str);
}

async void draw () throws Error {
    var images = new Oai.ImagesEndpoint (make_client ());
    var request = new Oai.ImageRequest ("A house") { model = "gpt-image-1", partial_images = 2 };
    var stream = images.generate_stream (request);
    uint seen = 0;

    stream.partial_image.connect ((picture, index) => {
        assert_true (picture.get_size () > 8);
        assert_true (index == seen++);
    });
    var pictures = (Oai.ImageList) yield stream.run_async (null);
    assert_true (seen == 2);
    var picture = yield pictures.get_data ()[0].load_bytes_async (null);
    assert_true (picture.get_size () > 8);
}

void test_files () {
    var loop = new MainLoop ();

    try {
        var directory = File.new_for_path (DirUtils.make_tmp ("oai-media-XXXXXX"));
        there_and_back.begin (directory, (source, result) => {
            try {
                there_and_back.end (result);
            } catch (Error e) {
                assert_no_error (e);
            }
            loop.quit ();
        });
        loop.run ();
        directory.delete ();
    } catch (Error e) {
        assert_no_error (e);
    }
}

void test_audio () {
    var loop = new MainLoop ();

    hear.begin ((source, result) => {
        try {
            hear.end (result);
        } catch (Error e) {
            assert_no_error (e);
        }
        loop.quit ();
    });
    loop.run ();
}

void test_images () {
    var loop = new MainLoop ();

    draw.begin ((source, result) => {
        try {
            draw.end (result);
        } catch (Error e) {
            assert_no_error (e);
        }
        loop.quit ();
    });
    loop.run ();
}

int main (string[] args) {
    Test.init (ref args);

    mock = new OaiMock.Server ();
    try {
        mock.start_in_thread ();
    } catch (Error e) {
        error ("%s", e.message);
    }

    Test.add_func ("/vala/media/a-file-is-uploaded-and-downloaded", test_files);
    Test.add_func ("/vala/media/speech-and-transcription", test_audio);
    Test.add_func ("/vala/media/images-are-reported-while-they-are-generated", test_images);

    int status = Test.run ();
    mock.stop ();
    return status;
}
