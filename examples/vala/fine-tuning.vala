/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fine-tunes a model with a file of examples, and prints the events of the job.
 *
 * usage: fine-tuning FILE [MODEL] */

string describe_end (Oai.FineTuningJob job) {
    var what = job.status == Oai.FINE_TUNING_STATUS_CANCELLED ? "the job was cancelled" : "the job " + job.status;
    // Servers can send an error without a message, for example for a cancelled job.
    unowned var error = job.get_error ();
    unowned string? reason = error != null ? error.get_message () : null;
    return reason != null ? what + ": " + reason : what;
}

async void train (string path, string model) throws Error {
    var client = new Oai.Client (null, null);
    var upload = new Oai.FileUploadRequest (new Oai.InputFile.for_path (path), Oai.FILE_PURPOSE_FINE_TUNE);
    var examples = yield new Oai.FilesEndpoint (client).upload_async (upload, null);

    var tuning = new Oai.FineTuningEndpoint (client);
    var request = new Oai.FineTuningJobRequest (model, examples.id);
    request.method = new Oai.FineTuningMethod.for_supervised (null);
    var job = yield tuning.create_async (request, null);

    var watch = new Oai.FineTuningWatch (tuning, job.id);
    watch.interval_ms = 1000;
    watch.event.connect ((event) => print ("%s\n", event.message));
    watch.status_changed.connect ((changed) => print ("→ %s\n", changed.status));
    job = yield watch.run_async (null);
    if (job.status != Oai.FINE_TUNING_STATUS_SUCCEEDED)
        throw new IOError.FAILED ("%s", describe_end (job));
    print ("the model is %s\n", job.fine_tuned_model);
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 0;

    if (args.length < 2) {
        printerr ("usage: fine-tuning FILE [MODEL]\n");
        return 2;
    }
    train.begin (args[1], args.length > 2 ? args[2] : "gpt-4o-mini-2024-07-18", (source, result) => {
        try {
            train.end (result);
        } catch (Error e) {
            printerr ("%s\n", e.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
