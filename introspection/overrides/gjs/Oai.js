// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Additions for JavaScript. All of their features are also available without them, with the methods
// of the C API.

const {Gio, GLib, GObject} = imports.gi;
const System = imports.system;

// The build inserts lists here: [class, whether they are static, [name of an asynchronous method
// without _async, number of arguments that can be omitted]] with "" as the class of other functions, the positions of the
// arguments that are JSON text by class and function, the fields of records that are not GObject properties, the names of the
// modules, and the modules of the types that do not belong to core.
const ASYNC_METHODS = /*@ASYNC_METHODS@*/[];
const [JSON_ARGUMENTS] = /*@JSON_ARGUMENTS@*/[];
const LIST_FIELDS = /*@LIST_FIELDS@*/[];
const MODULES = /*@MODULES@*/[];
const [OWNERS] = /*@OWNERS@*/[];

function _toCamel(name) {
    return name.replace(/_(.)/g, (_match, letter) => letter.toUpperCase());
}

// Returns tool_calls and toolCalls.
const LIST_NAMES = new Map(LIST_FIELDS.flatMap(name =>
    [[name, name], [_toCamel(name), name]]));

// Makes a method return a promise if it is called without a callback. GJS would require null for each
// argument that is omitted at the end, such as the cancellable.
function _promisify(object, name, nOptional) {
    const nArguments = object[`${name}_async`].length - 1;

    Gio._promisify(object, `${name}_async`, `${name}_finish`);
    const start = object[`${name}_async`];
    object[`${name}_async`] = function (...args) {
        if (args.length < nArguments && args.length >= nArguments - nOptional)
            args.push(...Array(nArguments - args.length).fill(null));
        return start.apply(this, args);
    };
}

// A C string ends at U+0000. An error is better than a truncated string.
function _checkText(text) {
    if (text.includes('\0'))
        throw new TypeError('Text with U+0000 in it cannot be sent');
    return text;
}

// The argument of JSON.stringify(), with records converted to plain objects.
function _checkPlain(name, value) {
    _checkText(name);
    if (typeof value === 'string')
        _checkText(value);
    if (value instanceof GObject.Object)
        throw new TypeError(`${value.constructor.name} is not JSON`);
    return value;
}

function _toJson(value) {
    return value !== null && typeof value === 'object' ? JSON.stringify(value, _checkPlain) : value;
}

// Returns a function that converts plain objects, arrays and records for its arguments of JSON text.
function _takingJson(original, positions) {
    const converting = function (...args) {
        return original.apply(this, args.map((value, i) => positions.includes(i) ? _toJson(value) : value));
    };
    return Object.defineProperty(converting, 'length', {value: original.length});
}

// The same for assignments to a property.
function _takeJsonProperty(prototype, name) {
    const property = Object.getOwnPropertyDescriptor(prototype, name);

    if (property?.set)
        Object.defineProperty(prototype, name, {...property, set(value) {
            property.set.call(this, _toJson(value));
        }});
}

function _takeJsonInClass(found, functions) {
    for (const [name, positions] of Object.entries(functions)) {
        const object = Object.hasOwn(found, name) ? found : found.prototype;
        const field = name.startsWith('set_') ? name.slice('set_'.length) : null;

        object[name] = _takingJson(object[name], positions);
        if (field !== null)
            new Set([field, _toCamel(field), field.replaceAll('_', '-')]).forEach(spelling => _takeJsonProperty(object, spelling));
    }
}

// A field that can be set, and the JavaScript values that it takes.
class Field {
    constructor(Oai, gtype, fields, info) {
        this._Oai = Oai;
        this._typeName = gtype.name;
        this._fields = fields;
        this._setter = `set_${info.get_name() === 'type' ? 'type_value' : info.get_name().replaceAll('-', '_')}`;
        this._member = info.get_member();
        this._type = info.get_type_name();
        this._itemType = info.get_item_type();
        this._isProperty = info.is_property();
        this._isList = this._type.endsWith('-list') && this._type !== 'string-list';
        this._takesObject = this._type === 'record' || this._type === 'file';
        this._takesNumbers = this._type === 'int-list' || this._type === 'number-list';
        this._takesJson = this._type === 'json' || this._type === 'map';
    }

