# SPDX-License-Identifier: LGPL-2.1-or-later
"""oai-MODULE-endpoint.h and .c: endpoints, their operations, and the module's descriptor."""

from . import cwriter, emit_methods, names, operations, paging, record_operations, sockets
from .accessors import Function
from .cwriter import Class, call
from .docs import comment, reference_paragraph
from .examples import endpoint_example


def emit_header(module, source, in_tree):
    core = ['#include "oai-endpoint.h"\n', '#include "oai-paged-list.h"\n', '#include "oai-stream.h"\n']
    if any(parameter.type.c == "OaiInputFile *" for method in module.methods for parameter in method.parameters):
        core.insert(1, '#include "oai-input-file.h"\n')
    if any(endpoint.sockets for endpoint in module.endpoints):
        core.append('#include "oai-web-socket.h"\n')
    parts = [cwriter.header(source), "#pragma once\n\n", *(core if in_tree else [cwriter.UMBRELLA]),
             f'#include "oai-{module.name}-types.h"\n', *sockets.headers(module)]
    parts.append("\nG_BEGIN_DECLS\n\n")
    for endpoint in module.endpoints:
        c = Class(endpoint.name)
        parts.append(f"#define {c.gtype} ({c.get_type} ())\n{endpoint.docs.versions.available}\n"
                     f"G_DECLARE_FINAL_TYPE ({c.type}, {c.prefix}, OAI, {c.upper}, OaiEndpoint)\n\n")
        parts += [function.prototype() for function in functions(endpoint)]
        parts.append("\n")
    further = [function.prototype() for function in emit_methods.endpoint_functions(module)]
    parts += further + (["\n"] if further else [])
    parts.append("G_END_DECLS\n")
    return "".join(parts)


def emit_source(module, source, version):
    parts = [cwriter.header(source), f'#include "oai-{module.name}-endpoint.h"\n\n',
             f'#include "oai-{module.name}-methods-private.h"\n#include "oai-method.h"\n#include "oai-module.h"\n'
             '#include "oai-operation.h"\n#include "oai-poll.h"\n#include "oai-record-operation.h"\n'
             + ('#include "oai-socket-schema.h"\n' if any(endpoint.sockets for endpoint in module.endpoints) else "") + "\n", cwriter.BEGIN]
    for endpoint in module.endpoints:
        parts += [operation_numbers(endpoint), operation_table(endpoint), sockets.emit_rows(endpoint), endpoint_type(endpoint)]
        parts += [function.definition() for function in functions(endpoint)]
    parts += [function.definition() for function in emit_methods.endpoint_functions(module)]
    parts += [descriptor(module, version), cwriter.END]
    return "".join(parts)


# The type


def operation_numbers(endpoint):
    rows = ",\n".join(f"  {operations.number(endpoint, o)}" for o in endpoint.operations)
    return f"enum\n{{\n{rows}\n}};\n\n"


def operation_table(endpoint):
    rows = ",\n".join(operation_row(o) for o in endpoint.operations)
    return f"static const OaiOperation {names.snake(endpoint.name)}_operations[] = {{\n{rows}\n}};\n\n" + endpoint_table(endpoint)


def endpoint_table(endpoint):
    lower = names.snake(endpoint.name)
    return (f"static const OaiEndpointTable {lower}_table = {{\n  OAI_ENDPOINT_TABLE_SIZES,\n"
            f"  .name = {names.c_string(endpoint.wire_name)},\n  .operations = {lower}_operations,\n"
            f"  .n_operations = G_N_ELEMENTS ({lower}_operations)\n}};\n\n")


