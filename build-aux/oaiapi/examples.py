# SPDX-License-Identifier: LGPL-2.1-or-later
"""Examples in C for the documentation of endpoints, requests and streams whose description has none."""

import re

from . import cwriter, names, operations
from .cwriter import Class, pointer

VALUE = re.compile(r"(?:such as|for example) `([^`\s]+)`")


def call(head, name, arguments):
    """A call as a statement that is not indented."""
    return cwriter.call(head, name, arguments).replace("\n  ", "\n")


def has_example(docs):
    return any("```" in line for line in docs)


def block(lines):
    return ["```c", *(part for line in lines for part in line.split("\n")), "```"]


def variable(endpoint):
    return names.parameter(names.snake(endpoint.name).removesuffix("_endpoint"))


def arguments(endpoint, operation):
    made = [variable(endpoint)] + [names.parameter(p) for p in operation.parameters]
    made += ["request"] if operation.request is not None else []
    return made + (["NULL"] if operation.query is not None else [])


def declaration(operation):
    """The start of the declaration of a variable for the result."""
    returns = operations.result_type(operation)
    if returns == "gboolean":
        return "gboolean done = "
    if returns == "char *":
        return "g_autofree char *reply = "
    return f"g_autoptr({returns.removesuffix(' *')}) reply = "


# Requests

def request_example(module, record):
    """The creation of a request, and the call that sends it."""
    sends = [(e, o) for e in module.endpoints for o in e.operations if o.request is record]
    if not sends or has_example(record.docs):
        return None
    endpoint, operation = sends[0]
    c = Class(record.name)
    lines = [call(f"g_autoptr({c.type}) request = ", f"{c.prefix}_new", [value(f) for f in record.constructor_fields])]
    lines += [assignment(c, f) for f in record.fields
              if f.required and not f.alternative and not f.is_tag and f not in record.constructor_fields]
    send = call(declaration(operation), f"{Class(endpoint.name).prefix}_{operation.name}",
                [*arguments(endpoint, operation), "cancellable", "&error"])
    return block([*lines, send])


def value(field):
    """A value of a member: one that its documentation names, or a variable."""
    if field.enum is not None:
        return f"OAI_{names.snake(field.enum.name).upper()}_{field.enum.values[0].name.text.upper()}"
    example = VALUE.search(" ".join(field.docs)) if field.kind == "STRING" else None
    return names.c_string(example.group(1)) if example else names.parameter(field.ident)


def assignment(c, field):
    if "add" in field.type.further:
        single = names.singular(field.ident)
        return call("", f"{c.prefix}_add_{single}", ["request", names.parameter(single)])
    return call("", f"{c.prefix}_set_{field.ident}", ["request", value(field), *(["n_values"] if field.type.has_length else [])])


# Endpoints

def endpoint_example(endpoint):
    """A call of the first operation, as a program with a main loop makes it."""
    if has_example(endpoint.docs):
        return None
    c = Class(endpoint.name)
    name = variable(endpoint)
    operation = next((o for o in endpoint.operations if not o.parameters), endpoint.operations[0])
    symbol = f"{c.prefix}_{operation.name}"
    returns = operations.result_type(operation)
    result = "done" if returns == "gboolean" else "reply"
    finish = call(declaration(operation), f"{symbol}_finish", [name, "result", "&error"])
    return block([
        "static void", "on_reply (GObject *source, GAsyncResult *result, gpointer user_data)", "{",
        f"  {pointer(c.type + ' *', name)} = OAI_{c.upper} (source);",
        "  g_autoptr(GError) error = NULL;",
        *(f"  {line}" for line in finish.split("\n")), "",
        f"  if ({'!' + result if result == 'done' else result + ' == NULL'})",
        '    g_warning ("%s", error->message);', "}", "",
        call(f"g_autoptr({c.type}) {name} = ", f"{c.prefix}_new", ["client"]),
        call("", f"{symbol}_async", [*arguments(endpoint, operation), "cancellable", "on_reply", "NULL"]),
    ])


# Streams

def stream_example(module, stream):
    made = [(e, o) for e in module.endpoints for o in e.operations if o.stream == stream.name.text and o.chunk is not None]
    if not made or has_example(stream.docs):
        return None
    endpoint, operation = made[0]
    lines = [call(f"g_autoptr({Class(stream.name.text).type}) stream = ", f"{Class(endpoint.name).prefix}_{operation.name}_stream",
                  arguments(endpoint, operation))]
    if stream.signals:
        signal = stream.signals[0].name
        lines.append(call("", "g_signal_connect_object",
                          ["stream", names.c_string(signal), f"G_CALLBACK (on_{signal.replace('-', '_')})", "widget", "0"]))
    return block(lines + ["oai_stream_run_async (OAI_STREAM (stream), cancellable, on_done, NULL);"])