    // Objects are passed to the setter, since JSON would lose their files.
    _isForSetter(value) {
        if (this._type === 'file')
            return true;
        if (value === null || value === undefined)
            return false;
        if (Array.isArray(value))
            return this._isList && value.length > 0 && value.every(item => item instanceof GObject.Object);
        return this._isList || (this._takesObject && value instanceof GObject.Object);
    }

    // Whether set() takes the value and a GObject property does not.
    needsSet(value) {
        if (!this._isProperty)
            return true;
        return this._type !== 'string-list' && value !== null && typeof value === 'object' && !(value instanceof GObject.Object);
    }

    _checkItems(values) {
        const kind = this._takesNumbers ? 'number' : 'object';
        if (values.some(item => item === null || typeof item !== kind))
            throw new TypeError(`${this._typeName}.${this._member} takes a list of ${kind}s`);
    }

    // Returns ['text', part] as a list of parts, if the member can be one.
    _withTextParts(values) {
        const alternatives = [...this._fields.values()].filter(field => field._member === this._member);
        const parts = alternatives.find(field => field._type === 'record-list');
        const takesTexts = alternatives.some(field => field._type === 'string-list');

        if (!parts || (takesTexts && values.every(value => typeof value === 'string')))
            return values;

        const type = ['input_text', 'text'].find(name => this._Oai.Record.find_type(parts._itemType, name).name !== parts._itemType.name);
        return type ? values.map(value => typeof value === 'string' ? {type, text: value} : value) : values;
    }

    set(record, value) {
        if (this._isForSetter(value)) {
            record[this._setter](value);
            return;
        }
        if (this._isList && Array.isArray(value))
            this._checkItems(value);
        if (this._type === 'string' && Array.isArray(value))
            value = this._withTextParts(value);
        if (typeof value === 'string' && this._takesJson)
            record.set_member(this._member, _checkText(value));
        else
            record.set_member(this._member, JSON.stringify(value, _checkPlain) ?? null);
    }
}

// A setter that is not that of a field, such as set_tool_choice_function().
class Helper {
    constructor(setter) {
        this._setter = setter;
    }

    needsSet(_value) {
        return true;
    }

    set(record, value) {
        record[this._setter](typeof value === 'string' ? _checkText(value) : value);
    }
}

const _fieldsOfTypes = new Map();

// Returns the fields of a type that can be set, by name.
function _listFields(Oai, gtype) {
    if (!_fieldsOfTypes.has(gtype.name)) {
        const fields = new Map();

        for (const info of Oai.Record.list_fields(gtype)) {
            if (info.is_writable())
                fields.set(info.get_name().replaceAll('-', '_'), new Field(Oai, gtype, fields, info));
        }
        _fieldsOfTypes.set(gtype.name, fields);
    }
    return _fieldsOfTypes.get(gtype.name);
}

// Returns the field for any spelling of its name: stop_list, stopList or stop-list.
function _findField(Oai, record, name) {
    const snake = name.replaceAll('-', '_').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    const field = _listFields(Oai, record.constructor.$gtype).get(snake);
    const setter = `set_${snake}`;

    if (field)
        return field;
    return !(setter in Oai.Record.prototype) && record[setter]?.length === 1 ? new Helper(setter) : null;
}

// Defines record.messages and record.output_text, since GObject has no properties of such types or names. The returned
// list is a copy.
// The copy of a writable record's list is frozen, so that push() throws instead of changing the copy.
function _addListFields(Oai) {
    for (const [property, name] of LIST_NAMES) {
        Object.defineProperty(Oai.Record.prototype, property, {
            configurable: true,
            get() {
                const getter = this[`get_${name}`];

                if (getter === Oai.Record.prototype[`get_${name}`])
                    return undefined;

                const values = getter.call(this);
                return this.is_writable() ? Object.freeze(values) : values;
            },
            set(value) {
                const field = _findField(Oai, this, name);

                if (field === null)
                    throw new TypeError(`${this.constructor.$gtype.name}.${name} cannot be set`);
                field.set(this, value);
            },
        });
    }
}

