# SPDX-License-Identifier: LGPL-2.1-or-later
"""The functions of “methods” blocks.  Those that read and write members go to oai-MODULE-types,
those that send requests to oai-MODULE-endpoint. Hand-written functions are only declared."""

from . import accessors, cwriter, names, operations
from .accessors import Function
from .cwriter import Class, call, pointer
from .docs import comment, summary
from .record_operations import ORIGIN, bindings
from .resolve_methods import TYPES, CType, Parameter, field_type, owner, record_type

OF_TYPES = ("make", "change", "append", "read", "test")
CANCELLABLE = ("cancellable", "(nullable): a cancellable")
CALLBACK = ("callback", "(scope async) (nullable): called when the operation is complete")
USER_DATA = ("user_data", "data for @callback")
SAVED = ("The file is created or replaced when the body is complete. If the call fails or is cancelled, an existing file "
         "is not changed. Without @overwrite, the call fails with %G_IO_ERROR_EXISTS if the file exists. Errors of the "
         "target, such as a missing directory, are reported before the request is sent. A new file gets the permissions of "
         "the file that it replaces. A symbolic link is replaced, and its target is not changed.")


class ByHand(Function):
    """Declared and documented here, written by hand."""

    def definition(self):
        return comment(self.name, self.versions, parameters=self.documented, body=self.paragraphs, returns=self.result) + "\n"


def types_functions(module):
    """Functions by the record that has them, in the order of the description."""
    return functions(filter(goes_to_types, module.methods))


def endpoint_functions(module):
    return functions(method for method in module.methods if not goes_to_types(method))


def functions(methods):
    return [made.since(method.docs.versions) for method in methods for made in EMITTERS[method.verb](method)]


def goes_to_types(method):
    return method.verb in OF_TYPES or (method.verb in ("function", "static") and method.is_record)


def needs_helpers(module):
    """Whether the types call functions for methods of core."""
    return any(step.first_by for m in module.methods for path in m.paths for step in path)


def uses_tools(module):
    """Whether methods have arguments or results of the tools of core."""
    types = [t for m in module.methods for t in [m.returns, *(p.type for p in m.parameters)] if t is not None]
    return any(word in t.c + t.annotation for t in types for word in ("OaiTool *", "OaiToolset", "OaiToolCall"))


# Parts

def self_parameter(method):
    return f"{Class(method.target.name).type} *self"


def self_doc(method):
    return ("self", names.article(Class(method.target.name).words))


def self_check(method):
    return f"OAI_IS_{Class(method.target.name).upper} (self)"


def declared(parameter):
    return pointer(parameter.type.c, parameter.name)


def documented(parameter):
    annotations = " ".join(filter(None, ["(nullable)" if parameter.nullable else "", parameter.type.annotation]))
    return (parameter.name, f"{annotations}: {parameter.doc}" if annotations else parameter.doc)


def checks(method, parameters, none, with_self=True):
    """Guards; none is the value to return, or None for functions without a result."""
    conditions = [self_check(method)] if with_self and not method.is_static else []
    for parameter in parameters:
        if not parameter.type.check:
            continue
        condition = parameter.type.check % parameter.name
        if parameter.nullable and parameter.type.check.startswith("%s !="):
            continue
        conditions.append(f"{parameter.name} == NULL || {condition}" if parameter.nullable else condition)
    if none is None:
        return [f"g_return_if_fail ({condition});" for condition in conditions]
    return [f"g_return_val_if_fail ({condition}, {none});" for condition in conditions]


def setter(record, f):
    of = owner(record, f)
    return f"{Class(of.name).prefix}_set_{f.ident}", "" if of is record else f"OAI_{Class(of.name).upper} "


