# SPDX-License-Identifier: LGPL-2.1-or-later
"""Operations as methods of records. A method uses the client from which its record was received."""

from . import names, operations
from .accessors import Function
from .cwriter import Class, call

ORIGIN = ("The request is sent by the client that received the record. A record that was not received by a client "
          "fails with [error@Oai.Error] `INVALID_ARGUMENT`.")


def bindings(parameters, record):
    """(parameter, member that contains it or None): the member of the same name, and
    the record's own identifier for the first parameter that has none."""
    members = {f.member: f for f in record.fields}
    own = members.get("id")
    made = []
    for parameter in parameters:
        member = members.get(parameter)
        if member is None:
            member, own = own, None
        made.append((parameter, member))
    return made


def functions(endpoint, operation):
    made = []
    for record, name in operation.methods:
        method = Method(endpoint, operation, record, name)
        functions = method.triple() + ([method.stream()] if operation.chunk is not None else [])
        made += [function.since(method.versions) for function in functions]
    return made


class Method:
    def __init__(self, endpoint, operation, record, name):
        self.operation = operation
        self.name = name
        self.record = record
        self.c = Class(record.name)
        bound = bindings(operation.parameters, record)
        self.path = [f"{self.c.prefix}_get_{member.ident} (self)" if member else names.parameter(parameter)
                     for parameter, member in bound]
        taken = {names.parameter(parameter) for parameter, member in bound if member}
        self.given = [entry for entry in operations.inputs(operation) if entry[1] not in taken]
        self.self_doc = ("self", names.article(self.c.words))
        self.documented = [self.self_doc] + [(n, doc) for _, n, doc in self.given]
        self.parameters = [f"{self.c.type} *self"] + [parameter for parameter, _, _ in self.given]
        query = "OAI_RECORD (query)" if operation.query is not None else "NULL"
        request = "OAI_RECORD (request)" if operation.request is not None else "NULL"
        self.lines = [f"const char *const path[] = {{ {', '.join(self.path)}, NULL }};", ""]
        self.arguments = ["OAI_RECORD (self)", f"{Class(endpoint.name).gtype}",
                          operations.number(endpoint, operation), "path", query, request]

    @property
    def symbol(self):
        return f"{self.c.prefix}_{self.name}"

    @property
    def versions(self):
        own, record = self.operation.docs.versions, self.record.docs.versions
        return own.within(record) if record is not None else own

    def paragraphs(self, *more):
        return operations.paragraphs(self.operation, *more, ORIGIN)

    def link(self, suffix):
        return f"[method@Oai.{self.record.name}.{self.name}_{suffix}]"

    def triple(self):
        returns = operations.result_type(self.operation)
        text = operations.result_text(self.operation)
        checked = " != NULL" if returns == "gboolean" else ""
        cancellable = ("cancellable", "(nullable): a cancellable")
        sync = call("return ", "oai_record_invoke", self.arguments + ["cancellable", "error"])
        finish = call("return ", "oai_record_invoke_finish", ["OAI_RECORD (self)", "result", "error"])
        start = call("", "oai_record_invoke_async",
                     self.arguments + ["cancellable", "callback", "user_data", f"{self.symbol}_async"])
        return [
            Function(returns, self.symbol, self.parameters + ["GCancellable *cancellable", "GError **error"],
                     self.lines + [sync[:-1] + checked + ";"], self.documented + [cancellable],
                     self.paragraphs(f"Blocks until the reply is complete. {self.link('async')} does not block."), text),
            Function("void", f"{self.symbol}_async",
                     self.parameters + ["GCancellable *cancellable", "GAsyncReadyCallback callback",
                                        "gpointer user_data"],
                     self.lines + [start],
                     self.documented + [cancellable,
                                        ("callback", "(scope async) (nullable): called when the call is complete"),
                                        ("user_data", "data for @callback")],
                     self.paragraphs(f"{self.link('finish')} returns the reply.")),
            Function(returns, f"{self.symbol}_finish",
                     [f"{self.c.type} *self", "GAsyncResult *result", "GError **error"],
                     [finish[:-1] + checked + ";"], [self.self_doc, ("result", "the result that the callback received")],
                     [f"Finishes {self.link('async')}."], text),
        ]

    def stream(self):
        type_name, _ = operations.stream_class(self.operation)
        return Function(f"{type_name} *", f"{self.symbol}_stream", self.parameters,
                        self.lines + [call("return ", "oai_record_stream", self.arguments)], self.documented,
                        operations.paragraphs(
                            self.operation, "Streams the reply; each chunk is a "
                            f"[class@Oai.{self.operation.chunk.name}]. The request is sent when the stream is run or "
                            "read.", ORIGIN),
                        "(transfer full): a stream that has not been started")
