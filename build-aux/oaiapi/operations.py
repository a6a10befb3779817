# SPDX-License-Identifier: LGPL-2.1-or-later
"""Arguments, results and documentation of operations, for the emitters of endpoints and of methods."""

from . import names
from .cwriter import Class

RESULT_TYPES = {"list": "OaiPagedList *", "bytes": "GBytes *", "text": "char *", "none": "gboolean"}


def checks(module):
    """Hand-written functions that validate requests before they are sent."""
    return sorted({o.check for e in module.endpoints for o in e.operations if o.check})


def adaptations(module):
    """Hand-written functions that return modified copies of requests."""
    return sorted({o.adapt for e in module.endpoints for o in e.operations if o.adapt})


def explanations(module):
    """Hand-written functions that explain errors."""
    return sorted({o.explain for e in module.endpoints for o in e.operations if o.explain})


def number(endpoint, operation):
    return f"{Class(endpoint.name).upper}__{operation.name.upper()}"


def stream_class(operation):
    """Type and prefix of the stream of an operation."""
    if operation.stream is None:
        return "OaiStream", "oai_stream"
    return Class(operation.stream).type, Class(operation.stream).prefix


def result_type(operation):
    if operation.result == "record":
        return f"{Class(operation.result_type.name).type} *"
    return RESULT_TYPES[operation.result]


def result_text(operation):
    return {
        "record": "(transfer full): the reply, or %NULL on error",
        "list": "(transfer full): a list of "
                f"[class@Oai.{operation.result_type.name if operation.result_type else ''}] that loads further pages on demand, or %NULL on error",
        "bytes": "(transfer full): the body of the reply, or %NULL on error",
        "text": "(transfer full): the text of the reply, or %NULL on error",
        "none": "%TRUE on success, or %FALSE on error",
    }[operation.result]


def inputs(operation):
    """(C parameter, name, documentation) of each argument of an operation."""
    made = [(f"const char *{names.parameter(p)}", names.parameter(p), path_text(p)) for p in operation.parameters]
    if operation.request is not None:
        annotation = "(nullable): " if operation.request_nullable else ""
        made.append((f"{Class(operation.request.name).type} *request", "request", f"{annotation}the request"))
    if operation.query is not None:
        made.append((f"{Class(operation.query.name).type} *query", "query", "(nullable): the query parameters"))
    return made


def path_text(parameter):
    if parameter.endswith("_id") and len(parameter) > 3:
        return f"identifier of the {names.words(parameter[:-3])}"
    return f"the {names.words(parameter)}"


def leading(endpoint, operation, row=None):
    """Declarations and first arguments of a call into core."""
    lines = []
    path = "NULL"
    if operation.parameters:
        arguments = ", ".join(names.parameter(p) for p in operation.parameters)
        lines += [f"const char *const path[] = {{ {arguments}, NULL }};", ""]
        path = "path"
    query = "OAI_RECORD (query)" if operation.query is not None else "NULL"
    request = "OAI_RECORD (request)" if operation.request is not None else "NULL"
    return lines, ["OAI_ENDPOINT (self)", row or number(endpoint, operation), path, query, request]


def paragraphs(operation, *more):
    link = f"[API reference]({operation.reference})" if operation.reference else None
    where = f"`{operation.method} {operation.path}`" + (f", {link}" if link else "")
    return [operation.docs, *more, where]