class Builder:
    """Code that sets members of a record, and creates nested records."""

    def __init__(self):
        self.declarations = []
        self.lines = []
        self.taken = {"self"}

    def variable(self, name):
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def fill(self, variable, record, tree):
        for f, value in tree.values():
            self.set_member(variable, record, f, value)

    def set_member(self, variable, record, f, value):
        function, cast = setter(record, f)
        target = f"{cast}({variable})" if cast else variable
        if isinstance(value, dict):
            text = self.make(f, value)
        elif value[0] == "argument":
            self.set_argument(function, target, f, value)
            return
        elif value[0] == "list":
            text = self.variable(f"{f.ident}_values")
            self.declarations.append(f"static const char *const {text}[] = {{ {', '.join(value[1])}, NULL }};")
        elif value[0] == "empty":
            text = self.make(f, {})
        else:
            text = value[1]
        self.lines.append(call("", function, [target, text]))

    def set_argument(self, function, target, f, value):
        _, name, nullable, or_empty = value
        name = names.parameter(name)
        if or_empty:
            empty = self.variable(f"empty_{f.ident}")
            c = Class(f.item.name)
            self.declarations.append(f"g_autoptr({c.type}) {empty} = NULL;")
            self.lines += [f"if ({name} == NULL)", f"  {name} = {empty} = g_object_new ({c.gtype}, NULL);"]
        elif nullable:
            self.lines += [f"if ({name} != NULL)", "  " + call("", function, [target, name])]
            return
        self.lines.append(call("", function, [target, name]))

    def make(self, f, tree):
        c = Class(f.item.name)
        variable = self.variable(names.parameter(f.ident))
        self.declarations.append(f"g_autoptr({c.type}) {variable} = NULL;")
        self.lines.append(f"{variable} = g_object_new ({c.gtype}, NULL);")
        self.fill(variable, f.item, tree)
        return variable


# Members

def emit_make(method):
    c = Class(method.target.name)
    builder = Builder()
    builder.taken.update(p.name for p in method.parameters)
    builder.fill("self", method.target, method.tree)
    body = [f"{c.type} *self = NULL;", *builder.declarations, "", *checks(method, method.parameters, "NULL", with_self=False)]
    body += [""] if method.parameters else []
    body += [f"self = g_object_new ({c.gtype}, NULL);", *builder.lines, "", "return self;"]
    return [Function(f"{c.type} *", method.symbol, [declared(p) for p in method.parameters], body,
                     [documented(p) for p in method.parameters], [method.docs],
                     f"(transfer full): {method.returns_doc or names.new(c.words)}")]


def emit_change(method):
    builder = Builder()
    builder.taken.update(p.name for p in method.parameters)
    builder.fill("self", method.target, method.tree)
    body = [*builder.declarations, ""] if builder.declarations else []
    body += [*checks(method, method.parameters, None), "", *builder.lines]
    return [Function("void", method.symbol, [self_parameter(method)] + [declared(p) for p in method.parameters], body,
                     [self_doc(method)] + [documented(p) for p in method.parameters], [method.docs])]


def emit_append(method):
    c = Class(method.item.name)
    body = [f"g_autoptr({c.type}) item = NULL;", "", *checks(method, method.parameters, None), "",
            call("item = ", method.maker, [p.name for p in method.parameters]),
            call("", method.call, ["self", f"{method.call_cast}(item)" if method.call_cast else "item"])]
    return [Function("void", method.symbol, [self_parameter(method)] + [declared(p) for p in method.parameters], body,
                     [self_doc(method)] + [documented(p) for p in method.parameters], [method.docs])]


def read_steps(method, steps, taken):
    """Declarations and lines that follow a path, and the expression at its end."""
    declarations, lines, source, record, none = [], [], "self", method.target, method.returns.none
    for index, step in enumerate(steps):
        c = Class(step.record.name)
        argument = source if step.record is record else f"OAI_{c.upper} ({source})"
        value = f"{c.prefix}_{step.getter} ({argument})"
        if step.first_by:
            value = f"oai_method_get_first ({value}, {names.c_string(step.first_by)})"
        if index + 1 == len(steps):
            return declarations, lines, value if source == "self" else f"{source} != NULL ? {value} : {none}"
        name = step.getter[len("get_"):]
        while name in taken:
            name += "_"
        taken.add(name)
        type_name = f"{Class(step.item.name).type} *"
        declarations.append(f"{type_name}{name} = NULL;")
        lines.append(f"{name} = {value};" if source == "self" else f"{name} = {source} != NULL ? {value} : NULL;")
        source, record = name, step.item
    return None