def operation_row(operation):
    members = [("name", names.c_string(operation.name)), ("method", names.c_string(operation.method)),
               ("path", names.c_string(operation.path))]
    for name in ("beta", "beta_version", "only_beta_version", "beta_query"):
        if getattr(operation, name):
            members.append((name, names.c_string(getattr(operation, name))))
    members.append(("result", f"OAI_RESULT_{operation.result.upper()}"))
    if operation.flags:
        members.append(("flags", " | ".join(f"OAI_OPERATION_{flag}" for flag in operation.flags)))
    for name in ("query", "request"):
        record = getattr(operation, name)
        if record is not None:
            members.append((f"{name}_type", Class(record.name).get_type))
    if operation.result_type is not None:
        members.append(("result_type", Class(operation.result_type.name).get_type))
    if operation.chunk is not None:
        members.append(("chunk_type", Class(operation.chunk.name).get_type))
        members.append(("stream_type", f"{operations.stream_class(operation)[1]}_get_type"))
    if operation.text:
        members.append(("text_member", names.c_string(operation.text)))
    if operation.format_by:
        members.append(("format_member", names.c_string(operation.format_by)))
    if operation.stream_by:
        member, value = operation.stream_by
        members.append(("stream_member", names.c_string(member)))
        if value is not None:
            members.append(("stream_value", names.c_string(value)))
    if operation.deployment:
        members.append(("deployment_member", names.c_string(operation.deployment)))
    if operation.check:
        members.append(("check", operation.check))
    if operation.adapt:
        members.append(("adapt", operation.adapt))
    if operation.explain:
        members.append(("explain", operation.explain))
    if operation.defaults:
        pairs = ", ".join(names.c_string(text) for pair in operation.defaults for text in pair)
        members.append(("defaults", f"(const char *const []) {{ {pairs}, NULL }}"))
    if operation.paging is not None:
        members.append(("paging", paging.emit(operation.paging)))
    return "  {\n" + ",\n".join(f"    .{name} = {value}" for name, value in members) + "\n  }"


def endpoint_type(endpoint):
    c = Class(endpoint.name)
    lower = names.snake(endpoint.name)
    text = comment(c.type, endpoint.docs.versions, body=[endpoint.docs, endpoint_example(endpoint), reference_paragraph(endpoint.reference)])
    text += f"struct _{c.type}\n{{\n  OaiEndpoint parent_instance;\n}};\n\n"
    text += f"G_DEFINE_FINAL_TYPE ({c.type}, {c.prefix}, OAI_TYPE_ENDPOINT)\n\n"
    setup = call("", "oai_endpoint_class_set_table", ["OAI_ENDPOINT_CLASS (klass)", f"&{lower}_table"])
    text += cwriter.function("static void", f"{c.prefix}_class_init", [f"{c.type}Class *klass"], [setup]) + "\n"
    return text + cwriter.function("static void", f"{c.prefix}_init", [f"{c.type} *self"], []) + "\n"


def descriptor(module, version):
    lower = module.name.replace("-", "_")
    endpoints = "".join(f"  {{ {names.c_string(e.wire_name)}, {Class(e.name).get_type} }},\n" for e in module.endpoints)
    types = "".join(f"  {names.c_string('Oai' + name)},\n" for name in module.type_names)
    name = f"oai_module_{lower}_get_descriptor"
    version = names.c_string(version) if version else "OAI_VERSION_STRING"
    table = f"static const OaiModuleEndpoint endpoints[] = {{\n{endpoints}}};\n\n" if endpoints else ""
    members = "  .endpoints = endpoints,\n  .n_endpoints = G_N_ELEMENTS (endpoints),\n" if endpoints else ""
    return (f"{table}static const char *const type_names[] = {{\n{types}  NULL\n}};\n\n"
            f"static const OaiModuleDescriptor descriptor = {{\n  OAI_MODULE_DESCRIPTOR_SIZES,\n"
            f"  .name = {names.c_string(module.name)},\n  .version = {version},\n"
            f"{members}  .type_names = type_names\n}};\n\n"
            f"_OAI_EXTERN const OaiModuleDescriptor *{name} (void);\n\n"
            + cwriter.function("const OaiModuleDescriptor *", name, ["void"], ["return &descriptor;"]))


# Functions

def functions(endpoint):
    made = [constructor(endpoint).since(endpoint.docs.versions)]
    for operation in endpoint.operations:
        made += [function.since(operation.docs.versions) for function in operation_functions(endpoint, operation)]
        made += record_operations.functions(endpoint, operation)
    made += [sockets.function(endpoint, socket).since(socket.docs.versions) for socket in endpoint.sockets]
    return made


