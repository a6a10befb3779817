# SPDX-License-Identifier: LGPL-2.1-or-later
"""Resolves the names of a parsed description, and reports unknown and conflicting names."""

import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from . import names, resolve_streams, sockets, versions
from .diagnostics import Diagnostics, did_you_mean
from .field_types import FIELD_TYPES, LISTS, SCALARS
from .paging import Paging
from .paging import resolve as resolve_paging
from .resolve_methods import resolve_methods
from .syntax import Word

# Members of requests that request a stream, and that name a deployment on Azure.
STREAM = "stream"
DEPLOYMENT = "model"

COMMON_DOCS = {
    "id": "Identifier.",
    "object": "Kind of object, as the server calls it.",
    "created": "When it was created.",
    "created_at": "When it was created.",
    "has_more": "Whether more follow.",
    "first_id": "Identifier of the first item.",
    "last_id": "Identifier of the last item.",
}


@dataclass
class Enum:
    name: str
    docs: List[str]
    module: str
    reference: Optional[str]
    values: list


@dataclass
class Field:
    ident: str
    member: str
    kind: str
    flags: List[str]
    docs: List[str]
    item: Optional["Record"] = None
    enum: Optional[Enum] = None
    place: Optional[Word] = None
    others: List[str] = field(default_factory=list)  # names in JSON that servers send instead

    @property
    def required(self):
        return "REQUIRED" in self.flags

    @property
    def alternative(self):
        return "ALTERNATIVE" in self.flags

    @property
    def nullable_on_wire(self):
        return "NULLABLE" in self.flags

    @property
    def is_tag(self):
        return "TAG" in self.flags

    @property
    def is_list(self):
        return self.type.is_list

    @property
    def type(self):
        return FIELD_TYPES[self.kind]

    @property
    def name(self):
        """The name in the API: "stop-list"."""
        return "type" if self.ident == "type_value" else self.ident.replace("_", "-")

    @property
    def property(self):
        """The name of the GObject property; None for lists other than of strings, which have methods only."""
        return None if self.is_list and self.kind != "STRING_LIST" else self.name


@dataclass
class Record:
    name: str
    docs: List[str]
    module: str
    is_union: bool
    writable: bool
    reference: Optional[str]
    parent: Optional["Record"] = None
    own_fields: List[Field] = field(default_factory=list)
    cases: list = field(default_factory=list)  # (tag, Record, the member that selects the case without a tag, or None)
    tag: Optional[str] = None
    has_alternatives: set = field(default_factory=set)

    @property
    def fields(self):
        return (self.parent.fields if self.parent else []) + self.own_fields

    @property
    def constructor_fields(self):
        """Required fields, except lists, fields of several types, and tags that the type determines."""
        return [f for f in self.fields
                if f.required and not f.is_list and f.member not in self.all_alternatives()
                and not (f.is_tag and self.tag is not None)]

    def all_alternatives(self):
        inherited = self.parent.all_alternatives() if self.parent else set()
        return inherited | self.has_alternatives


@dataclass
class Operation:
    name: str
    docs: List[str]
    method: str
    path: str
    parameters: List[str]
    result: str
    reference: Optional[str]
    query: Optional[Record] = None
    request: Optional[Record] = None
    request_nullable: bool = False
    result_type: Optional[Record] = None
    chunk: Optional[Record] = None
    stream: Optional[str] = None
    flags: List[str] = field(default_factory=list)
    beta: Optional[str] = None
    beta_version: Optional[str] = None  # without it, the beta is off unless the settings select a version
    only_beta_version: Optional[str] = None
    beta_query: Optional[str] = None  # NAME=VALUE
    text: Optional[str] = None
    format_by: Optional[str] = None
    stream_by: Optional[tuple] = None  # (member, value), (member, None) for true
    deployment: Optional[str] = None
    paging: Optional[Paging] = None
    check: Optional[str] = None  # name of a function of the module
    adapt: Optional[str] = None  # name of a function of the module
    explain: Optional[str] = None  # the same
    methods: List[tuple] = field(default_factory=list)  # (Record, name)

    @property
    def open_name(self):
        """The method that returns a stream: create_speech → open_speech."""
        verb, _, rest = self.name.partition("_")
        return f"open_{rest or verb}"
    defaults: List[tuple] = field(default_factory=list)  # (member, value)


