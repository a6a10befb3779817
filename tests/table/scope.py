# SPDX-License-Identifier: LGPL-2.1-or-later
"""The variables for the Python lines of the guide; each is created when a line uses it."""

import queue
import threading
from functools import cached_property

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

POLL = (1, 10000)


class Scope:
    def __init__(self, row, key):
        self._first_version = row.version == "v1"
        self._finished = row.finished
        settings = Oai.Settings.new()
        settings.set_beta_version("assistants", row.version)
        self.client = Oai.Client(Oai.Auth.new(key), settings)

    def _upload(self, path, purpose):
        return self.client.files.upload_path(path, purpose).id

    @cached_property
    def file_id(self):
        return self._upload("notes.txt", Oai.FILE_PURPOSE_ASSISTANTS)

    @cached_property
    def other_file_id(self):
        return self._upload("notes.txt", Oai.FILE_PURPOSE_ASSISTANTS)

    @cached_property
    def training_file_id(self):
        return self._upload("training.jsonl", Oai.FILE_PURPOSE_FINE_TUNE)

    @cached_property
    def assistant(self):
        function = Oai.FunctionDefinition(name="get_weather")
        request = Oai.AssistantRequest(model="gpt-4o", name="Tutor", tools=[Oai.AssistantFunctionTool(function=function)])
        if self._first_version:
            request.set_file_ids([self.file_id])
        return self.client.assistants.create(request)

    @cached_property
    def assistant_id(self):
        return self.assistant.id

    @cached_property
    def thread(self):
        request = Oai.ThreadRequest.new_for_text("What is 3 x 4?")
        request.set_metadata_value("topic", "sums")
        return self.client.threads.create(request)

    @cached_property
    def thread_id(self):
        return self.thread.id

    @cached_property
    def message(self):
        request = Oai.ThreadMessageRequest.new_user("And 4 x 5?")
        if self._first_version:
            request.set_file_ids([self.file_id])
        return self.client.threads.create_message(self.thread_id, request)

    @cached_property
    def message_id(self):
        return self.message.id

    @cached_property
    def run(self):
        run = self.client.threads.create_run(self.thread_id, Oai.RunRequest(assistant_id=self.assistant_id), None)
        return run.wait(*POLL) if self._finished else run

    @cached_property
    def run_id(self):
        return self.run.id

    @cached_property
    def step(self):
        return next(iter(self.run.list_steps()))

    @cached_property
    def step_id(self):
        return self.step.id

    @cached_property
    def waiting_run(self):
        return self.assistant.create_thread_and_run(Oai.ThreadRequest.new_for_text("Please use the tool.")).wait(*POLL)

    @cached_property
    def outputs(self):
        outputs = Oai.RunToolOutputsRequest()
        for call in self.waiting_run.get_tool_calls():
            outputs.add_output(call.id, "12")
        return outputs

    def _respond(self, **fields):
        return self.client.responses.create(Oai.ResponseRequest(model="gpt-4o", **fields))

    @cached_property
    def calling_response(self):
        tool = Oai.ResponseFunctionTool(name="get_weather", parameters={"type": "object"}, strict=False)
        return self._respond(input="Please use the tool.", tools=[tool])

    @cached_property
    def response(self):
        return self._respond(input="Hello!")

    @cached_property
    def response_id(self):
        return self.response.id

    @cached_property
    def background_id(self):
        return self._respond(input="Hello!", background=True).id

    @cached_property
    def function_call(self):
        return self.calling_response.dup_function_calls()[0]

    @cached_property
    def conversation(self):
        hello = Oai.ResponseMessage.new_user("Hello!")
        return self.client.conversations.create(Oai.ConversationRequest(items=[hello]))

    @cached_property
    def conversation_id(self):
        return self.conversation.id

    @cached_property
    def item_id(self):
        return next(iter(self.conversation.list_items())).id

    @cached_property
    def job_id(self):
        return self.client.fine_tuning.create(Oai.FineTuningJobRequest(model="gpt-4o-mini", training_file=self.training_file_id)).id

    @cached_property
    def fine_tuned_model(self):
        for _look in range(10):
            model = self.client.fine_tuning.retrieve(self.job_id).fine_tuned_model
            if model:
                return model
        raise AssertionError("the job does not end")

    @cached_property
    def request(self):
        return Oai.ChatRequest(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])

    @cached_property
    def completion(self):
        return self.client.chat.create(self.request)

    @cached_property
    def tool(self):
        return Oai.ChatTool.new_function("get_weather", "Tells the weather", None, False)

    @cached_property
    def toolset(self):
        toolset = Oai.Toolset()
        toolset.tool(self.get_weather)
        return toolset

    def get_weather(self, city: str):
        """Returns the weather."""
        assert city
        return {"celsius": 12}

    @cached_property
    def call(self):
        request = Oai.ChatRequest(model="gpt-4o", messages=[{"role": "user", "content": "Please use the tool."}], tools=[self.tool])
        return self.client.chat.create(request).get_tool_calls()[0]

    @cached_property
    def image(self):
        return self.client.images.generate(Oai.ImageRequest(prompt="A house", model="dall-e-3")).get_data()[0]

    @cached_property
    def moderation_result(self):
        return self.client.moderations.create(Oai.ModerationRequest.new_for_text("I hate them.")).get_results()[0]

    def print_delta(self, text):
        assert isinstance(text, str)

    def play(self, data):
        assert data.get_size() > 0

    def run_tool(self, name, arguments):
        assert name == "get_weather" and arguments.startswith("{")
        return '{"celsius": 12}'

    def authenticate(self, _server, request):
        """The handler that the guide shows."""
        if request.get_token() != "sess-user":
            request.refuse(Oai.ProxyError.UNAUTHENTICATED, "User is not authorized")
        else:
            request.accept(Oai.ProxyIdentity.new("user", None))
        return True

    def _run_back_end(self, urls):
        context = GLib.MainContext()
        context.push_thread_default()
        server = Oai.ProxyServer.new(self.client)
        server.connect("authenticate", self.authenticate)
        server.listen("127.0.0.1:0", None)
        urls.put("http://%s/v1" % server.list_addresses()[0])
        GLib.MainLoop(context).run()

    @cached_property
    def proxy_url(self):
        """A back end in a thread, since the lines block their main context."""
        urls = queue.Queue()
        threading.Thread(target=self._run_back_end, args=(urls,), daemon=True).start()
        return urls.get()
