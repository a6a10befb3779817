#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the output of oai-drift for a small API, and that the output of oai-draft compiles and has no drift."""

import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "build-aux")

DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/dogs": {
            "get": {
                "operationId": "listDogs",
                "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer"}},
                               {"in": "query", "name": "include[]",
                                "schema": {"type": "array", "items": {"type": "string"}}}],
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "type": "object",
                    "properties": {"has_more": {"type": "boolean"},
                                   "data": {"type": "array", "items": {"$ref": "#/components/schemas/Dog"}}}}}}}},
            },
            "post": {
                "operationId": "createDog",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/DogRequest"}}}},
                "responses": {"200": {"content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Dog"}},
                    "text/event-stream": {"schema": {"$ref": "#/components/schemas/Bark"}}}}},
            },
        },
        "/dogs/{dog}": {
            "delete": {"operationId": "deleteDog", "responses": {"200": {"description": "done"}}},
        },
        "/photos": {
            "post": {
                "operationId": "createPhoto",
                "requestBody": {"content": {"multipart/form-data": {"schema": {
                    "type": "object", "required": ["image"],
                    "properties": {"image": {"type": "string", "format": "binary"}}}}}},
                "responses": {"200": {"content": {"image/png": {}}}},
            },
        },
    },
    "components": {"schemas": {
        "Size": {"type": "string", "enum": ["small", "large"]},
        "Named": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "Dog": {"allOf": [
            {"$ref": "#/components/schemas/Named"},
            {"type": "object", "properties": {
                "created_at": {"type": "integer", "format": "unixtime"},
                "size": {"anyOf": [{"$ref": "#/components/schemas/Size"}, {"type": "null"}]},
                "owner": {"type": "object", "properties": {"address": {"type": "string"}}},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}}}}]},
        "DogRequest": {"type": "object", "required": ["name", "food"], "properties": {
            "name": {"type": "string"},
            "stream": {"type": "boolean"},
            "size": {"$ref": "#/components/schemas/Size"},
            "food": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Food"}}]}}},
        "Food": {"oneOf": [{"$ref": "#/components/schemas/Meat"}, {"$ref": "#/components/schemas/Bone"}]},
        "Meat": {"type": "object", "required": ["type", "grams"], "properties": {
            "type": {"type": "string", "enum": ["meat"]}, "grams": {"type": "number"}}},
        "Bone": {"type": "object", "required": ["type"], "properties": {
            "type": {"type": "string", "const": "bone"}, "length": {"type": "number"}}},
        "Bark": {"type": "object", "properties": {"loudness": {"type": "integer"}}},
    }},
}

DESCRIPTION = """
module dogs

/// How big.
enum Size
  /// Fits a bag.
  small
  /// Does not.
  large

/// Whose.
record Owner
  /// Where.
  address string

/// A dog.
record Dog
  /// Its name.
  name!      string
  /// When it came.
  created_at time
  /// How big it is.
  size       Size?
  /// Whose it is.
  owner      Owner
  /// Words about it.
  labels     map

/// Something to eat.
union Food : writable by type
  case meat Meat
  case bone Bone

/// Meat.
record Meat : writable of Food
  /// How much.
  grams! number

/// A bone.
record Bone : writable of Food
  /// How long.
  length number

/// A dog to be.
record DogRequest : writable
  /// Its name.
  name! string
  /// How big it is.
  size  Size
  /// What it eats.
  food! string | [Food] as foods

/// One bark.
record Bark
  /// How loud.
  loudness int

/// Which dogs.
record DogListQuery : writable
  /// How many.
  limit   int
  /// What else.
  include [string]

/// An image.
record Photo : writable
  /// The image.
  image! file

/// Dogs.
endpoint DogsEndpoint
  /// Lists them.
  op list GET dogs ?DogListQuery -> list Dog
  /// Makes one.
  op create POST dogs DogRequest -> Dog stream Bark
  /// Lets one go.
  op delete_dog DELETE dogs/{name} -> none
  /// Sends an image.
  op photo POST photos multipart Photo -> bytes
"""


class DriftTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def tool(self, name, *arguments):
        environment = {key: value for key, value in os.environ.items() if key != "OAI_OPENAPI_JSON"}
        return subprocess.run([sys.executable, os.path.join(TOOLS, name), *arguments], env=environment,
                              capture_output=True, text=True, check=False)

    def drift(self, description=DESCRIPTION, document=None, allow=None):
        """Exit status and the printed differences."""
        arguments = ["--document", self.write("openapi.json", json.dumps(document or DOCUMENT))]
        if allow is not None:
            arguments += ["--allow", self.write("allow.txt", allow)]
        done = self.tool("oai-drift", *arguments, self.write("dogs.api", description))
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()[:-1]
        return done.returncode, [line.split("  — ")[0] for line in lines]

    def without(self, line):
        """The description without a line and its documentation."""
        lines = DESCRIPTION.splitlines()
        index = lines.index(line)
        first = index - 1 if lines[index - 1].lstrip().startswith("///") else index
        return "\n".join(lines[:first] + lines[index + 1:])

    def replaced(self, old, new):
        self.assertIn(old, DESCRIPTION)
        return DESCRIPTION.replace(old, new)

    def assert_named(self, description, *differences, document=None):
        status, named = self.drift(description, document)
        self.assertEqual(named, sorted(differences))
        self.assertEqual(status, 1)

    def test_same_api_has_no_drift(self):
        self.assertEqual(self.drift(), (0, []))

    def test_nothing_is_compared_without_a_document(self):
        done = self.tool("oai-drift", self.write("dogs.api", DESCRIPTION))
        self.assertEqual(done.returncode, 77)
        self.assertIn("NOTHING WAS COMPARED", done.stdout)

    def test_missing_operation_is_named(self):
        self.assert_named(self.without("  op delete_dog DELETE dogs/{name} -> none"), "missing operation DELETE dogs/{dog}")

    def test_extra_operation_is_named(self):
        self.assert_named(DESCRIPTION + "  /// Whistles.\n  op whistle POST whistle -> none\n", "extra operation POST whistle")

    def test_sockets_are_compared(self):
        events = {"client_event": {"schema": {"$ref": "#/components/schemas/Food"}}, "server_event": {"schema": {"$ref": "#/components/schemas/Bark"}}}
        whistle = {"path": "/dogs/{dog}/whistle", "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer"}}], **events}
        document = {**DOCUMENT, "x-websockets": {"endpoints": {"whistle": whistle}}}
        line = "  /// Whistles.\n  socket whistle dogs/{name}/whistle ?DogListQuery Food -> Bark\n"
        self.assertEqual(self.drift(DESCRIPTION + line, document), (0, []))
        self.assert_named(DESCRIPTION, "missing socket dogs/{dog}/whistle", document=document)
        self.assert_named(DESCRIPTION + line, "extra socket dogs/{name}/whistle")
        self.assert_named(DESCRIPTION + line.replace("?DogListQuery ", ""), "missing query socket dogs/{name}/whistle limit", document=document)
        bark = copy.deepcopy(document)
        bark["components"]["schemas"]["Bark"]["properties"]["pitch"] = {"type": "integer"}
        bark["paths"]["/dogs"]["post"]["responses"]["200"]["content"]["text/event-stream"]["schema"] = {"type": "object", "properties": {"loudness": {"type": "integer"}}}
        self.assert_named(DESCRIPTION + line, "missing member Bark.pitch", document=bark)

    def test_missing_members_of_reply_request_and_query_are_named(self):
        self.assert_named(self.without("  created_at time"), "missing member Dog.created_at")
        self.assert_named(self.without("  address string"), "missing member Owner.address")
        self.assert_named(self.without("  food! string | [Food] as foods"), "missing member DogRequest.food")
        self.assert_named(self.without("  limit   int"), "missing member DogListQuery.limit")
        self.assert_named(self.without("  loudness int"), "missing member Bark.loudness")

    def test_extra_members_are_named(self):
        self.assert_named(self.replaced("  address string", "  address string\n  /// Number.\n  phone string"),
                          "extra member Owner.phone")
        self.assert_named(self.replaced("  grams! number", "  grams! number\n  /// From whom.\n  animal string"),
                          "extra member Meat.animal")

    def test_missing_query_is_named(self):
        self.assert_named(self.replaced("dogs ?DogListQuery", "dogs"),
                          "missing query GET dogs include", "missing query GET dogs limit")

    def test_missing_and_extra_values_are_named(self):
        self.assert_named(self.replaced("  small\n", "  tiny\n"), "extra value Size.tiny", "missing value Size.small")

    def test_enumeration_described_as_text_is_named(self):
        self.assert_named(self.replaced("  size  Size", "  size  string"), "missing enumeration DogRequest.size (small large)")

    def test_wrong_types_are_named(self):
        self.assert_named(self.replaced("created_at time", "created_at string"),
                          "extra type Dog.created_at string", "missing type Dog.created_at integer unixtime")
        self.assert_named(self.replaced("created_at time", "created_at int"),
                          "extra type Dog.created_at int", "missing type Dog.created_at integer unixtime")
        self.assert_named(self.replaced("food! string | [Food] as foods", "food! [Food]"), "missing type DogRequest.food string")

    def test_record_hidden_in_json_is_named(self):
        self.assert_named(self.replaced("  owner      Owner", "  owner      json"), "opaque member Dog.owner")

    def test_missing_and_extra_cases_are_named(self):
        document = copy.deepcopy(DOCUMENT)
        document["components"]["schemas"]["Bone"]["properties"]["type"]["const"] = "stick"
        self.assert_named(DESCRIPTION, "extra case Food.bone", "missing case Food.stick", document=document)

    def test_missing_stream_is_named(self):
        self.assert_named(self.replaced(" stream Bark", ""), "missing member DogRequest.stream", "missing stream POST dogs")

    def test_missing_multipart_request_is_named(self):
        self.assert_named(self.replaced("multipart Photo", "Photo"),
                          "extra request POST photos application/json", "missing request POST photos multipart/form-data")

    def test_deprecated_members_are_named(self):
        document = copy.deepcopy(DOCUMENT)
        document["components"]["schemas"]["Named"]["properties"]["name"]["deprecated"] = True
        self.assert_named(DESCRIPTION, "missing deprecation Dog.name", document=document)
        described = self.replaced("  name!      string", "  api-deprecated \"Use `id` instead.\"\n  name!      string")
        self.assertEqual(self.drift(described, document), (0, []))
        self.assert_named(described, "extra deprecation Dog.name")

    def test_member_whose_only_type_is_deprecated_is_named(self):
        document = copy.deepcopy(DOCUMENT)
        sizes = document["components"]["schemas"]["Dog"]["allOf"][1]["properties"]["size"]
        sizes["anyOf"][0] = {"type": "string", "enum": ["small", "large"], "deprecated": True}
        self.assert_named(DESCRIPTION, "missing deprecation Dog.size", document=document)

    def test_deprecated_operations_are_named(self):
        document = copy.deepcopy(DOCUMENT)
        for path in document["paths"].values():
            for operation in path.values():
                operation["deprecated"] = True
        self.assert_named(DESCRIPTION, "missing deprecation DELETE dogs/{name}", "missing deprecation GET dogs",
                          "missing deprecation POST dogs", "missing deprecation POST photos", document=document)
        described = self.replaced("endpoint DogsEndpoint", "api-deprecated \"Use cats.\"\nendpoint DogsEndpoint")
        self.assertEqual(self.drift(described, document), (0, []))

    def test_own_releases_are_no_difference(self):
        described = self.replaced("  name!      string", "  deprecated 1.0 for id\n  name!      string")
        self.assertEqual(self.drift(described), (0, []))

    def test_allowed_differences_are_not_named(self):
        status, named = self.drift(self.without("  created_at time"), allow="# Why not.\nmissing member Dog.* : dogs are ageless\n")
        self.assertEqual((status, named), (0, []))

    def test_unneeded_allowance_is_named(self):
        status, named = self.drift(allow="missing member Dog.age : dogs are ageless\n")
        self.assertEqual((status, named), (1, ["allowed, but no difference any more: missing member Dog.age"]))

    def test_allowance_without_reason_is_an_error(self):
        done = self.tool("oai-drift", "--document", self.write("openapi.json", json.dumps(DOCUMENT)),
                         "--allow", self.write("allow.txt", "missing member Dog.age\n"), self.write("dogs.api", DESCRIPTION))
        self.assertEqual(done.returncode, 1)
        self.assertIn("allow.txt:1: error: expected “DIFFERENCE : REASON”", done.stderr)

    def test_draft_compiles_and_has_no_drift(self):
        source = copy.deepcopy(DOCUMENT)
        source["components"]["schemas"]["Bone"]["properties"]["length"]["deprecated"] = True
        source["paths"]["/photos"]["post"]["deprecated"] = True
        document = self.write("openapi.json", json.dumps(source))
        done = self.tool("oai-draft", document, "dogs", "dogs", "photos")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        draft = self.write("draft.api", done.stdout)
        checked = self.tool("oai-codegen", "--check", draft)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertEqual(self.drift(done.stdout, source), (0, []))

    def test_draft_of_unknown_path_is_an_error(self):
        done = self.tool("oai-draft", self.write("openapi.json", json.dumps(DOCUMENT)), "cats", "cats")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no path starts with cats", done.stderr)


if __name__ == "__main__":
    unittest.main()