function _assign(Oai, record, members) {
    for (const [name, value] of Object.entries(members)) {
        const field = _findField(Oai, record, name);

        if (field !== null)
            field.set(record, value);
        else
            record.set_member(_checkText(name), JSON.stringify(value, _checkPlain) ?? null);
    }
    return record;
}

// GObject would truncate text at U+0000.
function _checkProperties(properties) {
    for (const value of Object.values(properties ?? {}).flat()) {
        if (typeof value === 'string')
            _checkText(value);
    }
}

// Implements new Oai.ChatMessage({content: …}). Values that GObject properties do not take, such as lists of records, are
// set afterwards.
function _takeFields(Oai, record, properties) {
    const fields = [];
    const others = {};

    for (const [name, value] of Object.entries(properties ?? {})) {
        const isOwn = GObject.Object.find_property.call(record.constructor, name) !== null && typeof value !== 'object';
        const field = isOwn ? null : _findField(Oai, record, name);

        if (field?.needsSet(value))
            fields.push([field, value]);
        else
            others[name] = value;
    }
    return [others, fields];
}

// Throws where a program assigns to a name that a record does not have: without this, JavaScript
// would add an attribute to the object, which is not sent.
function _refuseUnknownNames(Oai) {
    const parent = Object.getPrototypeOf(Oai.Record.prototype);

    Object.setPrototypeOf(Oai.Record.prototype, new Proxy(Object.create(parent), {
        set(target, name, value, receiver) {
            const type = receiver.constructor?.$gtype?.name;

            if (typeof name === 'string' && !name.startsWith('_') && !Reflect.has(target, name) && type?.startsWith('Oai'))
                throw new TypeError(`${type} has no field ${name}; set_member() sets any member`);
            return Reflect.set(target, name, value, receiver);
        },
    }));
}

function _extendRecord(Record, Oai) {
    // Returns a plain object, also for JSON.stringify(record).
    Record.prototype.toJSON = function () {
        return JSON.parse(this.to_json());
    };
    // Returns any member: record.member('usage').total_tokens
    Record.prototype.member = function (name) {
        const text = this.dup_member(name);
        return text === null ? undefined : JSON.parse(text);
    };
    // Oai.ChatRequest.new_from_json(json) is the same as Oai.Record.new_from_json(Oai.ChatRequest, json).
    const newFromJson = Record.new_from_json;
    Record.new_from_json = function (...args) {
        return args.length === 1 ? newFromJson.call(Record, this.$gtype, _toJson(args[0])) : newFromJson.apply(Record, args);
    };
    // Sets several members, by the names of fields or of JSON members.
    Record.prototype.assign = function (members) {
        return _assign(Oai, this, members);
    };
    const init = Record.prototype._init;
    Record.prototype._init = function (properties, ...others) {
        const [ofObject, fields] = _takeFields(Oai, this, properties);

        _checkProperties(ofObject);
        const object = init.call(this, ofObject, ...others) ?? this;
        for (const [field, value] of fields)
            field.set(object, value);
        return object;
    };
    _addListFields(Oai);
    _refuseUnknownNames(Oai);
}

let _chunksSinceCollection = 0;
let _nextCollection = 0;

// Collects garbage after each 1,000 chunks, but at most a fifth of the time. The garbage collector
// does not know the size of records. Without this, many chunks fill the memory, and GJS takes longer
// for each object the more of them exist.
function _collectGarbage() {
    const start = GLib.get_monotonic_time();

    if (start < _nextCollection)
        return;
    System.gc();
    const end = GLib.get_monotonic_time();
    _chunksSinceCollection = 0;
    _nextCollection = end + 4 * (end - start);
}