def operation_functions(endpoint, operation):
    made = triple(endpoint, operation, operation.name, "invoke", operations.result_type(operation), operations.result_text(operation))
    if operation.result == "bytes":
        made += triple(endpoint, operation, operation.open_name, "open", "GInputStream *",
                       "(transfer full): a stream that reads the body while it arrives, or %NULL on error; closing it closes the connection",
                       "body begins", "a stream that reads the body")
    if operation.chunk is not None:
        made.append(stream_function(endpoint, operation))
    return made


def constructor(endpoint):
    c = Class(endpoint.name)
    return Function(f"{c.type} *", f"{c.prefix}_new", ["OaiClient *client"],
                    [f'return g_object_new ({c.gtype}, "client", client, NULL);'],
                    [("client", "the client that sends the requests")],
                    [f"Creates {names.article(c.words)}.", f"[method@Oai.Client.get_endpoint] with "
                     f"`{endpoint.wire_name}` does the same for programs that do not link the module."],
                    f"(transfer full): {names.new(c.words)}")


def triple(endpoint, operation, name, core, returns, text, awaited="reply is complete", outcome="the reply"):
    c = Class(endpoint.name)
    lines, arguments = operations.leading(endpoint, operation)
    given = operations.inputs(operation)
    self_doc = ("self", names.article(c.words))
    documented = [self_doc] + [(n, doc) for _, n, doc in given]
    parameters = [f"{c.type} *self"] + [parameter for parameter, _, _ in given]
    cancellable = ("cancellable", "(nullable): a cancellable")
    checked = " != NULL" if returns == "gboolean" else ""
    symbol = f"{c.prefix}_{name}"
    sync = call("return ", f"oai_endpoint_{core}", arguments + ["cancellable", "error"])
    finish = call("return ", f"oai_endpoint_{core}_finish", ["OAI_ENDPOINT (self)", "result", "error"])
    start = call("", f"oai_endpoint_{core}_async",
                 arguments + ["cancellable", "callback", "user_data", f"{symbol}_async"])
    return [
        Function(returns, symbol, parameters + ["GCancellable *cancellable", "GError **error"],
                 lines + [sync[:-1] + checked + ";"], documented + [cancellable],
                 operations.paragraphs(operation, f"Blocks until the {awaited}. [method@Oai.{endpoint.name}.{name}_async] does "
                                       "not block."),
                 text),
        Function("void", f"{symbol}_async",
                 parameters + ["GCancellable *cancellable", "GAsyncReadyCallback callback", "gpointer user_data"],
                 lines + [start],
                 documented + [cancellable, ("callback", "(scope async) (nullable): called when the call is complete"),
                               ("user_data", "data for @callback")],
                 operations.paragraphs(operation, f"[method@Oai.{endpoint.name}.{name}_finish] returns {outcome}.")),
        Function(returns, f"{symbol}_finish", [f"{c.type} *self", "GAsyncResult *result", "GError **error"],
                 [finish[:-1] + checked + ";"], [self_doc, ("result", "the result that the callback received")],
                 [f"Finishes [method@Oai.{endpoint.name}.{name}_async]."], text),
    ]


def stream_function(endpoint, operation):
    c = Class(endpoint.name)
    type_name, _ = operations.stream_class(operation)
    lines, arguments = operations.leading(endpoint, operation)
    given = operations.inputs(operation)
    return Function(f"{type_name} *", f"{c.prefix}_{operation.name}_stream",
                    [f"{c.type} *self"] + [parameter for parameter, _, _ in given],
                    lines + [call("return ", "oai_endpoint_stream", arguments)],
                    [("self", names.article(c.words))] + [(n, doc) for _, n, doc in given],
                    operations.paragraphs(operation, "Streams the reply; each chunk is a "
                               f"[class@Oai.{operation.chunk.name}]. The request is sent when the stream is run or read."),
                    "(transfer full): a stream that has not been started")
