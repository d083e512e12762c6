using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>What a decoded request held besides what the batch took.</summary>
/// <param name="Histograms">Native histogram samples, which are not stored.</param>
/// <param name="Exemplars">Exemplars, which are not stored.</param>
internal readonly record struct RemoteWriteContents(int Histograms, int Exemplars);

/// <summary>Why a request is malformed: what, in which message, at which byte of the decompressed body.</summary>
internal readonly record struct RemoteWriteDecodeError(string What, string Message, int Offset)
{
    public override string ToString() => $"malformed remote write request: {What} in {Message} at byte {Offset}";
}

/// <summary>
/// Decodes a prometheus.WriteRequest into the columns of a <see cref="WriteBatch"/> whose text is the request's own buffer: nothing is
/// allocated per label or sample once the batch's columns have grown. Unknown fields are skipped. Stateless.
/// </summary>
internal static class RemoteWriteDecoder
{
    /// <summary>Decodes the first <paramref name="length"/> bytes of the buffer, which must stay unchanged while the batch is in use.</summary>
    public static bool TryDecode(byte[] buffer, int length, WriteBatch batch, out RemoteWriteContents contents, out RemoteWriteDecodeError error)
    {
        batch.Reset(buffer, length);
        var decoder = new Decoder(buffer.AsSpan(0, length), batch);
        if (decoder.TryReadRequest(length))
        {
            contents = new RemoteWriteContents(decoder.Histograms, decoder.Exemplars);
            error = default;
            return true;
        }

        contents = default;
        error = new RemoteWriteDecodeError(decoder.Reader.Error ?? "malformed field", decoder.Message, decoder.Reader.ErrorOffset);
        return false;
    }

    private ref struct Decoder(ReadOnlySpan<byte> data, WriteBatch batch)
    {
        public ProtobufReader Reader = new(data);
        public string Message = "WriteRequest";
        public int Histograms;
        public int Exemplars;

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
            batch.BeginSeries();
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
                    1 => TryReadLabel(fieldEnd),
                    2 => TryReadSample(fieldEnd),
                    3 => TrySkipFields(fieldEnd, "Exemplar", ref Exemplars),
                    _ => TrySkipFields(fieldEnd, "Histogram", ref Histograms),
                };
                if (!read)
                {
                    return false;
                }
            }

            return true;
        }

        private bool TryReadLabel(int end)
        {
            Message = "Label";
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

            batch.AddLabel(new WriteLabel(nameOffset, nameLength, valueOffset, valueLength));
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

            batch.AddSample((long)time, value);
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

            batch.AddMetadata(new WriteMetadata((int)type, familyOffset, familyLength, helpOffset, helpLength, unitOffset, unitLength));
            return true;
        }

        private bool TrySkipFields(int end, string message, ref int count)
        {
            Message = message;
            while (Reader.Position < end)
            {
                if (!Reader.TryReadTag(end, out _, out var wireType) || !Reader.TrySkip(end, wireType))
                {
                    return false;
                }
            }

            count++;
            return true;
        }
    }
}
