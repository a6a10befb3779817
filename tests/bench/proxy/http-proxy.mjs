// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The http-proxy package with open connections to the server.
//
// usage: http-proxy.mjs PORT TARGET

import http from 'node:http';
import { createRequire } from 'node:module';

const httpProxy = createRequire(`${process.cwd()}/`)('http-proxy');
const [port, target] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const proxy = httpProxy.createProxyServer({ target, agent });

proxy.on('error', (error, request, response) => {
  response.writeHead(502);
  response.end(error.message);
});
http.createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1');
