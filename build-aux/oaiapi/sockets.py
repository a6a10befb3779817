# SPDX-License-Identifier: LGPL-2.1-or-later
"""Endpoints over WebSocket: “socket NAME PATH [?QUERY] CLIENT -> SERVER [as CLASS] [: FLAG…]”."""

from dataclasses import dataclass
from typing import List, Optional

from . import names, operations
from .accessors import Function
from .cwriter import Class, call
from .syntax import SocketDecl, Word

CORE_CLASS = "WebSocket"


@dataclass
class Socket:
    name: str
    docs: List[str]
    path: str
    parameters: List[str]
    reference: Optional[str]
    query: object
    client: object
    server: object
    class_name: Optional[str] = None  # without it, the class is that of core
    beta: Optional[str] = None
    beta_version: Optional[str] = None
    method: str = "GET"
    request: object = None


def parse(parser, cursor, docs, name_pattern, type_pattern, line_error):
    keyword = cursor.next()
    if not parser.file.endpoints:
        raise line_error(keyword, "expected an endpoint above the first socket")
    name = cursor.expect_match(name_pattern, "the name of the socket, in lower case with “_”")
    path = cursor.next()
    if not path.text or path.text in ("->", ":"):
        raise line_error(path, f"expected a path, not {f'“{path.text}”' if path.text else 'the end of the line'}")
    decl = SocketDecl(name, docs, path)
    token = cursor.peek()
    if token.text.startswith("?"):
        cursor.next()
        decl.query = parser.checked(Word(token.text[1:], token.line, token.column + 1), "a record of the query")
    decl.client = cursor.expect_match(type_pattern, "the union of the events that the program sends")
    cursor.expect("->", "“->” and the events of the server")
    decl.server = cursor.expect_match(type_pattern, "the union of the events of the server")
    if cursor.take("as"):
        decl.class_name = cursor.expect_match(type_pattern, "the name of the class of the socket")
    for flag in parser.flags(cursor, ("beta=", "reference=")):
        key, _, value = flag.text.partition("=")
        setattr(decl, key, value)
    parser.file.endpoints[-1].sockets.append(decl)


def resolve(resolver, decl, endpoint):
    resolver.need_docs(decl, "the socket")
    resolver.check_method_name(decl.name)
    made = Socket(decl.name.text, decl.docs, decl.path.text, resolver.path_parameters(decl.path),
                  resolver.reference(decl.reference, endpoint.reference), resolver.lookup_writable(decl.query, "of the query"),
                  resolver.lookup_writable(decl.client, "of the events that the program sends"),
                  resolver.lookup_record(decl.server, "of the events of the server"))
    made.beta, _, version = (decl.beta or "").partition("=")
    made.beta_version = version or None
    if decl.class_name is not None:
        made.class_name = decl.class_name.text
        if resolver.symbols.get(made.class_name) != made.class_name:
            resolver.declare(decl.class_name, made.class_name)
    return made


# Generated code


def headers(module):
    """Headers of hand-written classes."""
    return sorted({f'#include "oai-{names.kebab(socket.class_name)}.h"\n' for endpoint in module.endpoints
                   for socket in endpoint.sockets if socket.class_name})


def class_of(socket):
    return Class(socket.class_name or CORE_CLASS)


def row_name(endpoint, socket):
    return f"{names.snake(endpoint.name)}_{socket.name}"


def row(endpoint, socket):
    members = [("size", "sizeof (OaiSocketOperation)"), ("name", names.c_string(socket.name)), ("path", names.c_string(socket.path))]
    if socket.query is not None:
        members.append(("query_type", Class(socket.query.name).get_type))
    members += [("client_event_type", Class(socket.client.name).get_type), ("server_event_type", Class(socket.server.name).get_type),
                ("socket_type", class_of(socket).get_type)]
    members += [(name, names.c_string(getattr(socket, name))) for name in ("beta", "beta_version") if getattr(socket, name)]
    rows = ",\n".join(f"  .{name} = {value}" for name, value in members)
    return f"static const OaiSocketOperation {row_name(endpoint, socket)} = {{\n{rows}\n}};\n\n"


def function(endpoint, socket):
    c = Class(endpoint.name)
    lines, arguments = operations.leading(endpoint, socket, f"&{row_name(endpoint, socket)}")
    given = operations.inputs(socket)
    events = (f"The program sends events of the type [class@Oai.{socket.client.name}], and the server those of the type "
              f"[class@Oai.{socket.server.name}].")
    return Function(f"{class_of(socket).type} *", f"{c.prefix}_{socket.name}", [f"{c.type} *self"] + [parameter for parameter, _, _ in given],
                    lines + [call("return ", "oai_endpoint_create_socket", arguments[:-1])],
                    [("self", names.article(c.words))] + [(n, doc) for _, n, doc in given],
                    operations.paragraphs(socket, events, "The connection is opened by [method@Oai.WebSocket.connect_async], or when "
                                          "something is sent."),
                    "(transfer full): a socket that is not connected")


def emit_rows(endpoint):
    return "".join(row(endpoint, socket) for socket in endpoint.sockets)
