# SPDX-License-Identifier: LGPL-2.1-or-later
"""What this library calls the things that other libraries have under other names.

The names on the left are those of the openai package and of libraries of GNOME.  On the right is a tuple of names to suggest, or
a sentence.  This module is only imported to explain an error.
"""

import re

_ITERATE = "iterate over the stream, or use its signals"
_CATCH = "catch GLib.Error, and compare error.matches(Oai.error_quark(), Oai.Error.%s)"
_NO_MODULE = "there is no module for it; Oai.Client.invoke() sends any request"

_GLOBAL = {
    "OpenAI": ("Client",),
    "AsyncOpenAI": ("Client",),
    "AzureOpenAI": ("Settings.new_for_azure",),
    "AsyncAzureOpenAI": ("Settings.new_for_azure",),
    "OpenAIError": "catch GLib.Error, and compare error.domain with GLib.quark_to_string(Oai.error_quark())",
    "APIError": "catch GLib.Error, and compare error.domain with GLib.quark_to_string(Oai.error_quark())",
    "APIStatusError": "catch GLib.Error; client.find_call_for_error(error).status_code is the status",
    "APIConnectionError": _CATCH % "CONNECTION",
    "APITimeoutError": "catch GLib.Error, and compare error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)",
    "AuthenticationError": _CATCH % "AUTHENTICATION",
    "BadRequestError": _CATCH % "BAD_REQUEST",
    "ConflictError": _CATCH % "CONFLICT",
    "InternalServerError": _CATCH % "SERVER",
    "NotFoundError": _CATCH % "NOT_FOUND",
    "PermissionDeniedError": _CATCH % "PERMISSION_DENIED",
    "RateLimitError": _CATCH % "RATE_LIMITED",
    "UnprocessableEntityError": _CATCH % "UNPROCESSABLE",
    "Chat": ("ChatSession", "ChatEndpoint"),
    "ChatCompletionRequest": ("ChatRequest",),
    "ChatCompletionChunk": ("ChatChunk",),
    "ChatCompletionMessage": ("ChatMessage",),
    "Message": ("ChatMessage", "ResponseMessage"),
    "UserMessage": ("ChatMessage.new_user",),
    "SystemMessage": ("ChatMessage.new_system",),
    "AssistantMessage": ("ChatMessage.new_assistant",),
    "FunctionTool": ("ResponseFunctionTool", "Tool"),
    "Function": ("Tool",),
    "Usage": ("CompletionUsage", "ResponseUsage"),
    "ModelList": ("PagedList",),
    "ListStore": ("PagedList",),
    "init": "no initialization is needed",
    "get_version": ("VERSION_STRING",),
    "version": ("VERSION_STRING",),
    "get_major_version": ("MAJOR_VERSION",),
    "get_minor_version": ("MINOR_VERSION",),
    "get_micro_version": ("MICRO_VERSION",),
    "check_version": ("MAJOR_VERSION", "MINOR_VERSION", "MICRO_VERSION"),
    "VERSION": ("VERSION_STRING",),
    "api_key": "pass it to the client: Oai.Client(api_key=…)",
}

_CLIENT = {
    "api_key": "the key cannot be read; client.auth.get_source() describes where it is from",
    "beta": ("assistants", "threads"),
    "batches": _NO_MODULE,
    "realtime": _NO_MODULE,
    "uploads": _NO_MODULE,
    "vector_stores": _NO_MODULE,
    "videos": _NO_MODULE,
    "containers": _NO_MODULE,
    "webhooks": "the library does not receive webhooks",
    "timeout": ("timeout_ms",),
    "close": "the connections are closed with the last reference to the client",
    "with_options": "pass Oai.CallOptions to the request, or copy the settings",
    "default_headers": ("settings.set_header",),
    "default_query": ("settings.set_query_parameter",),
    "post": ("invoke",),
    "get": ("invoke",),
    "request": ("invoke",),
    "ask": ("chat.ask", "responses.ask"),
}

_RECORD = {
    "model_dump": ("to_dict",),
    "dict": ("to_dict",),
    "as_dict": ("to_dict",),
    "model_dump_json": ("to_json",),
    "json": ("to_json",),
    "from_json": ("new_from_json",),
    "from_dict": "a dictionary is assigned to a field, or passed as keyword arguments to the constructor",
    "model_validate": ("new_from_json",),
    "model_validate_json": ("new_from_json",),
    "model_copy": ("copy",),
    "request_id": ("call.request_id",),
    "headers": ("call.get_header",),
}

