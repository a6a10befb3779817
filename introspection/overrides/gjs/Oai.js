// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Additions for JavaScript. All of their features are also available without them, with the methods
// of the C API.

const {Gio, GObject} = imports.gi;

// The build inserts lists here: [class, whether they are static, names of asynchronous methods
// without _async], the fields of records that are not GObject properties, and the names of the modules.
const ASYNC_METHODS = /*@ASYNC_METHODS@*/[];
const LIST_FIELDS = /*@LIST_FIELDS@*/[];
const MODULES = /*@MODULES@*/[];

// Returns tool_calls and toolCalls.
const LIST_NAMES = new Map(LIST_FIELDS.flatMap(name =>
    [[name, name], [name.replace(/_(.)/g, (_match, letter) => letter.toUpperCase()), name]]));

// Returns the class of that name, or null if the library of its module is not installed.
function _findClass(Oai, name) {
    try {
        return Oai[name];
    } catch {
        return null;
    }
}

function _promisifyAll(Oai) {
    for (const [className, isStatic, methods] of ASYNC_METHODS) {
        const found = _findClass(Oai, className);
        const object = isStatic ? found : found?.prototype;

        if (!object)
            continue;
        for (const name of methods)
            Gio._promisify(object, `${name}_async`, `${name}_finish`);
    }
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

// A field that can be set: the type that its setter takes, and the JSON member that it writes.
class Field {
    constructor(Oai, owner, setter, name) {
        const property = GObject.Object.find_property.call(owner.constructor, name);

        this._Oai = Oai;
        this._owner = owner;
        this._setter = setter;
        this._isList = property === null;  // list of objects or numbers
        this._type = property?.value_type ?? null;
        this._takesObject = this._type !== null && GObject.type_is_a(this._type, GObject.Object.$gtype);
        this._takesFile = this._takesObject && !GObject.type_is_a(this._type, Oai.Record.$gtype);
        this._isText = this._type !== null && this._type.name === 'gchararray';
    }

    // Sets the field of an empty record to find out the name of its JSON member.
    _look() {
        if (this._member)
            return;
        for (const sample of this._listSamples()) {
            const record = this._Oai.Record.new_from_json(this._owner.constructor.$gtype, '{}');
            const before = record.list_members();

            this._owner[this._setter].call(record, sample);
            [this._member] = record.list_members().filter(member => !before.includes(member));
            if (this._member) {
                this._takesJson = this._isText && record.dup_member(this._member) === '{}';
                return;
            }
        }
    }

    _listSamples() {
        if (this._isList)
            return [[], [1]];
        if (this._takesObject)
            return [this._Oai.Record.new_from_json(this._type, '{}')];
        return [{gchararray: '{}', gboolean: true, GStrv: []}[this._type.name] ?? 1];
    }

    // A value that contains objects is passed to the setter, because a file cannot be converted to JSON.
    _isForSetter(value) {
        if (this._takesFile)
            return true;
        if (value === null || value === undefined)
            return false;
        if (Array.isArray(value))
            return this._isList && value.length > 0 && value.every(item => item instanceof GObject.Object);
        return this._isList || (this._takesObject && value instanceof GObject.Object);
    }

    _takesNumbers() {
        try {
            this._owner[this._setter].call(this._Oai.Record.new_from_json(this._owner.constructor.$gtype, '{}'), [1]);
            return true;
        } catch {
            return false;
        }
    }

    _checkItems(values) {
        const kind = this._takesNumbers() ? 'number' : 'object';
        if (values.some(item => item === null || typeof item !== kind))
            throw new TypeError(`${this._owner.constructor.$gtype.name}.${this._member} takes a list of ${kind}s`);
    }

    // Converts ['text', part] to a list of parts, if the member can be one.
    _withTextParts(values) {
        const name = [`${this._member}_parts`, 'parts'].find(field => this._owner[`get_${field}`]);
        const texts = this._owner[`set_${this._member}s`];
        if (!name || (texts && values.every(value => typeof value === 'string')))
            return values;

        const samples = JSON.stringify({[this._member]: ['text', ''].map(type => ({type, text: ''}))});
        const sample = this._Oai.Record.new_from_json(this._owner.constructor.$gtype, samples);
        const [part, other] = this._owner[`get_${name}`].call(sample);
        if (part.constructor === other.constructor)
            return values;
        return values.map(value => typeof value === 'string' ? {type: 'text', text: value} : value);
    }

    set(record, value) {
        if (this._isForSetter(value)) {
            record[this._setter](value);
            return;
        }
        this._look();
        if (this._isList && Array.isArray(value))
            this._checkItems(value);
        if (this._isText && Array.isArray(value) && !this._takesJson)
            value = this._withTextParts(value);
        if (typeof value === 'string' && this._takesJson)
            record.set_member(this._member, _checkText(value));
        else
            record.set_member(this._member, JSON.stringify(value, _checkPlain) ?? null);
    }
}

const _fields = new Map();

// Returns the field for any spelling of its name: stop_list, stopList or stop-list.
function _findField(Oai, record, name) {
    const snake = name.replaceAll('-', '_').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    const setter = snake === 'type' ? 'set_type_value' : `set_${snake}`;
    const key = `${record.constructor.$gtype.name} ${setter}`;

    if (!_fields.has(key)) {
        let owner = record;
        while (owner !== null && !Object.hasOwn(owner, setter))
            owner = Object.getPrototypeOf(owner);
        const isField = owner !== null && !(setter in Oai.Record.prototype) && owner[setter].length === 1;
        _fields.set(key, isField ? new Field(Oai, owner, setter, snake) : null);
    }
    return _fields.get(key);
}

// Defines record.messages, since GObject has no properties of such types. The returned list is a copy.
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

// Implements new Oai.ChatMessage({content: …}).
function _checkProperties(properties) {
    for (const value of Object.values(properties ?? {}).flat()) {
        if (typeof value === 'string')
            _checkText(value);
    }
}

// Fields that are not GObject properties, such as lists of records, are set afterwards.
function _takeListFields(record, properties) {
    const names = Object.keys(properties ?? {}).filter(name => LIST_NAMES.has(name) &&
        GObject.Object.find_property.call(record.constructor, LIST_NAMES.get(name).replaceAll('_', '-')) === null);

    return [
        Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !names.includes(name))),
        Object.fromEntries(names.map(name => [name, properties[name]])),
    ];
}

