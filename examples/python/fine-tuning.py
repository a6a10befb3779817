#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fine-tunes a model with a file of examples, and prints the events of the job.

usage: fine-tuning.py FILE [MODEL]
"""

import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def main(path, model):
    client = Oai.Client()
    upload = Oai.FileUploadRequest(file=Oai.InputFile.new_for_path(path), purpose=Oai.FILE_PURPOSE_FINE_TUNE)
    examples = client.files.upload(upload, None)

    numbers = Oai.FineTuningHyperparameters(n_epochs=3, batch_size_mode="auto")
    request = Oai.FineTuningJobRequest(model=model, training_file=examples.id, suffix="owl",
                                       method=Oai.FineTuningMethod.new_for_supervised(numbers))
    job = client.fine_tuning.create(request, None)

    watch = Oai.FineTuningWatch.new(client.fine_tuning, job.id)
    watch.set_interval_ms(1000)
    watch.connect("event", lambda _watch, event: print(event.message))
    watch.connect("status-changed", lambda _watch, job: print("→", job.status))
    job = watch.run(None)
    if job.status != Oai.FINE_TUNING_STATUS_SUCCEEDED:
        # Servers can send an error without a message, for example for a cancelled job.
        reason = job.error.message if job.error else None
        sys.exit("the job %s%s" % ("was cancelled" if job.status == Oai.FINE_TUNING_STATUS_CANCELLED else job.status,
                                   ": " + reason if reason else ""))

    print("the model is", job.fine_tuned_model)
    for checkpoint in job.list_checkpoints(None, None):
        print("step", checkpoint.step_number, "loss", checkpoint.metrics.train_loss)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: fine-tuning.py FILE [MODEL]")
    try:
        main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "gpt-4o-mini-2024-07-18")
    except GLib.Error as error:
        sys.exit(error.message)
