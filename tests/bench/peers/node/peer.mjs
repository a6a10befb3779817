// SPDX-License-Identifier: LGPL-2.1-or-later

// What client.c does, with the official package. Prints the same.
//
// usage: node peer.mjs COMMAND BASE-URL [ARGUMENT…], below a directory with node_modules/openai

import fs from 'node:fs';
import OpenAI from 'openai';

const [command, baseURL, ...rest] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'sk-test', baseURL: baseURL ?? 'http://127.0.0.1:1/v1' });
const request = () => ({
  model: 'gpt-4o-mini',
  messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'Why is the sky blue?' },
  ],
});

async function stream() {
  let count = 0;
  const events = await client.chat.completions.create({ ...request(), stream: true });
  for await (const event of events) {
    if (event.choices[0]?.delta?.content)
      count++;
  }
  return count;
}

async function responseStream() {
  let count = 0;
  const events = await client.responses.create({ model: 'gpt-4o-mini', input: 'Why is the sky blue?', stream: true });
  for await (const event of events) {
    if (event.type === 'response.output_text.delta')
      count++;
  }
  return count;
}

async function responseSocket() {
  const { ResponsesWS } = await import('openai/resources/responses/ws');
  let count = 0;
  const socket = new ResponsesWS(client);
  socket.on('response.output_text.delta', () => count++);
  socket.send({ type: 'response.create', model: 'gpt-4o-mini', input: 'Why is the sky blue?' });
  await new Promise((resolve, reject) => {
    socket.on('response.completed', resolve);
    socket.on('error', reject);
  });
  socket.close();
  return count;
}

async function streams(atOnce) {
  const counts = await Promise.all(Array.from({ length: Number(atOnce) }, stream));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function completions(requests, atOnce) {
  let left = Number(requests);
  let count = 0;
  const worker = async () => {
    while (left-- > 0) {
      const completion = await client.chat.completions.create(request());
      count += completion.choices[0].message.content === 'Hello! How can I help you today?';
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
  return count;
}

async function embeddings(rows, format) {
  const input = Array.from({ length: Number(rows) }, () => 'x');
  const parameters = { model: 'text-embedding-3-small', input };
  if (format === 'float')
    parameters.encoding_format = 'float';
  const list = await client.embeddings.create(parameters);
  return list.data.reduce((sum, row) => sum + row.embedding.length, 0);
}

async function upload(path) {
  const file = await client.files.create({ file: fs.createReadStream(path), purpose: 'user_data' });
  return file.id;
}

async function download(path) {
  const response = await client.files.content('file-abc123');
  const out = fs.createWriteStream(path);
  for await (const piece of response.body) {
    if (!out.write(piece))
      await new Promise(resolve => out.once('drain', resolve));
  }
  await new Promise(resolve => out.end(resolve));
  return fs.statSync(path).size;
}

const commands = {
  import: () => (OpenAI ? 'ready' : 'not ready'),
  ready: () => (request() && client.chat.completions ? 'ready' : 'not ready'),
  stream, streams, 'response-stream': responseStream, 'response-socket': responseSocket, completions, embeddings, upload, download,
};

console.log(String(await commands[command](...rest)));
