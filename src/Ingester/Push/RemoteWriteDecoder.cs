using Deucalion.Common.Contracts;
using Deucalion.Common.Protobuf;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Decodes a prometheus.WriteRequest into the columns of a <see cref="WriteBatch"/> whose text is the request's own buffer: nothing is
/// allocated per label or sample once the batch's columns have grown. Unknown fields are skipped. Stateless.
/// </summary>
internal static class RemoteWriteDecoder
{
    /// <summary>Decodes the first <paramref name="length"/> bytes of the buffer, which must stay unchanged while the batch is in use.</summary>
    public static bool TryDecode(byte[] buffer, int length, DecodedWrite into, out RemoteWriteDecodeError error)
    {
        into.Reset(buffer, length);
        var decoder = new Decoder(buffer.AsSpan(0, length), into);
        if (decoder.TryReadRequest(length))
        {
            error = default;
            return true;
        }

        error = new RemoteWriteDecodeError(decoder.Reader.Error ?? "malformed field", decoder.Message, decoder.Reader.ErrorOffset);
        return false;
    }

    private ref struct Decoder(ReadOnlySpan<byte> data, DecodedWrite into)
    {
        public ProtobufReader Reader = new(data);
        public string Message = "WriteRequest";
        private readonly WriteBatch _batch = into.Batch;

        public bool TryReadRequest(int end)
        {
            while (Reader.Position < end)
            {
                Message = "WriteRequest";
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                var read = field switch
                {
                    1 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadLength(end, out var n) && TryReadSeries(Reader.Position + n),
                    3 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadLength(end, out var n) && TryReadMetadata(Reader.Position + n),
                    _ => Reader.TrySkip(end, wireType),
                };
                if (!read)
                {
                    return false;
                }
            }

            return true;
        }

        private bool TryReadSeries(int end)
        {
            _batch.BeginSeries();
            while (Reader.Position < end)
            {
                Message = "TimeSeries";
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                if (field is < 1 or > 4)
                {
                    if (!Reader.TrySkip(end, wireType))
                    {
                        return false;
                    }

                    continue;
                }

                if (!Reader.Expect(wireType, ProtobufReader.Bytes) || !Reader.TryReadLength(end, out var n))
                {
                    return false;
                }

                var fieldEnd = Reader.Position + n;
                var read = field switch
                {
                    1 => TryReadSeriesLabel(fieldEnd),
                    2 => TryReadSample(fieldEnd),
                    3 => TryReadExemplar(fieldEnd),
                    _ => TryReadHistogram(fieldEnd),
                };
                if (!read)
                {
                    return false;
                }
            }

            return true;
        }

        private bool TryReadSeriesLabel(int end)
        {
            if (!TryReadLabel(end, out var label))
            {
                return false;
            }

            _batch.AddLabel(label);
            return true;
        }

        private bool TryReadLabel(int end, out WriteLabel label)
        {
            Message = "Label";
            label = default;
            int nameOffset = 0, nameLength = 0, valueOffset = 0, valueLength = 0;
            while (Reader.Position < end)
            {
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                var read = field switch
                {
                    1 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadRange(end, out nameOffset, out nameLength),
                    2 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadRange(end, out valueOffset, out valueLength),
                    _ => Reader.TrySkip(end, wireType),
                };
                if (!read)
                {
                    return false;
                }
            }

            label = new WriteLabel(nameOffset, nameLength, valueOffset, valueLength);
            return true;
        }

        private bool TryReadSample(int end)
        {
            Message = "Sample";
            double value = 0;
            ulong time = 0;
            while (Reader.Position < end)
            {
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                var read = field switch
                {
                    1 => Reader.Expect(wireType, ProtobufReader.Fixed64) && Reader.TryReadDouble(end, out value),
                    2 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out time),
                    _ => Reader.TrySkip(end, wireType),
                };
                if (!read)
                {
                    return false;
                }
            }

            _batch.AddSample((long)time, value);
            return true;
        }

        private bool TryReadMetadata(int end)
        {
            Message = "MetricMetadata";
            ulong type = 0;
            int familyOffset = 0, familyLength = 0, helpOffset = 0, helpLength = 0, unitOffset = 0, unitLength = 0;
            while (Reader.Position < end)
            {
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                var read = field switch
                {
                    1 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out type),
                    2 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadRange(end, out familyOffset, out familyLength),
                    4 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadRange(end, out helpOffset, out helpLength),
                    5 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadRange(end, out unitOffset, out unitLength),
                    _ => Reader.TrySkip(end, wireType),
                };
                if (!read)
                {
                    return false;
                }
            }

            _batch.AddMetadata(new WriteMetadata((int)type, familyOffset, familyLength, helpOffset, helpLength, unitOffset, unitLength));
            return true;
        }

        private bool TryReadExemplar(int end)
        {
            var draft = into.Exemplar;
            draft.Clear();
            while (Reader.Position < end)
            {
                Message = "Exemplar";
                if (!Reader.TryReadTag(end, out var field, out var wireType))
                {
                    return false;
                }

                double value = 0;
                ulong time = 0;
                WriteLabel label = default;
                var read = field switch
                {
                    1 => Reader.Expect(wireType, ProtobufReader.Bytes) && Reader.TryReadLength(end, out var n) && TryReadLabel(Reader.Position + n, out label),
                    2 => Reader.Expect(wireType, ProtobufReader.Fixed64) && Reader.TryReadDouble(end, out value),
                    3 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out time),
                    _ => Reader.TrySkip(end, wireType),
                };
                if (!read)
                {
                    return false;
                }

                switch (field)
                {
                    case 1:
                        draft.AddLabel(label);
                        break;
                    case 2:
                        draft.Value = value;
                        break;
                    case 3:
                        draft.Time = (long)time;
                        break;
                    default:
                        break;
                }
            }

            draft.AddTo(_batch, into.Rejections);
            return true;
        }

        private bool TryReadHistogram(int end)
        {
            Message = "Histogram";
            if (!into.Histogram.TryRead(ref Reader, end))
            {
                return false;
            }

            into.AddHistogram(seriesStart: 0);
            return true;
        }
    }
}
