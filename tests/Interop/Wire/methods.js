'use strict';
// The service that both sides speak: messages are plain bytes.
const bytes = value => value;
const method = (name, stream) => ({
  path: `/deucalion.v1.Interop/${name}`,
  requestStream: stream,
  responseStream: stream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

exports.service = {
  Echo: method('Echo', false),
  Fail: method('Fail', false),
  Never: method('Never', false),
  Talk: method('Talk', true),
  Hold: method('Hold', true),
  FailLater: method('FailLater', true),
};
exports.limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
exports.failure = { code: 9, details: 'gr\u00fc\u00dfe \u2192 100 % \u{1F600}' };