def emit_read(method):
    declarations, lines, taken = [], [], {"self", "value"}
    several = len(method.paths) > 1
    if several:
        declarations.append(f"{pointer(method.returns.c, 'value')} = NULL;")
    for index, steps in enumerate(method.paths):
        made, before, value = read_steps(method, steps, taken)
        declarations += made
        if several and index > 0:
            lines += ["if (value != NULL)", "  return value;", ""]
        lines += before
        lines.append(f"value = {value};" if several else f"return {value};")
    if several:
        lines.append("return value;")
    if lines and not several and len(lines) > 1:
        lines.insert(-1, "")
    body = [*declarations, ""] if declarations else []
    body += [*checks(method, [], method.returns.none), "", *lines]
    return [Function(method.returns.c, method.symbol, [self_parameter(method)], body, [self_doc(method)], [method.docs],
                     method.returns_doc)]


def emit_test(method):
    f = method.member
    of = owner(method.target, f)
    source = "self" if of is method.target else f"OAI_{Class(of.name).upper} (self)"
    condition = "value == NULL || !g_strv_contains (values, value)" if method.negated else \
        "value != NULL && g_strv_contains (values, value)"
    body = [f"static const char *const values[] = {{ {', '.join(method.values)}, NULL }};", "const char *value = NULL;", "",
            *checks(method, [], "FALSE"), "", f"value = {Class(of.name).prefix}_get_{f.ident} ({source});", "",
            f"return {condition};"]
    return [Function("gboolean", method.symbol, [self_parameter(method)], body, [self_doc(method)], [method.docs],
                     method.returns_doc)]


def emit_function(method):
    parameters = [] if method.is_static else [self_parameter(method)]
    docs = [] if method.is_static else [self_doc(method)]
    parameters += [declared(p) for p in method.parameters] + (["GError **error"] if method.throws else [])
    return [ByHand(method.returns.c if method.returns else "void", method.symbol, parameters, [],
                   docs + [documented(p) for p in method.parameters], [method.docs], method.returns_doc)]


# Requests

def with_failure(returns, text):
    """Adds the value that is returned on error, unless the description states it."""
    if "%NULL" in text or "%FALSE" in text:
        return text
    return f"{text}; {'%FALSE' if returns == 'gboolean' else '%NULL'} on error"


class Triple:
    """NAME (), NAME_async () and NAME_finish () of an endpoint or a record."""

    def __init__(self, method, returns, text, parameters, name=None):
        self.method = method
        self.returns = returns
        self.text = with_failure(returns, text)
        self.parameters = parameters
        self.name = name or method.name
        self.symbol = f"{Class(method.target.name).prefix}_{self.name}"

    def link(self, suffix=""):
        kind = "method" if not self.method.is_static else "func" if suffix == "_async" else "ctor"
        return f"[{kind}@Oai.{self.method.target.name}.{self.name}{suffix}]"

    def functions(self, paragraphs, last, sync, start, finish):
        self_declared = [] if self.method.is_static else [self_parameter(self.method)]
        self_docs = [] if self.method.is_static else [self_doc(self.method)]
        declared_ = self_declared + [declared(p) for p in self.parameters]
        docs = self_docs + [documented(p) for p in self.parameters]
        first = [summary(self.method.docs) + "."]
        last = [last] if last else []
        return [
            Function(self.returns, self.symbol, declared_ + ["GCancellable *cancellable", "GError **error"], sync,
                     docs + [CANCELLABLE], [*paragraphs, f"Blocks until the operation is complete. {self.link('_async')} does not block.", *last],
                     self.text),
            Function("void", f"{self.symbol}_async",
                     declared_ + ["GCancellable *cancellable", "GAsyncReadyCallback callback", "gpointer user_data"], start,
                     docs + [CANCELLABLE, CALLBACK, USER_DATA],
                     [first, f"This is {self.link()} without blocking. {self.link('_finish')} returns the result.", *last]),
            Function(self.returns, f"{self.symbol}_finish",
                     self_declared + ["GAsyncResult *result", "GError **error"], finish,
                     self_docs + [("result", "the result that the callback received")],
                     [f"Finishes {self.link('_async')}."], self.text),
        ]


