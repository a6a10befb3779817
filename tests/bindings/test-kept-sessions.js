// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Saves, loads and searches conversations without a client. Prints TAP.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Oai from 'gi://Oai?version=1';
import System from 'system';

const directory = Gio.File.new_for_path(GLib.Dir.make_tmp('oai-test-XXXXXX'));
const file = directory.get_child('conversation.json');
let failures = 0;

function check(number, name, condition) {
    failures += condition ? 0 : 1;
    print(`${condition ? 'ok' : 'not ok'} ${number} ${name}`);
}

print('1..5');
const session = Oai.ChatSession.new(null, 'm');
const message = Oai.ChatMessage.new('user');
message.add_text('Name a city.');
message.add_part(Oai.ChatImagePart.new_for_url('data:image/gif;base64,R0lG', null));
session.add_record(message);
check(1, 'title', session.title === 'Name a city.' && session.client === null && session.retry_at === null);
const images = session.get_item(0).dup_images();
check(2, 'images', images.length === 1 && new TextDecoder().decode(images[0].get_data()) === 'GIF');
await Promise.all([session.save_async(file), session.save_async(file)]);
const loaded = await Oai.ChatSession.load_async(null, file);
check(3, 'files', !session.is_modified() && loaded.title === session.title);
const [found, position] = loaded.find('CITY name');
check(4, 'search', found && position === 0 && loaded.find('city', GLib.MAXUINT32)[0] && !loaded.find('city', 0)[0] && !loaded.find('river', 1)[0]);
await session.delete_file_async(file);
let error = null;
try {
    await Oai.ChatSession.load_async(null, file);
} catch (e) {
    error = e;
}
check(5, 'errors', error?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND) ?? false);
directory.delete(null);
System.exit(failures ? 1 : 0);
