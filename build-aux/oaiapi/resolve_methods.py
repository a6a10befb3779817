# SPDX-License-Identifier: LGPL-2.1-or-later
"""Resolves “methods” blocks: operations, members and types that statements name."""

from dataclasses import dataclass, field, replace
from typing import List, Optional

from . import accessors, names
from .cwriter import Class
from .diagnostics import did_you_mean


@dataclass(frozen=True)
class CType:
    """A type of an argument or a result."""
    c: str                 # as it is declared
    annotation: str = ""   # for documentation
    check: str = ""        # condition on a valid argument, with %s for its name
    none: str = "NULL"     # the value for “nothing”
    owned: bool = False    # whether the caller owns a result
    words: str = ""        # default documentation

    @property
    def is_pointer(self):
        return self.c.endswith("*") or self.c == "GStrv"


NOT_NULL = "%s != NULL"
TYPES = {
    "string": CType("const char *", check=NOT_NULL),
    "text": CType("char *", owned=True),
    "path": CType("const char *", "(type filename)", NOT_NULL),
    "bool": CType("gboolean", none="FALSE"),
    "int": CType("gint64", none="0"),
    "uint": CType("guint", none="0"),
    "size": CType("gsize", none="0"),
    "number": CType("double", none="0"),
    "bytes": CType("GBytes *", check=NOT_NULL, owned=True),
    "file": CType("OaiInputFile *", check="OAI_IS_INPUT_FILE (%s)"),
    "gfile": CType("GFile *", check="G_IS_FILE (%s)", owned=True),
    "timeout": CType("gint64", check="%s >= -1", none="0"),
    "tool": CType("OaiTool *", check="OAI_IS_TOOL (%s)"),
    "toolset": CType("OaiToolset *", check="OAI_IS_TOOLSET (%s)"),
}
LIST_TYPES = {
    "string": CType("const char *const *", "(array zero-terminated=1)", NOT_NULL),
    "int": CType("const gint64 *", "(array length=n_%s)", NOT_NULL),
    "text": CType("GStrv", owned=True),
    "bytes": CType("GPtrArray *", "(element-type GLib.Bytes)", NOT_NULL, owned=True),
    "call": CType("GPtrArray *", "(element-type OaiToolCall)", NOT_NULL, owned=True),
}


def record_type(record):
    c = Class(record.name)
    return CType(f"{c.type} *", check=f"OAI_IS_{c.upper} (%s)", owned=True)


def field_type(f):
    c = accessors.value_type(f)
    if f.type.is_scalar:
        return CType(c, none=f.type.none)
    if f.type.c is None:
        return CType(c, check=f"OAI_IS_{names.snake(accessors.item_class(f)[3:]).upper()} (%s)")
    return CType(c, accessors.element_annotation(f).strip(), NOT_NULL)


@dataclass
class Parameter:
    name: str
    type: CType
    nullable: bool
    doc: str


@dataclass
class Step:
    """A step of a path that is read: a getter, and for a list its first item."""
    record: object             # that has the getter
    getter: str                # name of the function, without the prefix of the record
    type: CType
    item: Optional[object] = None   # record that it leads to
    first_by: Optional[str] = None  # member that numbers the items
    doc: Optional[str] = None       # of the result


@dataclass
class Method:
    verb: str
    name: str
    docs: List[str]
    target: object
    is_record: bool
    parameters: List[Parameter] = field(default_factory=list)
    returns: Optional[CType] = None
    returns_doc: Optional[str] = None
    endpoint: object = None
    operation: object = None
    tree: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    paths: List[List[Step]] = field(default_factory=list)
    member: object = None
    values: List[str] = field(default_factory=list)
    pending: Optional[List[str]] = None
    interval: int = 0
    timeout: int = -1
    negated: bool = False
    throws: bool = False
    call: str = ""        # the function that appends
    call_cast: str = ""
    maker: str = ""
    item: object = None

    @property
    def symbol(self):
        return f"{Class(self.target.name).prefix}_{self.name}"

    @property
    def is_static(self):
        """Whether it has no “self”: constructors, and functions of a type."""
        return self.verb in ("make", "static") or (self.verb in ("function", "task") and self.name.split("_")[0] == "new")


