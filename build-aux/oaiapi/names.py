# SPDX-License-Identifier: LGPL-2.1-or-later
"""Converts names of a description to names in C and in JSON."""

import re

C_WORDS = frozenset("""
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof
bool true false
""".split())

PYTHON_WORDS = frozenset("""
False None True and as assert async await break class continue def del elif else except finally for from global if
import in is lambda nonlocal not or pass raise return try while with yield
""".split())

VALA_WORDS = frozenset("""
abstract as async base break case catch class const construct continue default delegate delete do dynamic else ensures
enum errordomain extern false finally for foreach get global if in inline interface internal is lock namespace new null
out override owned params private protected public ref requires return sealed set signal sizeof static struct switch
this throw throws true try typeof unlock unowned using var virtual void volatile weak while with yield
""".split())

# JavaScript allows any word after a dot, but these properties exist on every object.
JS_PROPERTIES = frozenset("constructor prototype __proto__".split())
JS_WORDS = frozenset("""
async await break case catch class const continue debugger default delete do else enum export extends false finally for
function if implements import in instanceof interface let new null package private protected public return static super
switch this throw true try typeof var void while with yield
""".split())

# Variables and macros of the C library that arguments would hide.
C_GLOBALS = frozenset("daylight environ errno signgam stderr stdin stdout timezone".split())

# Names of members that are reserved in some language.
RESERVED_MEMBERS = C_WORDS | PYTHON_WORDS | VALA_WORDS | JS_PROPERTIES
RESERVED_OPERATIONS = PYTHON_WORDS | VALA_WORDS | JS_WORDS | JS_PROPERTIES

# OaiRecord and GObject have get_NAME or set_NAME for these.
TAKEN_MEMBERS = frozenset("""
boolean_member call client double_member int_member member null_member property qdata schema string_member
""".split())
# The same for methods of an endpoint.
TAKEN_OPERATIONS = frozenset("""
new invoke_by_name invoke_by_name_async invoke_by_name_finish get_client get_name get_options with_options list_operations
ref unref connect disconnect emit notify get_property set_property bind_property get_data set_data get_type
""".split())

# Prefixes of constants that core uses: OAI_ERROR_..., OAI_TYPE_...
TAKEN_ENUMS = frozenset("Available Error Field Is Json Major Micro Minor Module Operation Result Type Version".split())

# Types of core.
TAKEN_TYPES = frozenset("""
Auth Call CallOptions Client Endpoint Error Field InputFile JsonDoc ModuleDescriptor Multipart Operation PagedList Record
RecordSchema Retry Settings Stream Tool ToolCall Toolset UnionCase WebSocket
""".split())

IRREGULAR = {
    "aliases": "alias",
    "caches": "cache",
    "children": "child",
    "criteria": "criterion",
    "data": "datum",
    "indices": "index",
    "people": "person",
    "statuses": "status",
    "vertices": "vertex",
}


# Abbreviations that are written in another case in prose.
PROSE = {"json": "JSON", "svg": "SVG", "url": "URL", "vad": "VAD", "wandb": "Weights & Biases"}


def snake(name):
    """ChatMessage → chat_message, by the rules of g-ir-scanner."""
    name = re.sub(r"([^A-Z])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z][A-Z])([A-Z][0-9a-z])", r"\1_\2", name)
    return name.lower()


def kebab(name):
    return snake(name).replace("_", "-")


def words(name):
    """ChatMessage → “chat message”, for prose."""
    text = " ".join(PROSE.get(word, word) for word in snake(name).split("_"))
    return text.replace("fine tun", "fine-tun")


def is_plural(phrase):
    return phrase.endswith("s") and not phrase.endswith(("ss", "us"))


def alternatives(texts):
    """a, b or c"""
    return conjunction(texts, "or")


def conjunction(texts, word="and"):
    """a, b and c"""
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}" if len(texts) > 1 else texts[0]


def new(phrase):
    return f"new {phrase}" if is_plural(phrase) else f"a new {phrase}"


def article(phrase):
    if is_plural(phrase):
        return phrase
    vowel = phrase[:1].lower() in "aeio" or phrase.startswith(("un", "up"))
    return f"{'an' if vowel else 'a'} {phrase}"


def singular(name):
    """messages → message: the name of one item of a list."""
    if name.endswith("_list"):
        return name[: -len("_list")]
    head, _, last = name.rpartition("_")
    prefix = head + "_" if head else ""
    if last in IRREGULAR:
        return prefix + IRREGULAR[last]
    if last.endswith("ies") and len(last) > 4:
        return prefix + last[:-3] + "y"
    if last.endswith(("sses", "xes", "ches", "shes")):
        return prefix + last[:-2]
    if last.endswith("s") and not last.endswith(("ss", "us", "is")):
        return prefix + last[:-1]
    return name


def identifier(member):
    """The name of a member in all languages; get_type () is a function of GObject."""
    return f"{member}_value" if member in RESERVED_MEMBERS or member == "type" else member


def parameter(ident):
    ident = "type" if ident == "type_value" else ident
    return f"{ident}_" if ident in C_WORDS | PYTHON_WORDS | C_GLOBALS or ident == "self" else ident


def c_string(text):
    escaped = []
    for char in text:
        if char in '"\\':
            escaped.append("\\" + char)
        elif 0x20 <= ord(char) < 0x7F:
            escaped.append(char)
        else:
            escaped.extend(f"\\{byte:03o}" for byte in char.encode())
    return '"' + "".join(escaped) + '"'
