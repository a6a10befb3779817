# SPDX-License-Identifier: LGPL-2.1-or-later
"""Descriptions with errors, and all messages that the compiler must print for them, with their positions."""

GOOD = """module zoo
/// An animal.
record Animal : writable
  id! string
/// Animals.
endpoint ZooEndpoint
"""

STREAM = """module zoo
/// An animal.
record Animal : writable
  id! string
/// S.
stream Stroll of Animal -> Animal
  /// D.
  signal done
  /// T.
  text string
"""

GOOD_METHODS = """module zoo
/// How.
enum Motion
  walk
  fly
/// A box.
record Box : writable
  /// Its size.
  size int
/// An animal.
record Animal : writable
  id! string
  /// How it moves.
  motion Motion
  /// Its box.
  box Box
  /// Its young.
  young [Animal]
/// Animals.
endpoint ZooEndpoint
  /// Finds one.
  op find GET animals/{animal_id} -> Animal
  /// Buys one.
  op buy POST animals Animal -> Animal
methods Animal
"""

# name, description, errors as “line:column: part of the message”
CASES = [
    ("no module", "/// A.\nenum A\n  b\n", ["1:1: expected “module NAME”"]),
    ("two modules", "module a\nmodule b\n", ["2:8: a description has one module only"]),
    ("bad name of a module", "module Zoo\n", ["1:8: expected the name of the module", "1:1: expected “module NAME”"]),
    ("unknown definition", "module zoo\nrecrod Animal\n", ["2:1: expected a definition", "did you mean “record”?"]),
    ("unknown line below the module", "module zoo\n  refrence https://example.org\n",
     ["2:3: expected “depends”, “include”, “reference”", "did you mean “reference”?"]),
    ("reference without https", "module zoo\n  reference example.org\n", ["2:13: expected an https address"]),
    ("missing dependency", "module zoo\n  depends farm\n", ["2:11: no description of the module “farm” was given"]),
    ("documentation of nothing", "module zoo\n\n/// Lost.\n\n", ["3:1: no definition follows"]),
    ("documentation that ends the comment", "module zoo\n/// A */ b.\nenum A\n  b\n",
     ["2:1: documentation may not hold “*/”", "3:6: the enumeration “A” needs documentation"]),
    ("documentation with a tag", "module zoo\n/// Returns: x\n", ["2:1: documentation may not"]),
    ("no documentation", "module zoo\nrecord Animal\n  legs int\n",
     ["2:8: the record “Animal” needs documentation", "3:3: the member “legs” needs documentation"]),
    ("record in lower case", "module zoo\n/// A.\nrecord animal\n", ["3:8: expected a name in CamelCase, not “animal”"]),
    ("name of core", "module zoo\n/// A.\nrecord PagedList\n  id string\n", ["3:8: OaiPagedList is a type of the library"]),
    ("defined twice", "module zoo\n/// A.\nrecord A\n  id string\n/// B.\nenum A\n  b\n", ["“A” is defined twice"]),
    ("enumeration without values", "module zoo\n/// A.\nenum A\n", ["3:6: the enumeration “A” has no values"]),
    ("enumeration of core", "module zoo\n/// A.\nenum Error\n  b\n", ["3:6: constants OAI_ERROR_… exist"]),
    ("constant twice", "module zoo\n/// A.\nenum A\n  b\n  B\n", ["5:3: OAI_A_B is already defined on line 4"]),
    ("value that is no identifier", "module zoo\n/// A.\nenum A\n  gpt-4\n", ["4:6: expected “= \"…\"”", "NAME = \"value\""]),
    ("unknown flag", "module zoo\n/// A.\nrecord A : writeable\n", ["3:12: expected “writable”", "did you mean “writable”?"]),
    ("unknown type", GOOD + "/// B.\nrecord B\n  /// C.\n  pet Anmial\n",
     ["10:7: expected a type, but “Anmial” is not known; did you mean “Animal”?"]),
    ("unknown scalar", GOOD + "/// B.\nrecord B\n  /// C.\n  pet strin\n", ["10:7:", "did you mean “string”?"]),
    ("list of booleans", GOOD + "/// B.\nrecord B\n  /// C.\n  c [bool]\n", ["10:6: there are no lists of bool"]),
    ("list of lists", GOOD + "/// B.\nrecord B\n  /// C.\n  c [[int]]\n", ["10:6: lists of lists", "json"]),
    ("list that does not end", GOOD + "/// B.\nrecord B\n  /// C.\n  c [int\n", ["10:9: expected “]”, not the end of the line"]),
    ("no type", GOOD + "/// B.\nrecord B\n  /// C.\n  c!\n", ["10:5: expected a type, not the end of the line"]),
    ("nameless alternative", GOOD + "/// B.\nrecord B\n  /// C.\n  c string | [string]\n",
     ["10:15: each alternative after the first needs a name"]),
    ("named first alternative", GOOD + "/// B.\nrecord B\n  /// C.\n  c string as d\n",
     ["10:15: the first alternative goes by the name of the member"]),
    ("words at the end", GOOD + "/// B.\nrecord B\n  /// C.\n  c string hidden\n", ["10:12: expected “|”, “?”, “as”"]),
    ("member twice", GOOD + "/// B.\nrecord B\n  id string\n  id int\n", ["10:3: the member “id” is already declared on line 9"]),
    ("accessor twice", GOOD + "/// B.\nrecord B : writable\n  /// C.\n  metadata map\n  /// D.\n  metadata_value string\n",
     ["12:3: “metadata_value” and “metadata” would both need set_metadata_value ()"]),
    ("accessor of every record", GOOD + "/// B.\nrecord B\n  /// C.\n  client string\n",
     ["10:3: get_client exists in every record"]),
    ("union without a tag", "module zoo\n/// A.\nunion A : writable\n", ["3:7: expected “: by MEMBER”"]),
    ("case of no record of the union", GOOD + "/// B.\nunion B : by type\n  case x Animal\n",
     ["9:10: “Animal” must be declared “: of B”"]),
    ("record without a case", GOOD + "/// B.\nunion B : by type\n/// C.\nrecord C : of B\n",
     ["10:8: “C” is of “B”, which has no case for it"]),
    ("tag twice", GOOD + "/// B.\nunion B : by type\n  case x C\n  case x C\n/// C.\nrecord C : of B\n",
     ["10:10: the tag “x” already has a case"]),
    ("case by no member", GOOD + "/// B.\nunion B : by type\n  case x C : untagged=name\n/// C.\nrecord C : of B\n",
     ["9:14: “C” has no member “name”"]),
    ("case by nothing", GOOD + "/// B.\nunion B : by type\n  case x C : untagged=\n/// C.\nrecord C : of B\n",
     ["9:14: expected “untagged=…”"]),
    ("case in a record", GOOD + "/// B.\nrecord B\n  case x Animal\n", ["9:3: only a union has cases"]),
    ("of no union", GOOD + "/// B.\nrecord B : of Animal\n  id string\n", ["8:15: expected a union of this module"]),
    ("tag that is no string", GOOD + "/// B.\nunion B : by type\n  /// C.\n  type int\n",
     ["10:3: the member that selects the case must be a string"]),
    ("endpoint without operations", GOOD, ["6:10: the endpoint “ZooEndpoint” has no operations"]),
    ("operation without endpoint", "module zoo\n/// A.\nop list GET a -> none\n", ["3:1: expected an endpoint above"]),
    ("reserved operation", GOOD + "  /// A.\n  op delete DELETE a -> none\n",
     ["8:6: “delete” is a reserved word", "choose another name"]),
    ("operation of every endpoint", GOOD + "  /// A.\n  op get_client GET a -> none\n", ["8:6: every endpoint has a method"]),
    ("operation twice", GOOD + "  /// A.\n  op list GET a -> none\n  /// A.\n  op list GET a -> none\n",
     ["10:6: list () is already generated for “list”"]),
    ("operation without documentation", GOOD + "  op list GET a -> none\n", ["7:6: the operation “list” needs documentation"]),
    ("bad method", GOOD + "  /// A.\n  op list FETCH a -> none\n", ["8:11: expected a method"]),
    ("no result", GOOD + "  /// A.\n  op list GET a\n", ["8:16: expected “->” and the result, not the end of the line"]),
    ("absolute path", GOOD + "  /// A.\n  op list GET /a -> none\n", ["8:15: expected a path relative to the base URL"]),
    ("parameter twice", GOOD + "  /// A.\n  op list GET a/{b}/{b} -> none\n", ["8:15: the parameter “{b}” occurs twice"]),
    ("parameter that is an argument", GOOD + "  /// A.\n  op list GET a/{query} -> none\n",
     ["8:15: the parameter “{query}” needs another name"]),
    ("paging without a query", GOOD + "  /// A.\n  op list GET a -> list Animal by after\n", ["8:35: expected a member of the query that is text, not “after”"]),
    ("paging by no name", GOOD + "  /// A.\n  op list GET a -> list Animal by\n", ["8:34: expected the member of the query that selects the page"]),
    ("items of no list", GOOD + "  /// A.\n  op get GET a -> Animal : items=animals\n", ["8:34: only a list has items"]),
    ("unknown result", GOOD + "  /// A.\n  op list GET a -> list Anmal\n", ["8:25:", "did you mean “Animal”?"]),
    ("request that is no request", GOOD + "  /// A.\n  op buy POST a Pet -> none\n/// Pet.\nrecord Pet\n  id string\n",
     ["8:17: “Pet” is sent, so it must be declared “: writable”"]),
    ("multipart of nothing", GOOD + "  /// A.\n  op buy POST a multipart -> none\n", ["8:27: expected the record that is sent"]),
    ("names of files without a form", GOOD + "  /// A.\n  op buy POST a Animal -> none : keep-paths\n",
     ["8:34: “keep-paths” requires a multipart request"]),
    ("media that are no bytes", GOOD + "  /// A.\n  op buy POST a Animal -> Animal : media\n",
     ["8:36: “media” requires the result “bytes”"]),
    ("file in no form", GOOD + "  /// A.\n  op buy POST a B -> none\n/// B.\nrecord B : writable\n  /// C.\n  c [B]\n"
     "  /// D.\n  d [file]\n", ["8:17: “d” is a file, which only a form can send; write “multipart” before “B”"]),
    ("file in a query", GOOD + "  /// A.\n  op buy GET a ?B -> none\n/// B.\nrecord B : writable\n  /// C.\n  c file\n",
     ["8:17: “c” is a file, which no query can hold"]),
    ("enumeration as result", GOOD + "  /// A.\n  op buy GET a -> B\n/// B.\nenum B\n  c\n", ["8:19:", "“B” is an enumeration"]),
    ("text that is no member", GOOD + "  /// A.\n  op buy GET a -> Animal : text=ids\n",
     ["8:33: expected a member of the result, not “ids”; did you mean “id”?"]),
    ("stream-by without a stream", GOOD + "  /// A.\n  op buy POST a Animal -> Animal : stream-by=id:x\n",
     ["8:46: “stream-by” requires an operation that can be streamed"]),
    ("stream-by without a value", GOOD + "  /// A.\n  op buy POST a Animal -> Animal stream Animal : stream-by=id\n",
     ["8:60: expected MEMBER:VALUE, such as stream_format:sse, not “id”"]),
    ("stream-by of no member", GOOD + "  /// A.\n  op buy POST a Animal -> Animal stream Animal : stream-by=ids:x\n",
     ["8:60: expected a member of the request that is a string, not “ids”"]),
    ("check without a request", GOOD + "  /// A.\n  op buy GET a -> none : check=animal\n",
     ["8:32: only an operation with a request can check it"]),
    ("check by no name", GOOD + "  /// A.\n  op buy POST a Animal -> none : check=Animal\n",
     ["8:40: expected a name in lower case with “_”, not “Animal”"]),
    ("explanation without a request", GOOD + "  /// A.\n  op buy GET a -> none : explain=animal\n",
     ["8:34: only an operation with a request can explain it"]),
    ("query of a beta with a version", GOOD + "  /// A.\n  op buy GET a -> none : beta=zoo=v1, beta-query=beta:true\n",
     ["8:50: “beta-query” needs a beta without a version: beta=FEATURE"]),
    ("query of a beta without a value", GOOD + "  /// A.\n  op buy GET a -> none : beta=zoo, beta-query=beta\n",
     ["8:47: expected NAME:VALUE, not “beta”"]),
    ("method of no record", GOOD + "  /// A.\n  op buy GET a/{id} -> none : method=Animol.buy\n",
     ["8:38: expected the record of the method, but “Animol” is not known; did you mean “Animal”?"]),
    ("method without a name", GOOD + "  /// A.\n  op buy GET a/{id} -> none : method=Animal\n",
     ["8:38: expected RECORD.NAME, such as Thread.retrieve, not “Animal”"]),
    ("default without a value", GOOD + "  /// A.\n  op buy POST a Animal -> none : default=id\n",
     ["8:42: expected MEMBER:VALUE, such as encoding_format:base64, not “id”"]),
    ("default of no member", GOOD + "  /// A.\n  op buy POST a Animal -> none : default=ids:x\n",
     ["8:42: expected a member of the request that is a string, not “ids”; did you mean “id”?"]),
    ("default without a request", GOOD + "  /// A.\n  op buy GET a -> none : default=id:x\n",
     ["8:34: expected a member of the request that is a string, not “id”"]),
    ("default that is no value", GOOD + "  /// A.\n  op buy POST a B -> none : default=c:c\n/// B.\nrecord B : writable\n"
     "  /// C.\n  c D\n/// D.\nenum D\n  ca\n", ["8:37: “c” is not a value of “D”; did you mean “ca”?"]),
    ("unknown flag of an operation", GOOD + "  /// A.\n  op buy GET a -> none : amdin\n", ["8:26:", "did you mean “admin”?"]),
    ("stream that is not described", GOOD + "  /// A.\n  op buy POST a Animal -> Animal stream Animal as ZooStream\n",
     ["8:51: expected a stream of this description, but “ZooStream” is not known"]),
    ("stream without a result", STREAM.replace(" -> Animal", ""), ["6:24: expected “->” and the record of the result"]),
    ("stream without documentation", STREAM.replace("/// S.\n", ""), ["5:8: the stream “Stroll” needs documentation"]),
    ("unknown flag of a stream", STREAM.replace("-> Animal", "-> Animal : finishd=a"), ["did you mean “finished=”?"]),
    ("unknown statement of a stream", STREAM + "  chunk\n  fodl text\n", ["did you mean “fold”?"]),
    ("rule without an event", STREAM + "  get id string id\n  put id\n", ["expected “event” or “chunk” above the first rule"]),
    ("event without a name", STREAM + "  event\n", ["expected the name of an event; “chunk” stands for all events"]),
    ("rule without a path", STREAM + "  chunk\n  put A\n", ["expected the path of a value in the reply, not “A”"]),
    ("signal without documentation", STREAM.replace("  /// D.\n", ""), ["the signal “done” needs documentation"]),
    ("argument without documentation", STREAM.replace("  /// T.\n", ""), ["the argument “text” needs documentation"]),
    ("argument of no type", STREAM.replace("text string", "text strin"), ["expected the record of the argument"]),
    ("signal declared twice", STREAM + "  /// D.\n  signal done\n", ["the signal “done” is declared on line 8 already"]),
    ("coalesced signal without text", STREAM + "  /// E.\n  signal end : coalesced\n",
     ["only a signal of a string and indexes behind it can be coalesced"]),
    ("unknown signal", STREAM + "  chunk\n  put id -> don (.)\n", ["the signal “don” is not declared; did you mean “done”?"]),
    ("signal with a wrong number of values", STREAM + "  chunk\n  put id -> done (., .)\n",
     ["the signal “done” has 1 arguments, not 2"]),
    ("signal without values", STREAM + "  chunk\n  put id -> done\n", ["expected SIGNAL (VALUE, …), with a value for each argument"]),
    ("method of a stream without documentation", STREAM + "  get id string id\n", ["the method “id” needs documentation"]),
    ("several at once", "module zoo\n/// A.\nrecord A\n  /// B.\n  b Cc\n  /// C.\n  d strin\n  !\n",
     ["5:5: expected a type", "7:5: expected a type", "8:3: expected the name of a member"]),
    ("methods of nothing", "module zoo\nmethods Zoo\n  /// A.\n  test is_a: b=c\n", ["2:9: expected an endpoint or a record, but “Zoo” is not known"]),
    ("unknown statement", GOOD_METHODS + "  mkae new_a\n", ["26:3: expected a statement", "did you mean “make”?"]),
    ("documentation above methods", "module zoo\n/// A.\nmethods Zoo\n", ["3:9: documentation stands above the statements"]),
    ("statement without documentation", GOOD_METHODS + "  test is_up: motion=fly\n", ["26:8: the method “is_up” needs documentation"]),
    ("constructor of another name", GOOD_METHODS + "  /// A.\n  make lion: id=\"a\"\n", ["27:8: a constructor is called new_…"]),
    ("assignment to no member", GOOD_METHODS + "  /// A.\n  make new_a: moton=\"fly\"\n",
     ["27:15: “Animal” has no member “moton”; did you mean “motion”?"]),
    ("assignment below no record", GOOD_METHODS + "  /// A.\n  make new_a: motion.a=\"fly\"\n", ["27:15: “motion” is no record"]),
    ("value of another type", GOOD_METHODS + "  /// A.\n  make new_a: box.size=\"a\"\n", ["27:24: “\"a\"” is neither an argument nor a value of “size”"]),
    ("argument that is not used", GOOD_METHODS + "  /// A.\n  make new_a (b): id=\"a\"\n", ["27:15: the argument “b” is not used"]),
    ("unknown state", GOOD_METHODS + "  /// A.\n  test is_up: motion=flyy\n", ["27:22: “flyy” is no value of “Motion”; did you mean “fly”?"]),
    ("state that is no text", GOOD_METHODS + "  /// A.\n  test is_up: box=fly\n", ["27:15: expected a member of “Animal” that is text"]),
    ("wait by an unknown operation", GOOD_METHODS + "  /// A.\n  wait wait fnid until motion=fly\n",
     ["27:13: the operation “fnid” is not known; did you mean “find”?"]),
    ("wait without states", GOOD_METHODS + "  /// A.\n  wait wait find motion=fly\n", ["27:18: expected “until” and the final states"]),
    ("wait with an unknown option", GOOD_METHODS + "  /// A.\n  wait wait find until motion=fly : timout=3\n",
     ["27:37: expected “pending=…”", "did you mean “timeout”?"]),
    ("wait by an operation with a request", GOOD_METHODS + "  /// A.\n  wait wait buy until motion=fly\n",
     ["27:13: only an operation that retrieves a record"]),
    ("append to no list", GOOD_METHODS + "  /// A.\n  append add_a: box by Box.new\n", ["27:17: expected a list of records or a method"]),
    ("append by no constructor", GOOD_METHODS + "  /// A.\n  append add_a: young by Animal.new_lion\n",
     ["27:33: “Animal” has no constructor “new_lion”"]),
    ("path that ends", GOOD_METHODS + "  /// A.\n  read get_a: box.sise\n", ["27:19: “Box” has no member “sise”; did you mean “size”?"]),
    ("item of no list", GOOD_METHODS + "  /// A.\n  read get_a: box[size]\n", ["27:19: only a list of records has items"]),
    ("upload without a file", GOOD_METHODS.replace("methods Animal", "methods ZooEndpoint") + "  /// A.\n  upload sell buy\n", ["27:15: “buy” has no request with one file"]),
    ("save of a record", GOOD_METHODS + "  /// A.\n  save save_a find\n", ["27:8: “save” is for endpoints"]),
    ("save of no bytes", GOOD_METHODS.replace("methods Animal", "methods ZooEndpoint") + "  /// A.\n  save save_a find\n", ["27:15: only bytes can be saved"]),
    ("task without documentation of the result", GOOD_METHODS + "  /// A.\n  task run () -> bool\n",
     ["27:8: the result of “run” needs documentation"]),
    ("task with an unknown type", GOOD_METHODS + "  /// A.\n  /// @a: a\n  /// Returns: b\n  task run (a strin) -> bool\n",
     ["29:15: expected a type, but “strin” is not known; did you mean “string”?"]),
    ("argument without documentation", GOOD_METHODS + "  /// A.\n  /// Returns: b\n  task run (a string) -> bool\n",
     ["28:13: the argument “a” needs documentation"]),
    ("documentation of no argument", GOOD_METHODS + "  /// A.\n  /// @b: a\n  test is_up: motion=fly\n",
     ["28:8: “@b” is documented, but “is_up” has no such argument"]),
    ("method that exists", GOOD_METHODS + "  /// A.\n  read get_motion: motion\n", ["27:8: get_motion () exists already"]),
    ("call of neither query nor request", GOOD_METHODS + "  /// A.\n  call buy buy: id=id\n", ["27:17: expected query.MEMBER or request.MEMBER"]),
    ("method with a reserved word", GOOD_METHODS + "  /// A.\n  test yield: motion=fly\n", ["27:8: “yield” is a reserved word"]),
    ("bad version", GOOD + "  /// D.\n  since 1.x\n  op list GET a -> list Animal\n", ["8:9: expected a version such as 1.2, not “1.x”"]),
    ("version with three numbers", GOOD + "  /// D.\n  since 1.2.3\n  op list GET a -> list Animal\n", ["8:9: expected a version such as 1.2"]),
    ("more than a version", GOOD + "  /// D.\n  since 1.2 beta\n  op list GET a -> list Animal\n", ["8:13: expected the end of the line"]),
    ("deprecated without a reason", GOOD + "  /// D.\n  deprecated 1.2\n  op list GET a -> list Animal\n",
     ["8:17: expected what to use instead, as text in double quotes"]),
    ("deprecated with an empty reason", GOOD + "  /// D.\n  deprecated 1.2 \"  \"\n  op list GET a -> list Animal\n",
     ["8:18: expected what to use instead, as text in double quotes"]),
    ("deprecated without a version", GOOD + "  /// D.\n  deprecated \"use b\"\n  op list GET a -> list Animal\n",
     ["8:14: expected a version such as 1.2"]),
    ("deprecated for nothing", GOOD + "  /// D.\n  deprecated 1.2 for\n  op list GET a -> list Animal\n",
     ["8:21: expected the name of what replaces it, not the end of the line"]),
    ("api-deprecated without a reason", GOOD + "  /// D.\n  api-deprecated\n  op list GET a -> list Animal\n",
     ["8:17: expected what to use instead, as text in double quotes"]),
    ("deprecated before it exists", GOOD + "  /// D.\n  since 1.3\n  deprecated 1.2 for buy\n  op list GET a -> list Animal\n",
     ["9:14: “1.2” is earlier than 1.3, since when it exists"]),
    ("member that is older than its record", "module zoo\n/// A.\nsince 1.4\nrecord Animal\n  /// B.\n  since 1.2\n  name string\n",
     ["6:9: “1.2” is earlier than 1.4, the version of what contains it"]),
    ("version before the first one", "module zoo\n  since 2.1\n/// A.\nsince 1.4\nrecord Animal\n  id string\n",
     ["4:7: “1.4” is earlier than 2.1, the version of what contains it"]),
    ("version given twice", GOOD + "  /// D.\n  since 1.2\n  since 1.3\n  op list GET a -> list Animal\n", ["9:3: “since” is given twice"]),
    ("version without a definition", "module zoo\n\nsince 1.2\n\n/// A.\nrecord Animal\n  id string\n",
     ["3:7: no definition follows this documentation"]),
    ("version of a case", "module zoo\n/// A.\nunion Box : by kind\n  since 1.2\n  case iron IronBox\n/// B.\nrecord IronBox : of Box\n",
     ["4:9: no record, member"]),
    ("version of methods", GOOD_METHODS.replace("methods Animal", "since 1.2\nmethods Animal"), ["25:7: no record, member"]),
    ("version of an argument of a signal", STREAM.replace("  /// T.\n", "  /// T.\n  since 1.2\n"), ["10:9: no record, member"]),
    ("version of an event", STREAM + "  since 1.2\n  event a\n", ["11:9: no record, member"]),
    ("socket without an endpoint", "module zoo\n/// D.\nsocket watch a Animal -> Animal\n", ["3:1: expected an endpoint above the first socket"]),
    ("socket without a path", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch -> Animal\n", ["10:16: expected a path, not “->”"]),
    ("socket without events of the program", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a -> Animal\n",
     ["10:18: expected the union of the events that the program sends, not “->”"]),
    ("socket without events of the server", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a Animal\n",
     ["10:24: expected “->” and the events of the server"]),
    ("socket of an unknown union", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a Animals -> Animal\n",
     ["10:18: expected the record of the events that the program sends, but “Animals” is not known; did you mean “Animal”?"]),
    ("socket that sends replies", GOOD.replace(" : writable", "") + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a Animal -> Animal\n",
     ["10:18: “Animal” is sent, so it must be declared “: writable”"]),
    ("socket class of core", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a Animal -> Animal as WebSocket\n",
     ["10:38: OaiWebSocket is a type of the library; choose another name"]),
    ("socket with the name of an operation", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket list a Animal -> Animal\n",
     ["10:10: list () is already generated for “list”; choose another name"]),
    ("socket with a reserved name", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket connect a Animal -> Animal\n",
     ["10:10: every endpoint has a method “connect”; choose another name"]),
    ("socket without documentation", GOOD + "  /// D.\n  op list GET a -> list Animal\n  socket watch a Animal -> Animal\n",
     ["9:10: the socket “watch” needs documentation"]),
    ("socket with an unknown flag", GOOD + "  /// D.\n  op list GET a -> list Animal\n  /// D.\n  socket watch a Animal -> Animal : large\n",
     ["10:37: expected “beta=…”, “reference=…”, not “large”"]),
    ("header of version macros without quotes", "module zoo\n  macros ZOO zoo.h\n", ["2:14: expected the header that defines the version macros"]),
    ("prefix of version macros in lower case", "module zoo\n  macros zoo \"zoo.h\"\n", ["2:10: expected the prefix of the version macros"]),
]