// Implements for await (const chunk of stream). Leaving the loop closes the connection.
async function* _streamChunks() {
    try {
        let chunk;
        while ((chunk = await this.next_async(null)) !== null)
            yield chunk;
    } finally {
        this.close();
    }
}

// Returns an item without loading the next page, as get_item() does for the last item.
function _lookAt(page, position) {
    const autoLoad = page.get_auto_load();

    page.set_auto_load(false);
    const item = page.get_item(position);
    page.set_auto_load(autoLoad);
    return item;
}

// Implements for (const item of page), which iterates over the loaded items.
function* _loadedItems() {
    for (let i = 0; i < this.get_n_loaded(); i++)
        yield _lookAt(this, i);
}

// Implements for await (const item of page), which loads further pages when they are needed.
async function* _allItems() {
    for (let i = 0; ;) {
        if (i < this.get_n_loaded())
            yield _lookAt(this, i++);
        else if (!this.get_has_more() || !await this.load_more_async(null))
            return;
    }
}

// Implements client.chat, client.fine_tuning and client.fineTuning.
function _addEndpoints(Oai) {
    for (const name of MODULES) {
        const get = function () {
            return this.get_endpoint(name);
        };
        const snake = name.replaceAll('-', '_');
        const camel = name.replace(/-(.)/g, (_match, letter) => letter.toUpperCase());

        for (const property of new Set([snake, camel]))
            Object.defineProperty(Oai.Client.prototype, property, {get, configurable: true});
    }
}

function _init() {
    const Oai = this;

    _promisifyAll(Oai);

    Oai.Stream.prototype[Symbol.asyncIterator] = _streamChunks;
    Oai.PagedList.prototype[Symbol.iterator] = _loadedItems;
    Oai.PagedList.prototype[Symbol.asyncIterator] = _allItems;

    // Returns a plain object, also for JSON.stringify(record).
    Oai.Record.prototype.toJSON = function () {
        return JSON.parse(this.to_json());
    };
    // Returns any member: record.member('usage').total_tokens
    Oai.Record.prototype.member = function (name) {
        const text = this.dup_member(name);
        return text === null ? undefined : JSON.parse(text);
    };
    // Sets several members, by the names of fields or of JSON members.
    Oai.Record.prototype.assign = function (members) {
        return _assign(Oai, this, members);
    };
    const init = Oai.Record.prototype._init;
    Oai.Record.prototype._init = function (properties, ...others) {
        const [ofObject, fields] = _takeListFields(this, properties);

        _checkProperties(ofObject);
        const object = init.call(this, ofObject, ...others) ?? this;
        for (const [name, value] of Object.entries(fields))
            object[name] = value;
        return object;
    };
    _addListFields(Oai);

    _addEndpoints(Oai);
}
