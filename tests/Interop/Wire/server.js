'use strict';
// node server.js PORT [CA CERT KEY]: serves until it is killed; prints "ready" and, for each call that its client gave up, "cancelled".
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const { service, limits, failure } = require('./methods.js');

const [port, ca, cert, key] = process.argv.slice(2);
const credentials = ca
  ? grpc.ServerCredentials.createSsl(fs.readFileSync(ca), [{ cert_chain: fs.readFileSync(cert), private_key: fs.readFileSync(key) }], true)
  : grpc.ServerCredentials.createInsecure();

const server = new grpc.Server(limits);
server.addService(service, {
  Echo: (call, answer) => answer(null, call.request),
  Fail: (_call, answer) => answer(failure),
  Never: call => call.on('cancelled', () => console.log('cancelled')),
  Talk: call => {
    // Back-pressure: the next message is taken when the echo of the last one has been.
    call.on('data', message => {
      if (!call.write(message)) {
        call.pause();
        call.once('drain', () => call.resume());
      }
    });
    call.on('end', () => call.end());
    call.on('cancelled', () => console.log('cancelled'));
  },
  Hold: call => call.write(Buffer.from('held')),
  FailLater: call => {
    call.write(Buffer.from('one'));
    call.once('data', () => call.emit('error', failure));
  },
});
server.bindAsync(`127.0.0.1:${port}`, credentials, error => {
  if (error) {
    throw error;
  }
  console.log('ready');
});
