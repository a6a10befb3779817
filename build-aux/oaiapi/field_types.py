# SPDX-License-Identifier: LGPL-2.1-or-later
"""The types of members.  A new type is a row here, and a class in libopenai-core/record/."""

from dataclasses import dataclass
from typing import Optional, Tuple


@dataclass(frozen=True)
class FieldType:
    kind: str                     # OAI_FIELD_KIND
    word: Optional[str]           # in descriptions; None for a record
    c: Optional[str]              # in C; None for a pointer to the item
    core: str                     # of the functions in core: oai_record_get_field_CORE
    words: str                    # in documentation: "as a string"
    result: str                   # documents what the getter returns
    argument: str = "the value"   # documents what the setter takes
    none: str = "NULL"            # the value for an absent member
    annotation: str = ""          # of the value; %s is the type of the items
    is_list: bool = False
    never_null: bool = False      # the getter returns an empty list for an absent member
    has_length: bool = False      # the number of values is passed beside them
    is_text: bool = False         # a value can be written as text in a description
    holds_files: bool = False
    note: Optional[str] = None    # documents the property
    further: Tuple[str, ...] = () # accessors besides getter and setter: date_time, map, add

    @property
    def is_scalar(self):
        return self.none != "NULL"


VALUE = "the value, or %NULL if it is absent"
ITEMS = {"is_list": True, "never_null": True, "annotation": "(element-type %s)", "argument": "the list",
         "result": "the list, which is empty if it is absent", "further": ("add",)}
VALUES = {"is_list": True, "argument": "the list", "result": "the values, or %NULL if there are none"}
NUMBERS = {**VALUES, "has_length": True, "annotation": "(array length=n_values)"}

FIELD_TYPES = {row.kind: row for row in (
    FieldType("STRING", "string", "const char *", "string", "a string", VALUE, is_text=True),
    FieldType("INT", "int", "gint64", "int", "an integer", "the value, or 0 if it is absent", none="0"),
    FieldType("NUMBER", "number", "double", "number", "a number", "the value, or 0 if it is absent", none="0"),
    FieldType("BOOLEAN", "bool", "gboolean", "boolean", "a boolean", "the value, or %FALSE if it is absent", none="FALSE"),
    FieldType("TIME", "time", "gint64", "int", "a time", "seconds since 1970 (UTC), or 0 if it is absent", "seconds since 1970 (UTC)",
              none="0", note="In seconds since 1970, UTC.", further=("date_time",)),
    FieldType("JSON", "json", "const char *", "json", "JSON text", "JSON text, or %NULL if it is absent", "JSON text",
              is_text=True, note="As JSON text."),
    FieldType("MAP", "map", "const char *", "json", "JSON text", "a JSON object as text, or %NULL if it is absent",
              "a JSON object of strings, as text", is_text=True, note="As JSON text.", further=("map",)),
    FieldType("RECORD", None, None, "record", "an object", VALUE),
    FieldType("RECORD_LIST", None, "GPtrArray *", "list", "a list of objects", **ITEMS),
    FieldType("STRING_LIST", "string", "const char *const *", "strv", "a list of strings", annotation="(array zero-terminated=1)", **VALUES),
    FieldType("INT_LIST", "int", "const gint64 *", "ints", "a list of integers", **NUMBERS),
    FieldType("NUMBER_LIST", "number", "const double *", "numbers", "a list of numbers", **NUMBERS),
    FieldType("FILE", "file", None, "file", "a file", VALUE, holds_files=True),
    FieldType("FILE_LIST", "file", "GPtrArray *", "list", "a list of files", holds_files=True, **ITEMS),
)}
SCALARS = {row.word: row.kind for row in FIELD_TYPES.values() if row.word and not row.is_list}
LISTS = {row.word: row.kind for row in FIELD_TYPES.values() if row.word and row.is_list}