// Implements for await (const chunk of stream). Leaving the loop closes the connection.
async function* _streamChunks() {
    try {
        let chunk;
        while ((chunk = this.try_next() ?? await this.next_async(null)) !== null) {
            if (++_chunksSinceCollection >= 1000)
                _collectGarbage();
            yield chunk;
        }
    } finally {
        this.close();
    }
}

// Returns an item without loading the next page, as get_item() does for the last item.
function _peekItem(page, position) {
    const autoLoad = page.get_auto_load();

    page.set_auto_load(false);
    const item = page.get_item(position);
    page.set_auto_load(autoLoad);
    return item;
}

// Implements for (const item of list), which iterates over the loaded items.
function* _loadedItems() {
    for (let i = 0; i < this.get_n_loaded(); i++)
        yield _peekItem(this, i);
}

// Implements for (const item of model).
function* _listItems() {
    for (let i = 0; i < this.get_n_items(); i++)
        yield this.get_item(i);
}

// Implements for await (const item of list), which loads further pages when they are needed.
async function* _allItems() {
    for (let i = 0; ;) {
        if (i < this.get_n_loaded())
            yield _peekItem(this, i++);
        else if (!this.get_has_more() || !await this.load_more_async(null))
            return;
    }
}

// Implements client.chat, client.fine_tuning and client.fineTuning.
function _addEndpoints(Client) {
    for (const name of MODULES) {
        const get = function () {
            return this.get_endpoint(name);
        };
        const snake = name.replaceAll('-', '_');
        const camel = _toCamel(snake);

        for (const property of new Set([snake, camel]))
            Object.defineProperty(Client.prototype, property, {get, configurable: true});
    }
}

// Thrown by a tool: the message is sent to the model, unlike that of other errors.
class ToolError extends Error {
    get name() {
        return 'ToolError';
    }
}

function _respond(call, value) {
    if (value === undefined || value === null) {
        call.respond(null);
        return;
    }
    const json = JSON.stringify(value, _checkPlain);
    if (json === undefined)
        throw new TypeError(`The result of a tool, a ${typeof value}, is not JSON`);
    call.respond_json(json);
}

