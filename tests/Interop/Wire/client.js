'use strict';
// node client.js ADDRESS [CA CERT KEY]: makes one call of each kind and prints a line for each; exits with 1 where one ends otherwise than it should.
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const { service, limits, failure } = require('./methods.js');

const [address, ca, cert, key] = process.argv.slice(2);
const credentials = ca
  ? grpc.credentials.createSsl(fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(cert))
  : grpc.credentials.createInsecure();
const client = new (grpc.makeGenericClientConstructor(service, 'Interop'))(address, credentials, limits);
const deadline = seconds => ({ deadline: Date.now() + seconds * 1000 });

const unary = (name, request, options = deadline(60)) =>
  new Promise((resolve, reject) => client[name](request, options, (error, answer) => (error ? reject(error) : resolve(answer))));

async function refused(call, code) {
  const error = await call.then(() => assert.fail('the call succeeded'), e => e);
  assert.equal(error.code, code, error.message);
  return error;
}

function talk(messages) {
  return new Promise((resolve, reject) => {
    const call = client.Talk(deadline(120));
    const received = [];
    call.on('data', message => received.push(message));
    call.on('error', reject);
    call.on('status', status => (status.code === 0 ? resolve(received) : undefined));
    (async () => {
      for (const message of messages) {
        if (!call.write(message)) {
          await new Promise(drained => call.once('drain', drained));
        }
      }
      call.end();
    })();
  });
}

const cases = {
  async unary() {
    for (const length of [0, 1, 16384, 16385, 300000, 20000000]) {
      const request = crypto.randomBytes(length);
      assert.ok(request.equals(await unary('Echo', request)));
    }
  },
  async failure() {
    assert.equal((await refused(unary('Fail', Buffer.alloc(1)), failure.code)).details, failure.details);
  },
  async deadline() {
    await refused(unary('Never', Buffer.alloc(1), deadline(0.3)), grpc.status.DEADLINE_EXCEEDED);
  },
  async unimplemented() {
    await refused(new Promise((resolve, reject) => client.makeUnaryRequest('/deucalion.v1.Interop/None', b => b, b => b, Buffer.alloc(1), error => (error ? reject(error) : resolve()))), grpc.status.UNIMPLEMENTED);
  },
  async compressed() {
    const packed = new (grpc.makeGenericClientConstructor(service, 'Interop'))(address, credentials, { ...limits, 'grpc.default_compression_algorithm': 2 });
    await refused(new Promise((resolve, reject) => packed.Echo(Buffer.alloc(1000), deadline(30), error => (error ? reject(error) : resolve()))), grpc.status.UNIMPLEMENTED);
    packed.close();
  },
  async stream() {
    const messages = Array.from({ length: 200 }, (_, i) => crypto.randomBytes(i % 40 === 0 ? 1500000 : (i * 997) % 30000));
    const received = await talk(messages);
    assert.equal(received.length, messages.length);
    messages.forEach((message, i) => assert.ok(message.equals(received[i])));
  },
  async failureAfterMessage() {
    const call = client.FailLater(deadline(30));
    const first = await new Promise(resolve => call.once('data', resolve));
    assert.equal(first.toString(), 'one');
    const failed = new Promise(resolve => call.on('error', resolve));
    call.write(Buffer.from('go'));
    const error = await failed;
    assert.equal(error.code, failure.code);
    assert.equal(error.details, failure.details);
  },
  async cancel() {
    // Node ends its side in order before it resets a call, so the server must be holding the call to notice.
    const call = client.Hold(deadline(30));
    await new Promise(resolve => call.once('data', resolve));
    const failed = new Promise(resolve => call.on('error', resolve));
    call.cancel();
    assert.equal((await failed).code, grpc.status.CANCELLED);
  },
};

(async () => {
  for (const [name, run] of Object.entries(cases)) {
    await run();
    console.log(`passed ${name}`);
  }
  client.close();
})().catch(error => {
  console.error(error);
  process.exit(1);
});