def kind_suffix(returns):
    return "_boolean" if returns == "gboolean" else ""


def start_prototype(method):
    c = Class(method.target.name)
    parameters = ([] if method.is_static else [f"{c.type} *self"]) + [declared(p) for p in method.parameters] + ["GTask *task"]
    return f"{cwriter.parameter_list(f'void {method.symbol}_start', parameters)};\n"


def emit_task(method):
    suffix = kind_suffix(method.returns.c)
    source = "NULL" if method.is_static else "self"
    arguments = ([] if method.is_static else ["self"]) + [p.name for p in method.parameters]
    triple = Triple(method, method.returns.c, method.returns_doc, method.parameters)
    begin = f"oai_method_begin (&call, {source}, cancellable, {method.symbol})"
    new = f"oai_method_task_new ({source}, cancellable, callback, user_data, {method.symbol}_async)"
    return triple.functions(
        [method.docs], None,
        ["OaiMethodCall call;", "", *checks(method, method.parameters, method.returns.none), "",
         call("", f"{method.symbol}_start", arguments + [begin]), "", f"return oai_method_end{suffix} (&call, error);"],
        [*checks(method, method.parameters, None), "", call("", f"{method.symbol}_start", arguments + [new])],
        [f"return oai_method_finish{suffix} ({source}, result, error);"])


def milliseconds(count):
    if count < 0:
        return "no limit"
    for unit, size in (("hour", 3600000), ("minute", 60000), ("second", 1000)):
        if count and count % size == 0:
            return f"{count // size} {unit}{'s' if count != size else ''}"
    return f"{count} milliseconds"


def emit_wait(method):
    operation = method.operation
    result = Class(operation.result_type.name)
    wait = [Parameter("interval_ms", TYPES["uint"], False, "milliseconds between a reply and the next request; 0 for the "
                      f"interval of the server, or else {milliseconds(method.interval or 1000)}"),
            Parameter("timeout_ms", TYPES["timeout"], False, "maximum duration in milliseconds; 0 for a single request, -1 for "
                      f"{milliseconds(method.timeout)}")]
    path, arguments, kind, first = path_arguments(method)
    states = f"static const char *const final_values[] = {{ {', '.join(method.values)}, NULL }};"
    declarations = [states]
    members = [("size", "sizeof (OaiPoll)"), ("operation", operations.number(method.endpoint, operation)),
               ("interval_ms", str(method.interval)), ("timeout_ms", str(method.timeout)),
               ("member", names.c_string(method.member.member)), ("final_values", "final_values")]
    if method.pending is not None:
        declarations.append(f"static const char *const pending_values[] = {{ {', '.join(method.pending)}, NULL }};")
        members.append(("pending_values", "pending_values"))
    table = ",\n    ".join(f".{name} = {value}" for name, value in members)
    getter = f"static const OaiPoll *\n{method.symbol}_get_table (void)\n{{\n"
    getter += "".join(f"  {line}\n" for line in declarations)
    getter += f"  static const OaiPoll table = {{\n    {table}\n  }};\n\n  return &table;\n}}\n\n"
    parameters = path + wait
    lead = [*first, f"{method.symbol}_get_table ()", "path", "interval_ms", "timeout_ms"]
    bind = [f"const char *const path[] = {{ {', '.join(arguments + ['NULL'])} }};"]
    triple = Triple(method, f"{result.type} *", method.returns_doc, parameters)
    docs = [method.docs, "Retrieves the object at once, and then repeatedly. Fails with %G_IO_ERROR_TIMED_OUT after @timeout_ms, "
            "and with %G_IO_ERROR_CANCELLED if @cancellable is cancelled. The server continues in both cases."]
    made = triple.functions(
        docs + ([ORIGIN] if method.is_record else []), operations.paragraphs(operation)[-1],
        # A guard first: the path of a record reads its members.
        guarded(method, bind, [call("return ", f"oai_{kind}_poll", lead + ["cancellable", "error"])], "NULL", path),
        guarded(method, bind, [call("", f"oai_{kind}_poll_async", lead + ["cancellable", "callback", "user_data",
                                                                          f"{method.symbol}_async"])], None, path),
        [call("return ", f"oai_{kind}_poll_finish", [f"OAI_{kind.upper()} (self)", "result", "error"])])
    made[0].before = getter
    return made