function _fail(Oai, call, error) {
    if (error instanceof ToolError) {
        call.fail_with_message(error.message || 'The tool failed.');
    } else if (error instanceof GLib.Error) {
        if (error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
            call.cancel();
        else
            call.fail(error);
    } else {
        const line = error?.lineNumber ? ` (${GLib.path_get_basename(error.fileName)}:${error.lineNumber})` : '';
        call.fail(new GLib.Error(Oai.Error, Oai.Error.FAILED, `${error}${line}`.replaceAll('\0', ' ')));
    }
}

// The arguments of a free-form tool are text.
function _readArguments(call) {
    const text = call.get_arguments();

    return call.get_tool().get_free_form() ? text : JSON.parse(text.trim() || 'null') ?? {};
}

async function _respondLater(Oai, call, promise) {
    try {
        _respond(call, await promise);
    } catch (e) {
        _fail(Oai, call, e);
    }
}

// Answers at once unless the result is a promise: no promise continues while an asynchronous function makes a blocking call.
function _runTool(Oai, run, call) {
    try {
        const result = run(_readArguments(call), call);

        if (typeof result?.then === 'function')
            _respondLater(Oai, call, result);
        else
            _respond(call, result);
    } catch (e) {
        _fail(Oai, call, e);
    }
}

// Implements toolset.addTool({name, description, parameters, needsApproval, …}, async (args, call) => result). The first
// argument can be omitted.
function _newTool(Oai, details, run) {
    if (typeof details === 'function')
        [details, run] = [{}, details];
    if (typeof run !== 'function' || typeof details !== 'object' || details === null)
        throw new TypeError('A tool needs a function: addTool({name: …, description: …}, function)');
    const {name, description = null, parameters = null, ...properties} = details;

    for (const key of Object.keys(properties)) {
        const property = key.replaceAll('_', '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
        if (GObject.Object.find_property.call(Oai.Tool, property) === null)
            throw new TypeError(`A tool has no property ${key}`);
    }
    const schema = parameters === null || parameters instanceof Oai.JsonSchema ? parameters : Oai.JsonSchema.new(parameters);
    const tool = Oai.Tool.new(name ?? run.name, description, schema, call => {
        _runTool(Oai, run, call);
    });
    Object.assign(tool, properties);
    tool.dup_sent_parameters();
    return tool;
}

// What is added to a class when a program first uses it.
const ADDITIONS = {
    Client: _addEndpoints,
    PagedList(found) {
        // The loaded items.
        Object.defineProperty(found.prototype, 'data', {configurable: true, get() {
            return [...this];
        }});
        found.prototype[Symbol.iterator] = _loadedItems;
        found.prototype[Symbol.asyncIterator] = _allItems;
    },
    Record: _extendRecord,
    Session(found) {
        found.prototype[Symbol.iterator] = _listItems;
        const find = found.prototype.find;
        // Begins at the newest item by default. GLib has no constant MAXUINT in JavaScript.
        found.prototype.find = function (words, before = GLib.MAXUINT32) {
            return find.call(this, words, before);
        };
    },
    Stream(found) {
        // Another name of close(): it cancels the operation that reads the stream.
        found.prototype.cancel = function () {
            this.close();
        };
        found.prototype[Symbol.asyncIterator] = _streamChunks;
    },
    Toolset(found, Oai) {
        found.prototype[Symbol.iterator] = _listItems;
        found.prototype.addTool = function (details, run) {
            const tool = _newTool(Oai, details, run);

            this.add(tool);
            return tool;
        };
    },
};

function _extendClass(Oai, found, name) {
    _takeJsonInClass(found, JSON_ARGUMENTS[name] ?? {});
    for (const [, isStatic, methods] of ASYNC_METHODS.filter(([className]) => className === name)) {
        for (const [method, nOptional] of methods)
            _promisify(isStatic ? found : found.prototype, method, nOptional);
    }
    ADDITIONS[name]?.(found, Oai);
}

// Reports why none of the libraries can be used, such as that one is missing which another one needs.
function _checkLibraries(target) {
    try {
        target.error_quark();
    } catch (error) {
        const reason = error.message.split('oai_error_quark: ').pop();
        const module = /^libopenai-([a-z-]+)-1\.so\.0:/.exec(reason)?.[1];
        const hint = module ? ` (it is the library of the module “${module}”, which an installed module needs)` : '';

        throw new Error(`Oai cannot be loaded: ${reason}${hint}`);
    }
}

// GJS throws an error about the type void for a class in a library that is not installed.
function _checkInstalled(target, name) {
    try {
        if (target[name].$gtype?.name !== 'void')
            return;
    } catch {
        // It is explained below.
    }
    const module = OWNERS[name];

    throw new Error(`Oai.${name} belongs to the module “${module}”, which is not installed: libopenai-${module}-1.so.0 is missing`);
}

// Replaces the namespace by a proxy that extends a class when it is first used, since loading all classes takes longer
// than the rest of the import. GJS itself reads the class of an object, and the parent of a class, from the proxy.
function _init() {
    _checkLibraries(this);

    const pending = new Set([...Object.keys(ADDITIONS), ...Object.keys(JSON_ARGUMENTS), ...ASYNC_METHODS.map(([className]) => className)]);

    const functions = new Map(ASYNC_METHODS.filter(([className]) => className === '')
        .flatMap(([, , methods]) => methods.map(([method, nOptional]) => [`${method}_async`, [method, nOptional]])));
    pending.delete('');

    const Oai = new Proxy(this, {
        get(target, name) {
            const asynchronous = functions.get(name);

            if (asynchronous) {
                functions.delete(name);
                _promisify(target, ...asynchronous);
            }
            if (Object.hasOwn(OWNERS, name))
                _checkInstalled(target, name);
            if (pending.delete(name))
                _extendClass(Oai, target[name], name);
            return target[name];
        },
    });

    this.ToolError = ToolError;
    imports.gi.Oai = Oai;
}