def find_field(record, name):
    """The member of a name in the description or on the wire."""
    for f in record.fields:
        if name in (f.ident, f.member) and not (f.alternative and name == f.member and name != f.ident):
            return f
    return None


def owner(record, f):
    return record if f in record.own_fields or record.parent is None else owner(record.parent, f)


class MethodsResolver:
    def __init__(self, resolver, records, endpoints, enums):
        self.resolver = resolver
        self.records = {name: symbol for name, symbol in resolver.symbols.items() if hasattr(symbol, "own_fields")}
        self.enums = enums
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.operations = {}
        for endpoint in endpoints:
            for operation in endpoint.operations:
                self.operations.setdefault(operation.name, (endpoint, operation))
        self.methods = {}  # (name of the target, name of the method) → Method
        self.pending = {}

    def error(self, place, message):
        self.resolver.error(place, message)

    def resolve(self, blocks):
        made = []
        for block in blocks:
            for statement in block.statements:
                self.pending[(block.target.text, statement.name.text)] = (block, statement)
        for block in blocks:
            target = self.target(block.target)
            for statement in block.statements if target is not None else []:
                method = self.resolve_statement(block, statement)
                if method is not None:
                    made.append(method)
        return made

    def target(self, word):
        target = self.endpoints.get(word.text) or self.records.get(word.text)
        if target is None:
            known = [*self.endpoints, *self.records]
            self.error(word, f"expected an endpoint or a record, but “{word.text}” is not known{did_you_mean(word.text, known)}")
        return target

    def resolve_statement(self, block, statement):
        key = (block.target.text, statement.name.text)
        if key in self.methods:
            return self.methods[key]
        target = self.target(block.target)
        if target is None:
            return None
        method = Method(statement.verb, statement.name.text, statement.docs, target, hasattr(target, "own_fields"))
        self.methods[key] = method
        if not any(line.strip() for line in statement.docs):
            self.error(statement.name, f"the method “{statement.name.text}” needs documentation: a line “/// …” above it")
        self.check_name(statement, method)
        getattr(self, f"resolve_{statement.verb}")(statement, method)
        for name in statement.argument_docs:
            if name not in [p.name for p in method.parameters]:
                self.error(statement.name, f"“@{name}” is documented, but “{method.name}” has no such argument")
        return method

    def check_name(self, statement, method):
        name = statement.name
        if name.text in names.RESERVED_OPERATIONS:
            self.error(name, f"“{name.text}” is a reserved word in Vala, Python or JavaScript; choose another name")
        taken = set()
        if method.is_record:
            for f in method.target.fields:
                taken.update(self.resolver.accessors(f))
        else:
            for operation in method.target.operations:
                taken.update(self.resolver.operation_symbols(operation))
        for endpoint in self.endpoints.values():
            taken.update(n for operation in endpoint.operations for record, n in operation.methods if record is method.target)
        taken.update(names.TAKEN_OPERATIONS if not method.is_record else ())
        if statement.verb == "upload":
            taken.discard(name.text)
        if name.text in taken:
            self.error(name, f"{name.text} () exists already; choose another name")
        others = [n for t, n in self.methods if t == method.target.name and self.methods[t, n] is not method]
        if name.text in others:
            self.error(name, f"{name.text} () is defined twice")

    # Types

    def type_of(self, expression):
        word = expression.name
        types = LIST_TYPES if expression.is_list else TYPES
        if word.text in types:
            return types[word.text]
        record = self.records.get(word.text)
        if record is None:
            self.error(word, f"expected a type, but “{word.text}” is not known"
                             f"{did_you_mean(word.text, [*types, *self.records])}")
            return CType("gpointer")
        if expression.is_list:
            return CType("GPtrArray *", f"(element-type {Class(record.name).type})", NOT_NULL, owned=True)
        return record_type(record)

    def parameters(self, statement, inferred=None):
        """inferred: the types of arguments without a type, by name."""
        made = []
        for argument in statement.arguments or []:
            name = argument.name.text
            if argument.type is not None:
                type_, doc = self.type_of(argument.type), None
            elif inferred and name in inferred:
                type_, doc = field_type(inferred[name]), accessors.first_sentence(inferred[name])
            else:
                if inferred is None:
                    self.error(argument.name, f"the argument “{name}” needs a type")
                continue
            doc = statement.argument_docs.get(name, doc or self.default_doc(name))
            if doc is None:
                self.error(argument.name, f"the argument “{name}” needs documentation: a line “/// @{name}: …”")
                doc = ""
            name = names.parameter(name)
            if "%s" in type_.annotation:
                type_ = replace(type_, annotation=type_.annotation % name)
                made.append(Parameter(name, type_, argument.nullable, doc))
                made.append(Parameter(f"n_{name}", TYPES["size"], False, "the number of values"))
            else:
                made.append(Parameter(name, type_, argument.nullable, doc))
        return made

    @staticmethod
    def default_doc(name):
        if name.endswith("_id") and len(name) > 3:
            return f"identifier of the {name[:-3].replace('_', ' ')}"
        return None

    # Members of records

    def need_record(self, statement, method):
        if not method.is_record:
            self.error(statement.name, f"“{statement.verb}” is for records, and “{method.target.name}” is an endpoint")
        return method.is_record

    def walk(self, record, path):
        """The fields of a path; each belongs to the record of the previous one."""
        fields = []
        for index, word in enumerate(path):
            f = find_field(record, word.text) if record is not None else None
            if f is None:
                known = [f.ident for f in record.fields] if record is not None else []
                self.error(word, f"“{record.name if record else path[index - 1].text}” has no member “{word.text}”"
                                 f"{did_you_mean(word.text, known)}")
                return None
            fields.append(f)
            if index + 1 < len(path):
                if f.kind != "RECORD":
                    self.error(word, f"“{word.text}” is no record, so it has no members")
                    return None
                record = f.item
        return fields

    def build_tree(self, statement, record, assignments, arguments):
        """The members of a new record: {ident: (field, value or tree)}; and the fields that arguments set."""
        tree, inferred = {}, {}
        for assignment in assignments:
            fields = self.walk(record, assignment.path)
            if fields is None:
                continue
            node = tree
            for f in fields[:-1]:
                node = node.setdefault(f.ident, (f, {}))[1]
            f = fields[-1]
            value = self.value(assignment, f, arguments)
            if value is None:
                continue
            if value[0] == "argument":
                inferred.setdefault(value[1], f)
            node[f.ident] = (f, value)
        for name in arguments:
            if name not in inferred:
                self.error(next(a.name for a in statement.arguments if a.name.text == name),
                           f"the argument “{name}” is not used")
        return tree, inferred

    def value(self, assignment, f, arguments):
        word = assignment.value
        text = word.text
        if text in arguments:
            return ("argument", text, arguments[text].nullable, assignment.or_empty)
        if assignment.values is not None and f.kind == "STRING_LIST":
            return ("list", [self.string_value(value, f) for value in assignment.values])
        if text.startswith('"') and f.type.is_text:
            return ("literal", self.string_value(word, f))
        if text in ("true", "false") and f.kind == "BOOLEAN":
            return ("literal", text.upper())
        if text.lstrip("-").isdigit() and f.kind in ("INT", "NUMBER"):
            return ("literal", text)
        if text == "{}" and f.kind == "RECORD":
            return ("empty", Class(f.item.name))
        self.error(word, f"“{text}” is neither an argument nor a value of “{f.ident}”{did_you_mean(text, arguments)}")
        return None

    @staticmethod
    def string_value(word, f):
        text = word.text[1:-1].replace('\\"', '"') if word.text.startswith('"') else word.text
        return string_constant(text, f.enum)

    def resolve_make(self, statement, method):
        if not self.need_record(statement, method):
            return
        arguments = {a.name.text: a for a in statement.arguments or []}
        method.tree, inferred = self.build_tree(statement, method.target, statement.assignments, arguments)
        method.parameters = self.parameters(statement, inferred)
        method.returns = record_type(method.target)
        method.returns_doc = statement.returns_doc
        if statement.name.text.split("_")[0] != "new":
            self.error(statement.name, "a constructor is called new_…")
        if not method.target.writable:
            self.error(statement.name, f"“{method.target.name}” cannot be made; declare it “: writable”")

    def resolve_change(self, statement, method):
        if not self.need_record(statement, method):
            return
        arguments = {a.name.text: a for a in statement.arguments or []}
        method.tree, inferred = self.build_tree(statement, method.target, statement.assignments, arguments)
        method.parameters = self.parameters(statement, inferred)

    def resolve_append(self, statement, method):
        if not self.need_record(statement, method):
            return
        item = self.records.get(statement.maker[0].text)
        if item is None:
            self.error(statement.maker[0], f"the record “{statement.maker[0].text}” is not known"
                                           f"{did_you_mean(statement.maker[0].text, self.records)}")
            return
        method.item = item
        method.parameters = self.maker_parameters(statement, item)
        method.maker = f"{Class(item.name).prefix}_{statement.maker[1].text}"
        f = find_field(method.target, statement.member.text)
        prefix = Class(method.target.name).prefix
        if f is not None and f.kind == "RECORD_LIST":
            method.call = f"{Class(owner(method.target, f).name).prefix}_add_{names.singular(f.ident)}"
            accepted = f.item
        else:
            other = self.other_method(method.target, statement.member.text)
            if other is None or len(other.parameters) != 1:
                self.error(statement.member, f"expected a list of records or a method of “{method.target.name}”, "
                                             f"not “{statement.member.text}”")
                return
            method.call = f"{prefix}_{other.name}"
            accepted = next((r for r in self.records.values() if record_type(r).c == other.parameters[0].type.c), item)
        if accepted is not item:
            method.call_cast = f"OAI_{Class(accepted.name).upper} "

    def maker_parameters(self, statement, item):
        name = statement.maker[1].text
        if name == "new":
            made = [Parameter(accessors.parameter(f), field_type(f), False, accessors.first_sentence(f))
                    for f in item.constructor_fields]
        else:
            maker = self.other_method(item, name)
            if maker is None:
                self.error(statement.maker[1], f"“{item.name}” has no constructor “{name}”")
                return []
            made = maker.parameters
        return [Parameter(p.name, p.type, p.nullable, statement.argument_docs.get(p.name, p.doc)) for p in made]

    def other_method(self, target, name):
        known = self.methods.get((target.name, name))
        if known is None and (target.name, name) in self.pending:
            known = self.resolve_statement(*self.pending[(target.name, name)])
        return known

    def resolve_read(self, statement, method):
        if not self.need_record(statement, method):
            return
        for path in statement.paths:
            steps = self.read_path(method.target, path)
            if steps:
                method.paths.append(steps)
        if not method.paths:
            return
        last = method.paths[0][-1]
        method.returns = last.type
        method.returns_doc = statement.returns_doc or last.doc
        if method.returns.is_pointer and not method.returns_doc.startswith("("):
            method.returns_doc = f"(transfer none) {last.type.annotation}: {method.returns_doc}".replace(" :", ":")
        if method.returns.is_pointer and "(nullable)" not in method.returns_doc:
            method.returns_doc = method.returns_doc.replace("(transfer none)", "(transfer none) (nullable)")
        if len(method.paths) > 1 and not last.type.is_pointer:
            self.error(statement.name, "only members that can be absent have alternatives")

    def read_path(self, record, path):
        steps = []
        for word in path:
            if word.text.startswith("["):
                if not steps or steps[-1].item is None or not steps[-1].type.c.startswith("GPtrArray"):
                    self.error(word, "only a list of records has items")
                    return None
                if find_field(steps[-1].item, word.text[1:-1]) is None:
                    self.error(word, f"“{steps[-1].item.name}” has no member “{word.text[1:-1]}”")
                    return None
                steps[-1].first_by = word.text[1:-1]
                steps[-1].type = CType(f"{Class(steps[-1].item.name).type} *")
                steps[-1].doc = "(transfer none) (nullable): the item, or %NULL if there is none"
                record = steps[-1].item
                continue
            if steps and record is None:
                self.error(word, f"“{path[path.index(word) - 1].text}” is no record, so it has no members")
                return None
            step = self.read_step(record, word)
            if step is None:
                return None
            steps.append(step)
            record = step.item if not step.type.c.startswith("GPtrArray") else None
        return steps

    def read_step(self, record, word):
        f = find_field(record, word.text)
        method = self.other_method(record, f"get_{word.text}")
        if method is not None and method.returns is not None:
            step = Step(record, method.name, method.returns)
            step.doc = method.returns_doc
            step.item = next((r for r in self.records.values() if record_type(r).c == method.returns.c), None)
            return step
        if f is None:
            self.error(word, f"“{record.name}” has no member “{word.text}”"
                             f"{did_you_mean(word.text, [f.ident for f in record.fields])}")
            return None
        step = Step(owner(record, f), f"get_{f.ident}", field_type(f), f.item)
        step.doc = accessors.getter_result(f)
        return step

    def states(self, statement, record):
        f = find_field(record, statement.member.text)
        if f is None or f.kind != "STRING":
            known = [f.ident for f in record.fields if f.kind == "STRING"]
            self.error(statement.member, f"expected a member of “{record.name}” that is text, not “{statement.member.text}”"
                                         f"{did_you_mean(statement.member.text, known)}")
            return None
        return f

    def state_values(self, words, f):
        made = []
        for word in words:
            text = word.text.strip('"')
            known = [value.value for value in f.enum.values] if f.enum else []
            if known and text not in known and not word.text.startswith('"'):
                self.error(word, f"“{text}” is no value of “{f.enum.name}”{did_you_mean(text, known)}; "
                                 "a value that it does not have is written in double quotes")
            made.append(string_constant(text, f.enum))
        return made

    def resolve_test(self, statement, method):
        if not self.need_record(statement, method):
            return
        method.member = self.states(statement, method.target)
        if method.member is not None:
            method.values = self.state_values(statement.values, method.member)
        method.negated = statement.negated
        method.returns = TYPES["bool"]
        method.returns_doc = statement.returns_doc or "%TRUE if the condition holds"

    def resolve_function(self, statement, method):
        method.parameters = self.parameters(statement)
        method.throws = statement.throws
        method.returns = self.type_of(statement.result) if statement.result is not None else None
        method.returns_doc = self.result_doc(statement, method)

    # Methods that send requests

    def result_doc(self, statement, method):
        if method.returns is None:
            return None
        if statement.returns_doc is None:
            self.error(statement.name, f"the result of “{method.name}” needs documentation: a line “/// Returns: …”")
            return ""
        text = statement.returns_doc
        if "(transfer" in text or not method.returns.is_pointer:
            return text
        owned = method.returns.owned and (statement.verb == "task" or method.name.split("_")[0] != "get")
        # A GPtrArray owns its elements.
        full = "(transfer container)" if method.returns.c == "GPtrArray *" else "(transfer full)"
        annotations = [full if owned else "(transfer none) (nullable)", method.returns.annotation]
        return f"{' '.join(filter(None, annotations))}: {text}"

    resolve_static = resolve_function

    def resolve_task(self, statement, method):
        method.parameters = self.parameters(statement)
        method.returns = self.type_of(statement.result)
        if method.returns.c not in ("gboolean", "GStrv") and not method.returns.owned:
            self.error(statement.result.name, "a task returns bool, or an object or memory that the caller owns")
        method.returns_doc = self.result_doc(statement, method)

    def take_operation(self, statement, method):
        found = self.operations.get(statement.operation.text)
        if found is None:
            self.error(statement.operation, f"the operation “{statement.operation.text}” is not known"
                                            f"{did_you_mean(statement.operation.text, self.operations)}")
            return False
        method.endpoint, method.operation = found
        if not method.is_record and method.target is not method.endpoint:
            self.error(statement.operation, f"“{statement.operation.text}” is an operation of “{method.endpoint.name}”")
            return False
        return True

    def resolve_wait(self, statement, method):
        if not self.take_operation(statement, method):
            return
        result = method.operation.result_type
        if method.operation.result != "record" or method.operation.request:
            self.error(statement.operation, "only an operation that retrieves a record, without a request, can be waited on")
            return
        method.member = self.states(statement, result)
        if method.member is None:
            return
        method.values = self.state_values(statement.values, method.member)
        if "pending" in statement.options:
            method.pending = self.state_values(statement.options["pending"], method.member)
        for option in ("interval", "timeout"):
            if option in statement.options:
                word = statement.options[option][0]
                if not word.text.isdigit():
                    self.error(word, f"expected milliseconds, not “{word.text}”")
                    return
                setattr(method, option, int(word.text))
        method.returns = record_type(result)
        method.returns_doc = f"(transfer full): {statement.returns_doc or 'the record in its final state'}"

    def resolve_save(self, statement, method):
        if method.is_record:
            self.error(statement.name, "“save” is for endpoints")
        elif self.take_operation(statement, method) and method.operation.result != "bytes":
            self.error(statement.operation, "only bytes can be saved")

    def resolve_upload(self, statement, method):
        if method.is_record:
            self.error(statement.name, "“upload” is for endpoints")
        if method.is_record or not self.take_operation(statement, method):
            return
        request = method.operation.request
        files = [f for f in request.constructor_fields if f.kind == "FILE"] if request is not None else []
        if len(files) != 1:
            self.error(statement.operation, f"“{statement.operation.text}” has no request with one file that is required")
            return
        method.member = files[0]

    def resolve_call(self, statement, method):
        if not self.take_operation(statement, method) or not self.need_record(statement, method):
            return
        arguments = {a.name.text: a for a in statement.arguments or []}
        inferred = {}
        for assignment in statement.assignments:
            where, rest = assignment.path[0], assignment.path[1:]
            record = {"query": method.operation.query, "request": method.operation.request}.get(where.text)
            if record is None or len(rest) != 1:
                self.error(where, "expected query.MEMBER or request.MEMBER of the operation")
                continue
            fields = self.walk(record, rest)
            value = assignment.value.text
            source = None if value in arguments else find_field(method.target, value)
            if fields is None:
                continue
            if value not in arguments and source is None:
                self.error(assignment.value, f"“{value}” is neither an argument nor a member of “{method.target.name}”")
                continue
            if source is None:
                inferred[value] = fields[0]
            tree = method.query if where.text == "query" else method.tree
            tree[fields[0].ident] = (fields[0], source or ("argument", value, arguments[value].nullable, False))
        method.parameters = self.parameters(statement, inferred)


def string_constant(text, enum):
    """The constant of a value, or the text as a literal of C."""
    if enum is not None:
        for value in enum.values:
            if value.value == text:
                return f"OAI_{names.snake(enum.name).upper()}_{value.name.text.upper()}"
    return names.c_string(text)


def resolve_methods(resolver, blocks, records, endpoints, enums):
    return MethodsResolver(resolver, records, endpoints, enums).resolve(blocks)