def guarded(method, declarations, lines, none, parameters):
    """Members are read in initializers: getters check the record themselves."""
    return [*declarations, "", *checks(method, parameters, none), "", *lines]


def path_arguments(method):
    """Parameters for the path, its arguments, and the beginning of a call."""
    operation = method.operation
    if method.is_record:
        bound = bindings(operation.parameters, method.target)
        endpoint = Class(method.endpoint.name)
        kind, first = "record", ["OAI_RECORD (self)", endpoint.gtype]
    else:
        bound = [(parameter, None) for parameter in operation.parameters]
        kind, first = "endpoint", ["OAI_ENDPOINT (self)"]
    prefix = Class(method.target.name).prefix
    given = [Parameter(names.parameter(p), TYPES["string"], False, operations.path_text(p))
             for p, member in bound if member is None]
    arguments = [f"{prefix}_get_{member.ident} (self)" if member else names.parameter(p) for p, member in bound]
    return given, arguments, kind, first


def operation_parameters(operation):
    made = [Parameter(names.parameter(p), TYPES["string"], False, operations.path_text(p)) for p in operation.parameters]
    for name in ("request", "query"):
        record = getattr(operation, name)
        if record is not None:
            nullable = name == "query" or operation.request_nullable
            doc = "the query parameters" if name == "query" else "the request"
            made.append(Parameter(name, record_type(record), nullable, doc))
    return made


def emit_save(method):
    operation = method.operation
    lines, arguments = operations.leading(method.endpoint, operation)
    given = operation_parameters(operation)
    overwrite = Parameter("overwrite", TYPES["bool"], False, "whether to replace an existing file")
    made = []
    for kind, doc, name in (("gfile", "the file to write, which can be remote", method.name),
                            ("path", "path of the file to write", path_name(method.name))):
        target = Parameter("target" if kind == "gfile" else "target_path", TYPES[kind], False, doc)
        parameters = given + [target, overwrite]
        triple = Triple(method, "gboolean", "%TRUE if the file was saved", parameters, name)
        declarations = [line for line in lines if line]
        setup = []
        if kind == "path":
            declarations.append("g_autoptr(GFile) target = NULL;")
            setup = ["target = g_file_new_for_path (target_path);"]
        declarations += [""] if declarations else []
        tail = arguments + ["target", "overwrite", "cancellable"]
        made += triple.functions(
            [method.docs, SAVED], operations.paragraphs(operation)[-1],
            [*declarations, *checks(method, parameters, "FALSE"), "", *setup, call("return ", "oai_endpoint_save", tail + ["error"])],
            [*declarations, *checks(method, parameters, None), "", *setup,
             call("", "oai_endpoint_save_async", tail + ["callback", "user_data", f"{triple.symbol}_async"])],
            ["return oai_endpoint_save_finish (OAI_ENDPOINT (self), result, error);"])
    return made


def path_name(name):
    return f"{name}_path" if name.endswith("_to") else f"{name}_to_path"


SOURCES = (
    ("path", [("path", TYPES["path"], "path of the file")], "The file is read while it is sent, and not loaded into memory."),
    ("file", [("file", TYPES["gfile"], "the file, which can be remote")],
     "The file is read while it is sent, and not loaded into memory."),
    ("bytes", [("bytes", TYPES["bytes"], "the content"), ("filename", TYPES["string"], "the file name that is sent")],
     "The content is sent from memory."),
    ("input_stream", [("stream", "GInputStream", "the stream to read the content from"),
                      ("filename", TYPES["string"], "the file name that is sent"),
                      ("size", TYPES["int"], "the length in bytes, or -1 if it is unknown")],
     "The content is read from a stream while it is sent."),
)