@dataclass
class Endpoint:
    name: str
    docs: List[str]
    wire_name: str
    reference: Optional[str]
    operations: List[Operation] = field(default_factory=list)
    sockets: list = field(default_factory=list)  # of Socket


@dataclass
class Module:
    name: str
    depends: List[str]
    enums: List[Enum]
    records: List[Record]
    endpoints: List[Endpoint]
    streams: list = field(default_factory=list)  # of StreamDecl
    methods: list = field(default_factory=list)  # Method of resolve_methods
    macros: Optional[tuple] = None  # prefix of the version macros, and the header that defines them

    @property
    def type_names(self):
        """All types of the module."""
        sockets_of_module = {socket.class_name for endpoint in self.endpoints for socket in endpoint.sockets if socket.class_name}
        return sorted([symbol.name for symbol in self.records + self.endpoints] + [stream.name.text for stream in self.streams]
                      + list(sockets_of_module))


class Resolver:
    def __init__(self, file, depends, diagnostics, others=(), in_tree=False, version=None):
        self.file = file
        self.depends = depends
        self.others = others  # modules that may be in the same process
        self.diagnostics = diagnostics
        self.symbols: Dict[str, object] = {}
        self.foreign: Dict[str, str] = {}
        self.constants: Dict[str, Word] = {}
        self.module_name = file.module.text if file.module else ""
        self.versions = versions.Resolver(file, self.error, in_tree, version)

    def error(self, place, message):
        self.diagnostics.error(*self.file.locate(place.line), place.column, message)

    def resolve(self):
        self.versions.resolve()
        self.resolve_others()
        self.resolve_depends()
        enums = [self.declare_enum(decl) for decl in self.file.enums]
        records = [self.declare_record(decl) for decl in self.file.records]
        pairs = list(zip(self.file.records, records))
        for decl, record in pairs:
            self.resolve_parent(decl, record)
        for decl, record in pairs:
            self.resolve_fields(decl, record)
        for decl, record in pairs:
            self.resolve_cases(decl, record)
        for decl, record in pairs:
            self.check_accessors(decl, record)
        for decl in self.file.streams:
            self.declare(decl.name, decl)
        described = [resolve_streams.resolve(self, decl) for decl in self.file.streams]
        endpoints = [self.resolve_endpoint(decl, index) for index, decl in enumerate(self.file.endpoints)]
        methods = resolve_methods(self, self.file.methods, records, endpoints, enums)
        return Module(self.module_name, [word.text for word in self.file.depends], enums, records, endpoints, described,
                      methods, self.file.macros)

    # Names

    def resolve_others(self):
        for other in self.others:
            for decl in other.enums + other.records + other.endpoints:
                self.foreign[decl.name.text] = other.module.text

    def resolve_depends(self):
        by_name = {other.module.text: other for other in self.depends if other.module}
        for word in self.file.depends:
            other = by_name.get(word.text)
            if other is None:
                known = f"; known are {', '.join(sorted(by_name))}" if by_name else ""
                self.error(word, f"no description of the module “{word.text}” was given (--depend){known}")
                continue
            self.declare_foreign(other, word.text)
        self.resolve_foreign_fields(by_name)

    def resolve_foreign_fields(self, by_name):
        """Members of records of other modules, as far as their types are known here; mistakes in them are reported there."""
        diagnostics, self.diagnostics = self.diagnostics, Diagnostics()
        for word in self.file.depends:
            for decl in by_name[word.text].records if word.text in by_name else []:
                record = self.symbols[decl.name.text]
                if decl.is_union:
                    self.add_tag(decl, record)
                for field_decl in decl.fields:
                    field_decl.docs = field_decl.docs or [COMMON_DOCS.get(field_decl.name.text, "")]
                    self.add_field(decl, record, field_decl)
        self.diagnostics = diagnostics

    def declare_foreign(self, other, module):
        for decl in other.enums:
            self.symbols[decl.name.text] = Enum(decl.name.text, decl.docs, module, None, decl.values)
        for decl in other.records:
            self.symbols[decl.name.text] = Record(decl.name.text, decl.docs, module, decl.is_union, decl.writable, None)
        for decl in other.enums + other.records + other.streams + other.endpoints:
            self.foreign[decl.name.text] = module

    def declare(self, word, symbol):
        name = word.text
        if name in self.foreign:
            self.error(word, f"“{name}” is already defined in the module “{self.foreign[name]}”")
        elif name in self.symbols:
            self.error(word, f"“{name}” is defined twice")
        elif name in names.TAKEN_TYPES:
            self.error(word, f"Oai{name} is a type of the library; choose another name")
        else:
            self.symbols[name] = symbol

    def reference(self, own, fallback=None):
        base = fallback if fallback is not None else self.file.reference
        if own is None:
            return base
        return own if own.startswith("https://") or base is None else f"{base}/{own}"

    def need_docs(self, decl, what):
        if not any(line.strip() for line in decl.docs):
            self.error(decl.name, f"{what} “{decl.name.text}” needs documentation: a line “/// …” above it")

    def declare_enum(self, decl):
        self.need_docs(decl, "the enumeration")
        if decl.name.text in names.TAKEN_ENUMS:
            self.error(decl.name, f"constants OAI_{decl.name.text.upper()}_… exist in the library; choose another name")
        if not decl.values:
            self.error(decl.name, f"the enumeration “{decl.name.text}” has no values")
        for value in decl.values:
            constant = f"OAI_{names.snake(decl.name.text)}_{value.name.text}".upper()
            if constant in self.constants:
                self.error(value.name, f"{constant} is already defined on line {self.constants[constant].line}")
            self.constants[constant] = value.name
        enum = Enum(decl.name.text, decl.docs, self.module_name, self.reference(decl.reference), decl.values)
        self.declare(decl.name, enum)
        return enum

    def declare_record(self, decl):
        self.need_docs(decl, "the union" if decl.is_union else "the record")
        record = Record(decl.name.text, decl.docs, self.module_name, decl.is_union, decl.writable,
                        self.reference(decl.reference))
        self.declare(decl.name, record)
        return record

    def lookup(self, word, kinds, what):
        symbol = self.symbols.get(word.text)
        if isinstance(symbol, kinds):
            return symbol
        if symbol is not None:
            kind = "an enumeration" if isinstance(symbol, Enum) else "a record"
            self.error(word, f"expected {what}, but “{word.text}” is {kind}")
            return None
        known = [name for name, known in self.symbols.items() if isinstance(known, kinds)]
        if Enum in (kinds if isinstance(kinds, tuple) else (kinds,)):
            known += list(SCALARS)
        self.error(word, f"expected {what}, but “{word.text}” is not known{did_you_mean(word.text, known)}")
        return None

    # Records

    def resolve_parent(self, decl, record):
        if decl.base is None:
            return
        parent = self.lookup(decl.base, Record, "a union of this module")
        if parent is None:
            return
        if not parent.is_union or parent.module != self.module_name:
            self.error(decl.base, f"expected a union of this module, but “{parent.name}” is not one")
            return
        record.parent = parent
        record.writable = record.writable or parent.writable

    def resolve_fields(self, decl, record):
        if decl.is_union:
            self.add_tag(decl, record)
        seen = {f.member: f.place for f in record.fields if f.place}
        seen.update((other, f.place) for f in record.fields for other in f.others)
        for field_decl in decl.fields:
            if not field_decl.docs and field_decl.name.text in COMMON_DOCS:
                field_decl.docs = field_decl.docs.with_lines([COMMON_DOCS[field_decl.name.text]])
            self.need_docs(field_decl, "the member")
            if field_decl.member in seen and not (record.is_union and field_decl.name.text == decl.tag_member.text):
                self.error(field_decl.name, f"the member “{field_decl.member}” is already declared on "
                                            f"line {seen[field_decl.member].line}")
            seen[field_decl.member] = field_decl.name
            self.add_field(decl, record, field_decl)
        for other in [other for field_decl in decl.fields for other in field_decl.others]:
            if other.text in seen:
                self.error(other, f"the member “{other.text}” is already declared on line {seen[other.text].line}")
            seen[other.text] = other

    def add_tag(self, decl, record):
        if decl.tag_member is None:
            return
        if any(f.name.text == decl.tag_member.text for f in decl.fields):
            return
        docs = decl.docs.for_part(["The kind of the object, which selects its class."])
        name = decl.tag_member.text
        record.own_fields.append(Field(names.identifier(name), name, "STRING", ["REQUIRED", "TAG"], docs,
                                       place=decl.tag_member))

    def add_field(self, decl, record, field_decl):
        flags = []
        flags += ["REQUIRED"] if field_decl.required else []
        flags += ["NULLABLE"] if field_decl.nullable else []
        flags += ["SECRET"] if field_decl.secret else []
        flags += ["REPLY"] if field_decl.reply else []
        is_tag = decl.is_union and decl.tag_member is not None and field_decl.name.text == decl.tag_member.text
        if len(field_decl.types) > 1:
            record.has_alternatives.add(field_decl.member)
        for index, expression in enumerate(field_decl.types):
            made = self.make_field(field_decl, expression)
            if made is None:
                continue
            made.flags = [flag for flag in flags if not index or flag != "REQUIRED"]
            made.flags += (["ALTERNATIVE"] if index else []) + (["TAG"] if is_tag else [])
            made.others = [] if index else [other.text for other in field_decl.others]
            if is_tag and made.others:
                self.error(field_decl.others[0], "the member that selects the case has no other name")
            if is_tag and (made.kind != "STRING" or index):
                self.error(field_decl.name, "the member that selects the case must be a string")
            if is_tag and not made.required:
                made.flags.insert(0, "REQUIRED")
            record.own_fields.append(made)

    def make_field(self, decl, expression):
        alias = expression.alias or decl.name
        ident = names.identifier(alias.text)
        place = alias
        if ident in names.TAKEN_MEMBERS:
            self.error(alias, f"get_{ident} exists in every record; choose another name: NAME = \"{decl.member}\"")
        made = Field(ident, decl.member, "", [], decl.docs, place=place)
        name = expression.name.text
        if name in SCALARS:
            kinds = LISTS if expression.is_list else SCALARS
            if name not in kinds:
                self.error(expression.name, f"there are no lists of {name}; expected string, int, number, file, "
                                            "an enumeration or a record, or declare the member as json")
                return None
            made.kind = kinds[name]
            return made
        symbol = self.lookup(expression.name, (Enum, Record), "a type")
        if symbol is None:
            return None
        if isinstance(symbol, Enum):
            made.kind = "STRING_LIST" if expression.is_list else "STRING"
            made.enum = symbol
        else:
            made.kind = "RECORD_LIST" if expression.is_list else "RECORD"
            made.item = symbol
        return made

    def resolve_cases(self, decl, record):
        tags = set()
        for case in decl.cases:
            target = self.lookup(case.type, Record, "a record")
            if target is None:
                continue
            if target.parent is not record:
                self.error(case.type, f"“{target.name}” must be declared “: of {record.name}”")
                continue
            if case.tag in tags:
                self.error(case.type, f"the tag “{case.tag}” already has a case")
                continue
            tags.add(case.tag)
            record.cases.append((case.tag, target, self.resolve_untagged(case, target)))
            target.tag = target.tag or case.tag
        if record.parent is not None and not self.is_case(decl, record):
            self.error(decl.name, f"“{record.name}” is of “{record.parent.name}”, which has no case for it")

    def resolve_untagged(self, case, target):
        if case.untagged is None:
            return None
        if not any(f.member == case.untagged.text for f in target.fields):
            self.error(case.untagged, f"“{target.name}” has no member “{case.untagged.text}”")
        return case.untagged.text

    def is_case(self, decl, record):
        parent = next(d for d in self.file.records if d.name.text == record.parent.name)
        return any(case.type.text == decl.name.text for case in parent.cases)

    def check_accessors(self, decl, record):
        taken = {}
        for f in record.fields:
            for accessor in self.accessors(f):
                if accessor in taken and taken[accessor] is not f:
                    self.error(f.place or decl.name, f"“{f.ident}” and “{taken[accessor].ident}” would both need "
                                                     f"{accessor} (); choose another name: NAME = \"{f.member}\"")
                    break
                taken[accessor] = f

    @staticmethod
    def accessors(f):
        made = [f"get_{f.ident}", f"set_{f.ident}"]
        further = {
            "date_time": [f"dup_{f.ident}_date_time"],
            "map": [f"dup_{f.ident}_value", f"set_{f.ident}_value"],
            "add": [f"add_{names.singular(f.ident)}"],
        }
        return made + [name for key in f.type.further for name in further[key]]

    # Endpoints

    def resolve_endpoint(self, decl, index):
        self.need_docs(decl, "the endpoint")
        self.declare(decl.name, decl)
        stem = decl.name.text[: -len("Endpoint")] if decl.name.text.endswith("Endpoint") else decl.name.text
        wire_name = names.kebab(stem) if index else self.module_name
        endpoint = Endpoint(decl.name.text, decl.docs, wire_name, self.reference(decl.reference))
        if not decl.operations:
            self.error(decl.name, f"the endpoint “{decl.name.text}” has no operations")
        taken = {}
        for operation_decl in decl.operations:
            operation = self.resolve_operation(operation_decl, endpoint)
            endpoint.operations.append(operation)
            for symbol in self.operation_symbols(operation):
                if symbol in taken:
                    self.error(operation_decl.name, f"{symbol} () is already generated for “{taken[symbol]}”; "
                                                    "choose another name")
                taken[symbol] = operation.name
        for socket_decl in decl.sockets:
            endpoint.sockets.append(sockets.resolve(self, socket_decl, endpoint))
            if socket_decl.name.text in taken:
                self.error(socket_decl.name, f"{socket_decl.name.text} () is already generated for “{taken[socket_decl.name.text]}”; "
                                             "choose another name")
            taken[socket_decl.name.text] = socket_decl.name.text
        return endpoint

    def check_method_name(self, word):
        if word.text in names.RESERVED_OPERATIONS:
            self.error(word, f"“{word.text}” is a reserved word in Vala, Python or JavaScript; choose another name, "
                             f"such as “{word.text}_…”")
        elif word.text in names.TAKEN_OPERATIONS:
            self.error(word, f"every endpoint has a method “{word.text}”; choose another name")

    @staticmethod
    def operation_symbols(operation):
        made = [operation.name, f"{operation.name}_async", f"{operation.name}_finish"]
        if operation.chunk is not None:
            made.append(f"{operation.name}_stream")
        if operation.result == "bytes":
            made += [operation.open_name, f"{operation.open_name}_async", f"{operation.open_name}_finish"]
        return made

    def resolve_operation(self, decl, endpoint):
        self.need_docs(decl, "the operation")
        name = decl.name.text
        self.check_method_name(decl.name)
        operation = Operation(name, decl.docs, decl.method, decl.path.text, self.path_parameters(decl.path),
                              decl.result, self.reference(decl.reference, endpoint.reference))
        operation.query = self.lookup_writable(decl.query, "of the query")
        operation.request = self.lookup_writable(decl.request, "of the request")
        operation.request_nullable = decl.request_nullable
        operation.result_type = self.lookup_record(decl.result_type, "of the result")
        operation.chunk = self.lookup_record(decl.chunk, "of the stream")
        operation.stream = self.stream_class(decl)
        operation.beta, _, version = (decl.beta or "").partition("=")
        operation.beta_version = version or None
        operation.only_beta_version = decl.beta_only
        operation.beta_query = self.beta_query(decl)
        operation.paging = resolve_paging(self, decl, operation.query)
        operation.deployment = DEPLOYMENT if decl.deployment else None
        operation.format_by = self.format_by(decl, operation)
        operation.text = self.text_member(decl, operation)
        operation.stream_by = self.stream_by(decl, operation)
        operation.check = self.module_function("check", decl.check, operation)
        operation.adapt = self.module_function("adapt", decl.adapt, operation)
        operation.explain = self.module_function("explain", decl.explain, operation)
        operation.defaults = [self.default(word, operation) for word in decl.defaults]
        operation.methods = [m for m in (self.method(word, operation) for word in decl.methods) if m is not None]
        operation.flags = [flag for flag, given in (("MULTIPART", decl.multipart), ("ADMIN", decl.admin), ("OR_ADMIN", decl.or_admin),
                                                    ("KEEP_PATHS", decl.keep_paths), ("MEDIA", decl.media), ("LARGE", decl.large))
                           if given]
        self.check_files(decl, operation)
        return operation

    def stream_class(self, decl):
        known = [stream.name.text for stream in self.file.streams]
        if decl.stream is not None and decl.stream.text not in known:
            self.error(decl.stream, f"expected a stream of this description, but “{decl.stream.text}” is not known"
                                    f"{did_you_mean(decl.stream.text, known)}")
        return decl.stream.text if decl.stream else None

    def check_files(self, decl, operation):
        """Files are only allowed in forms."""
        if decl.keep_paths is not None and not decl.multipart:
            self.error(decl.keep_paths, "“keep-paths” requires a multipart request")
        if decl.media is not None and decl.result != "bytes":
            self.error(decl.media, "“media” requires the result “bytes”")
        for word, record in ((decl.query, operation.query), (decl.request if not decl.multipart else None, operation.request)):
            file = find_file(record, set()) if word is not None else None
            if file is not None:
                self.error(word, f"“{file}” is a file, which only a form can send; write “multipart” before “{word.text}”"
                                 if word is decl.request else f"“{file}” is a file, which no query can hold")

    def lookup_record(self, word, what):
        return self.lookup(word, Record, f"the record {what}") if word is not None else None

    def lookup_writable(self, word, what):
        record = self.lookup_record(word, what)
        if record is not None and not record.writable:
            self.error(word, f"“{record.name}” is sent, so it must be declared “: writable”")
        return record

    def text_member(self, decl, operation):
        if decl.text is None:
            return None
        result = operation.result_type
        members = [f.member for f in result.fields] if result is not None else []
        foreign = result is not None and result.module != self.module_name
        if decl.text.text not in members and not foreign:
            self.error(decl.text, f"expected a member of the result, not “{decl.text.text}”"
                                  f"{did_you_mean(decl.text.text, members)}")
        return decl.text.text

    def stream_by(self, decl, operation):
        """The member of the request that requests a stream, and its value."""
        if decl.stream_by is None:
            return (STREAM, None) if operation.chunk is not None else None
        member, _, value = decl.stream_by.text.partition(":")
        fields = [f.member for f in operation.request.fields if f.kind == "STRING"] if operation.request else []
        if operation.chunk is None:
            self.error(decl.stream_by, "“stream-by” requires an operation that can be streamed")
        elif not value:
            self.error(decl.stream_by, f"expected MEMBER:VALUE, such as stream_format:sse, not “{decl.stream_by.text}”")
        elif member not in fields:
            self.error(decl.stream_by, f"expected a member of the request that is a string, not “{member}”"
                                       f"{did_you_mean(member, fields)}")
        return member, value

    def format_by(self, decl, operation):
        """The member of the request that selects whether the reply is JSON or text."""
        if decl.format_by is None:
            return None
        fields = [f.member for f in operation.request.fields if f.kind == "STRING"] if operation.request else []
        if decl.text is None:
            self.error(decl.format_by, "only an operation with “text=…” replies in several formats")
        elif decl.format_by.text not in fields:
            self.error(decl.format_by, f"expected a member of the request that is text, not “{decl.format_by.text}”"
                                       f"{did_you_mean(decl.format_by.text, fields)}")
        return decl.format_by.text

    def default(self, word, operation):
        """The default value of a member of the request: MEMBER:VALUE."""
        member, _, value = word.text.partition(":")
        fields = {f.member: f for f in operation.request.fields if f.kind == "STRING"} if operation.request else {}
        if not value:
            self.error(word, f"expected MEMBER:VALUE, such as encoding_format:base64, not “{word.text}”")
        elif member not in fields:
            self.error(word, f"expected a member of the request that is a string, not “{member}”"
                             f"{did_you_mean(member, list(fields))}")
        elif fields[member].enum is not None and value not in (values := [v.value for v in fields[member].enum.values]):
            self.error(word, f"“{value}” is not a value of “{fields[member].enum.name}”{did_you_mean(value, values)}")
        return member, value

    def module_function(self, verb, word, operation):
        """A hand-written function of the module that checks or adapts the request before it is sent, or explains its error."""
        if word is None:
            return None
        if operation.request is None:
            self.error(word, f"only an operation with a request can {verb} it")
        if not re.match(r"[a-z][a-z0-9_]*\Z", word.text):
            self.error(word, f"expected a name in lower case with “_”, not “{word.text}”")
        return f"oai_{self.module_name.replace('-', '_')}_{verb}_{word.text}"

    def beta_query(self, decl):
        """The parameter of the query that selects the beta, as NAME=VALUE."""
        if decl.beta_query is None:
            return None
        if decl.beta is None or "=" in decl.beta:
            self.error(decl.beta_query, "“beta-query” needs a beta without a version: beta=FEATURE")
        name, _, value = decl.beta_query.text.partition(":")
        if not name or not value:
            self.error(decl.beta_query, f"expected NAME:VALUE, not “{decl.beta_query.text}”")
        return f"{name}={value}"

    def method(self, word, operation):
        """A record that has the operation as a method: RECORD.NAME."""
        record_name, _, name = word.text.partition(".")
        record = self.lookup(Word(record_name, word.line, word.column), Record, "the record of the method")
        if record is None:
            return None
        members = {f.member for f in record.fields}
        if not re.match(r"[a-z][a-z0-9_]*\Z", name):
            self.error(word, f"expected RECORD.NAME, such as Thread.retrieve, not “{word.text}”")
        elif name in names.RESERVED_OPERATIONS:
            self.error(word, f"“{name}” is a reserved word in Vala, Python or JavaScript; choose another name, such as “{name}_…”")
        elif "id" not in members and not members.intersection(operation.parameters):
            self.error(word, f"“{record.name}” has no member for a parameter of the path “{operation.path}”")
        else:
            return record, name
        return None

    def path_parameters(self, path):
        parameters = re.findall(r"\{([^{}]*)\}", path.text)
        rest = re.sub(r"\{[^{}]*\}", "", path.text)
        if path.text.startswith("/") or "{" in rest or "}" in rest or "?" in rest:
            self.error(path, f"expected a path relative to the base URL, such as files/{{file_id}}, not “{path.text}”")
        for index, parameter in enumerate(parameters):
            if not re.match(r"[a-z][a-z0-9_]*\Z", parameter):
                self.error(path, f"expected a parameter in lower case, not “{{{parameter}}}”")
            elif parameter in parameters[:index]:
                self.error(path, f"the parameter “{{{parameter}}}” occurs twice in the path")
            elif parameter in ("self", "query", "request", "cancellable", "callback", "user_data", "error", "path"):
                self.error(path, f"the parameter “{{{parameter}}}” needs another name; an argument already has this name")
        return parameters


def find_file(record, seen):
    """The first member that is a file, in the record or in nested records."""
    if record is None or id(record) in seen:
        return None
    seen.add(id(record))
    for field in record.fields:
        if field.type.holds_files:
            return field.member
    parts = [field.item for field in record.fields] + [case for _, case, _ in record.cases]
    return next(filter(None, (find_file(part, seen) for part in parts)), None)


def resolve(file, depends, diagnostics, others=(), in_tree=False, version=None):
    return Resolver(file, depends, diagnostics, others, in_tree, version).resolve()
