/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uploads a file with progress, downloads it again, and deletes it.
 *
 * usage: files FILE DIRECTORY */

async void there_and_back (File source, File directory) throws Error {
    var files = new Oai.FilesEndpoint (new Oai.Client (null, null));
    var input = new Oai.InputFile.for_file (source);
    input.notify["fraction"].connect (() => printerr ("\r%3.0f %%", input.fraction * 100));

    var upload = new Oai.FileUploadRequest (input, Oai.FILE_PURPOSE_USER_DATA);
    var file = yield files.upload_async (upload, null);
    printerr ("\n");
    print ("%s is %s, %lld bytes\n", source.get_path (), file.id, file.bytes);

    var saved = yield files.download_to_directory_async (file.id, directory, true, null);
    print ("and again %s\n", saved.get_path ());
    yield files.delete_when_processed_async (file.id, -1, null);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    if (args.length != 3) {
        printerr ("usage: %s FILE DIRECTORY\n", args[0]);
        return 2;
    }

    there_and_back.begin (File.new_for_commandline_arg (args[1]), File.new_for_commandline_arg (args[2]), (source, result) => {
        try {
            there_and_back.end (result);
        } catch (Error e) {
            printerr ("%s\n", e.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