def emit_upload(method):
    operation, request = method.operation, Class(method.operation.request.name)
    others = [f for f in operation.request.constructor_fields if f is not method.member]
    made = []
    for kind, source, text in SOURCES:
        stream = CType("GInputStream *", check="G_IS_INPUT_STREAM (%s)")
        given = [Parameter(n, stream if t == "GInputStream" else t, False, doc) for n, t, doc in source]
        path = [Parameter(names.parameter(p), TYPES["string"], False, operations.path_text(p)) for p in operation.parameters]
        rest = [Parameter(accessors.parameter(f), field_type(f), False, accessors.first_sentence(f)) for f in others]
        parameters = path + given + rest
        triple = Triple(method, operations.result_type(operation), operations.result_text(operation), parameters,
                        f"{method.name}_{kind}")
        made += upload_triple(triple, method, request, kind, text, given, path)
    return made


def upload_triple(triple, method, request, kind, text, given, path):
    operation = method.operation
    target = f"{Class(method.target.name).prefix}_{operation.name}"
    none = "FALSE" if triple.returns == "gboolean" else "NULL"
    arguments = ["input" if f is method.member else accessors.parameter(f) for f in operation.request.constructor_fields]
    declarations = ["g_autoptr(OaiInputFile) input = NULL;", f"g_autoptr({request.type}) request = NULL;", ""]
    setup = [call("input = ", f"oai_input_file_new_for_{kind}", [p.name for p in given]),
             call("request = ", f"{request.prefix}_new", arguments)]
    first = ["self"] + [p.name for p in path] + ["request"] + (["NULL"] if operation.query else []) + ["cancellable"]
    more = (f"To get the progress, or to set other members of the request, use [class@Oai.InputFile] and "
            f"[method@Oai.{method.target.name}.{operation.name}].")
    return triple.functions(
        [method.docs, f"{text} {more}"], operations.paragraphs(operation)[-1],
        [*declarations, *checks(method, triple.parameters, none), "", *setup, "", call("return ", target, first + ["error"])],
        [*declarations, *checks(method, triple.parameters, None), "", *setup,
         call("", f"{target}_async", first + ["callback", "user_data"])],
        [f"return {target}_finish (self, result, error);"])


def emit_call(method):
    operation = method.operation
    path, arguments, _kind, first = path_arguments(method)
    parameters = list(path)
    parameters += [p for p in operation_parameters(operation) if p.name == "query" or (p.name == "request" and not method.tree)]
    parameters += method.parameters
    triple = Triple(method, operations.result_type(operation), method.returns_doc or operations.result_text(operation), parameters)
    none = "FALSE" if triple.returns == "gboolean" else "NULL"
    code = CallCode(method, arguments)
    lead = first + [operations.number(method.endpoint, operation), "path", code.query, code.request]
    checked = " != NULL" if triple.returns == "gboolean" else ""
    report = ["g_task_report_error (self, callback, user_data, %s_async, error);" % method.symbol, "return;"]
    finish = call("return ", "oai_record_invoke_finish", ["OAI_RECORD (self)", "result", "error"])
    sync = call("return ", "oai_record_invoke", lead + ["cancellable", "error"])
    made = triple.functions(
        [method.docs, ORIGIN], operations.paragraphs(operation)[-1],
        [*code.declarations, "", *checks(method, parameters, none), "", *code.lines([f"return {none};"], "error"),
         sync[:-1] + checked + ";"],
        [*code.declarations, *(["GError *error = NULL;"] if method.query else []), "", *checks(method, parameters, None), "",
         *code.lines(report, "&error"),
         call("", "oai_record_invoke_async", lead + ["cancellable", "callback", "user_data", f"{method.symbol}_async"])],
        [finish[:-1] + checked + ";"])
    if operation.chunk is not None and not method.query:
        made.append(call_stream(method, code, lead, parameters))
    return made