_KNOWN = {
    "Oai": _GLOBAL,
    "Client": _CLIENT,
    "Record": _RECORD,
    "Settings": {"api_key": "the key belongs to Oai.Auth: Oai.Client(api_key=…)", "timeout": ("timeout_ms",), "endpoint": ("base_url",),
                 "url": ("base_url",)},
    "CallOptions": {"timeout": ("timeout_ms",), "headers": ("set_header",), "extra_headers": ("set_header",), "extra_body": ("set_body_member",),
                    "extra_query": ("set_query_parameter",)},
    "Auth": {"api_key": "the key cannot be read; get_source() describes where it is from", "key": ("get_source",)},
    "ChatCompletion": {"content": ("text",), "output_text": ("text",), "role": ("message.role",), "total_tokens": ("usage.total_tokens",)},
    "ChatChoice": {"content": ("text",), "delta": ("message",)},
    "ChatChunk": {"content": ("text",), "delta": ("choices[0].delta",), "message": ("choices[0].delta",)},
    "ChatRequest": {"stream": "create_stream() of the endpoint sends a request for a stream", "append": ("add_message",),
                    "add": ("add_message",), "system": ("add_system_message",), "user": ("add_user_message",)},
    "ResponseRequest": {"stream": "create_stream() of the endpoint sends a request for a stream", "messages": ("input_items",),
                        "append": ("add_item",), "system": ("instructions",), "max_tokens": ("max_output_tokens",)},
    "CompletionUsage": {"input_tokens": ("prompt_tokens",), "output_tokens": ("completion_tokens",)},
    "ResponseUsage": {"prompt_tokens": ("input_tokens",), "completion_tokens": ("output_tokens",)},
    "Response": {"choices": ("output_items",), "content": ("output_text",), "message": ("dup_message",), "total_tokens": ("usage.total_tokens",)},
    "Model": {"name": ("id",)},
    "EmbeddingList": {"embedding": ("data[0].values",), "embeddings": ("data",), "values": ("data[0].values",)},
    "Embedding": {"embedding": ("values",), "vector": ("dup_vector",)},
    "ImageList": {"url": ("data[0].url",), "b64_json": ("data[0].b64_json",), "images": ("data",)},
    "ChatStream": {"text": ("get_content",), "get_final_completion": ("run", "dup_completion"), "response": ("dup_completion",)},
    "ResponseStream": {"response": ("dup_result",), "get_final_response": ("run", "dup_result"), "output_text": ("get_text",)},
    "Stream": {"stop": ("close",), "abort": ("close",), "text_stream": _ITERATE, "events": _ITERATE, "iter": _ITERATE, "until_done": ("run",),
               "get_final_message": ("run",), "cancellable": "the cancellable is an argument of run(), or use close()"},
    "PagedList": {"items": ("data",), "has_next_page": ("has_more",), "has_next": ("has_more",), "next_page": ("load_more",), "get_next_page": ("load_more",),
                  "iter_pages": "iterate over the list: further pages are loaded when they are needed", "total": ("n_items",),
                  "first_id": ("data[0].id",), "last_id": ("data[-1].id",)},
    "Call": {"status": ("status_code",), "headers": ("get_header",), "text": ("body",), "cancel": "Gio.Cancellable.cancel() of the argument of the method cancels the call",
             "response": ("body",), "retries": ("n_attempts",), "retry_after": ("retry_after_ms",), "code": ("error_code",), "json": ("body",)},
    "Session": {"ask": ("send",), "messages": "iterate over the session: it is a list of Oai.SessionItem", "history": "iterate over the session",
                "items": "iterate over the session: it is a list of Oai.SessionItem", "usage": ("total_tokens", "input_tokens", "output_tokens"),
                "cancel": ("stop",), "add_message": ("send", "add_record"), "chat": ("send",), "add_tool": ("toolset",), "busy": ("state",),
                "is_busy": ("state",), "running": ("state",), "system_prompt": ("instructions",), "system": ("instructions",),
                "add_system_message": ("instructions",), "add_developer_message": ("instructions",), "add_user_message": ("send",),
                "regenerate": ("retry",), "clear": ("remove_items",)},
    "ChatEndpoint": {"send": ("create", "ask"), "complete": ("create", "ask")},
    "AudioEndpoint": {"speech": ("create_speech", "open_speech", "save_speech"), "transcriptions": ("transcribe",), "translations": ("translate",),
                      "speak": ("create_speech", "open_speech")},
    "FilesEndpoint": {"create": ("upload",), "content": ("download", "open_content"), "delete": ("delete_file",)},
    "ImagesEndpoint": {"create": ("generate",)},
    "EmbeddingsEndpoint": {"embeddings": ("create",)},
    "ThreadsEndpoint": {"messages": ("create_message", "list_messages"), "runs": ("create_run", "list_runs")},
    "FineTuningEndpoint": {"checkpoints": ("list_checkpoints",), "events": ("list_events",)},
}


def explain_missing(name):
    """The error for a type in the library of a module that is not installed."""
    from ._oai_owners import OWNERS

    module = OWNERS.get(name)
    if module is None:
        return "Oai.%s is not in the libraries that are installed" % name
    return "Oai.%s belongs to the module “%s”, which is not installed: libopenai-%s-1.so.0 is missing" % (name, module, module)


def explain_not_loaded(message):
    """The error for libraries that cannot be loaded, from the message of an error about the function oai_error_quark."""
    reason = message.rpartition("oai_error_quark: ")[2]
    module = re.match(r"libopenai-([a-z-]+)-1\.so\.0:", reason)
    hint = " (it is the library of the module “%s”, which an installed module needs)" % module[1] if module else ""
    return "Oai cannot be loaded: %s%s" % (reason, hint)


def find(cls, name):
    """The end of a message: what to use instead; an empty text if the name is not known."""
    owners = [cls] if isinstance(cls, str) else [base.__name__ for base in cls.__mro__]
    known = next((_KNOWN[owner][name] for owner in owners if name in _KNOWN.get(owner, ())), None)
    if known is None:
        return ""
    return "; %s" % known if isinstance(known, str) else "; did you mean %s?" % " or ".join(known)