def call_stream(method, code, lead, parameters):
    type_name, _ = operations.stream_class(method.operation)
    docs = [self_doc(method)] + [documented(p) for p in parameters]
    return Function(f"{type_name} *", f"{method.symbol}_stream", [self_parameter(method)] + [declared(p) for p in parameters],
                    [*code.declarations, "", *checks(method, parameters, "NULL"), "", *code.lines([], ""),
                     call("return ", "oai_record_stream", lead)], docs,
                    [method.docs, f"Streams the reply; each chunk is a [class@Oai.{method.operation.chunk.name}]. The "
                     "request is sent when the stream is run or read. If the record was not received by a client, the "
                     "stream fails with [error@Oai.Error] `INVALID_ARGUMENT`.", operations.paragraphs(method.operation)[-1]],
                    "(transfer full): a stream that has not been started")


class CallCode:
    """Creates the query and the request of a method."""

    def __init__(self, method, arguments):
        self.method = method
        self.prefix = Class(method.target.name).prefix
        operation = method.operation
        self.declarations = [f"const char *const path[] = {{ {', '.join(arguments + ['NULL'])} }};"]
        self.query = "OAI_RECORD (query)" if operation.query is not None else "NULL"
        self.request = "OAI_RECORD (request)" if operation.request is not None else "NULL"
        if method.query:
            self.declarations += ["OaiRecord *given = (OaiRecord *) query;", "g_autoptr(OaiRecord) narrowed = NULL;"]
            self.query = "narrowed"
        if method.tree:
            self.declarations.append(f"g_autoptr({Class(operation.request.name).type}) request = NULL;")

    def lines(self, failure, error):
        made = []
        for f, source in self.method.query.values():
            condition = call("if (!", "oai_method_narrow_query",
                             ["&given", Class(self.method.operation.query.name).gtype, names.c_string(f.ident.replace("_", "-")),
                              f"{self.prefix}_get_{source.ident} (self)", error])
            made += [condition[:-1] + ")"] + (["  {", *(f"    {line}" for line in failure), "  }"] if len(failure) > 1
                                              else [f"  {line}" for line in failure])
            made += ["narrowed = given;", ""]
        if self.method.tree:
            request = self.method.operation.request
            made.append(f"request = g_object_new ({Class(request.name).gtype}, NULL);")
            for f, source in self.method.tree.values():
                function, _cast = setter(request, f)
                if isinstance(source, tuple):
                    name = names.parameter(source[1])
                    made += [f"if ({name} != NULL)"] if source[2] else []
                    made.append(("  " if source[2] else "") + call("", function, ["request", name]))
                else:
                    value = f"{self.prefix}_get_{source.ident} (self)"
                    made += [f"if ({value} != NULL && *{value} != '\\0')", "  " + call("", function, ["request", value])]
            made.append("")
        return made


EMITTERS = {
    "make": emit_make,
    "change": emit_change,
    "append": emit_append,
    "read": emit_read,
    "test": emit_test,
    "function": emit_function,
    "static": emit_function,
    "task": emit_task,
    "wait": emit_wait,
    "call": emit_call,
    "save": emit_save,
    "upload": emit_upload,
}


def private_header(module, source):
    """oai-MODULE-methods-private.h: hand-written functions that generated code calls."""
    name = f"oai-{module.name}-endpoint.h"
    parts = [cwriter.header(source), f'#pragma once\n\n#include "{name}"\n\nG_BEGIN_DECLS\n\n']
    parts += [f"gboolean {name} (OaiRecord *request, GError **error);\n" for name in operations.checks(module)]
    parts += [f"OaiRecord *{name} (OaiRecord *request);\n" for name in operations.adaptations(module)]
    parts += [f"char *{name} (OaiRecord *request, const GError *error);\n" for name in operations.explanations(module)]
    parts += [start_prototype(method) for method in module.methods if method.verb == "task"]
    parts.append("\nG_END_DECLS\n")
    return "".join(parts)
