using Deucalion.Common.Contracts;
using Deucalion.Common.Protobuf;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Reads the TimeSeries messages of an io.prometheus.write.v2.Request. Each is looked over once for its labels and start time, which may stand behind
/// the samples that need them, and then read.
/// </summary>
internal ref struct RemoteWriteV2SeriesReader(ReadOnlySpan<byte> data, DecodedWrite into)
{
    public ProtobufReader Reader = new(data);

    /// <summary>The message that is being read.</summary>
    public string Message = "Request";

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly DecodedWrite _into = into;
    private SeriesFamilies _families = new(into.Batch, into.Symbols);
    private long _startTime;
    private int _samples;
    private int _exemplars;

    /// <summary>Reads the message that ends at <paramref name="end"/>; false where it is malformed.</summary>
    public bool TryRead(int end)
    {
        Message = "TimeSeries";
        var overview = Reader;
        if (!TryLookOver(ref overview, end))
        {
            Reader = overview;
            return false;
        }

        if (WhyNot(out var reason) is { } problem)
        {
            _into.Rejections.Add(reason, Math.Max(_samples, 1), problem);
            _into.Rejections.AddExemplars(ExemplarRejectReason.SeriesInvalid, _exemplars);
            Reader.SkipTo(end);
            return true;
        }

        _into.Batch.BeginSeries();
        for (var i = 0; i < _into.References.Count; i += 2)
        {
            _into.Batch.AddLabel(LabelOf(_into.References[i], _into.References[i + 1]));
        }

        return TryReadContents(end);
    }

    // Labels, start time, and how many samples and exemplars there are.
    private bool TryLookOver(ref ProtobufReader reader, int end)
    {
        _into.References.Clear();
        (_startTime, _samples, _exemplars) = (0, 0, 0);
        while (reader.Position < end)
        {
            if (!reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            switch (field)
            {
                case 1:
                    if (!TryReadReferences(ref reader, end, wireType))
                    {
                        return false;
                    }

                    continue;
                case 2 or 3:
                    _samples++;
                    break;
                case 4:
                    _exemplars++;
                    break;
                case 6 when wireType == ProtobufReader.Varint:
                    // Start time of all samples, as senders of the first drafts of the protocol give it.
                    if (!reader.TryReadVarint(end, out var start))
                    {
                        return false;
                    }

                    _startTime = (long)start;
                    continue;
                default:
                    break;
            }

            if (!reader.TrySkip(end, wireType))
            {
                return false;
            }
        }

        return true;
    }

    // Packed, or one by one, which is allowed too.
    private readonly bool TryReadReferences(ref ProtobufReader reader, int end, int wireType)
    {
        if (wireType == ProtobufReader.Varint)
        {
            if (!reader.TryReadVarint(end, out var single))
            {
                return false;
            }

            _into.References.Add((uint)single);
            return true;
        }

        if (!reader.Expect(wireType, ProtobufReader.Bytes) || !reader.TryReadLength(end, out var length))
        {
            return false;
        }

        var fieldEnd = reader.Position + length;
        while (reader.Position < fieldEnd)
        {
            if (!reader.TryReadVarint(fieldEnd, out var reference))
            {
                return false;
            }

            _into.References.Add((uint)reference);
        }

        return true;
    }

    private readonly string? WhyNot(out RejectReason reason)
    {
        reason = RejectReason.InvalidSymbols;
        var references = _into.References;
        if (references.Count % 2 != 0)
        {
            return "a series has a label name without a value";
        }

        foreach (var reference in references)
        {
            if (reference >= _into.Symbols.Count)
            {
                return $"a series refers to symbol {reference} of {_into.Symbols.Count}";
            }
        }

        reason = RejectReason.NoSamples;
        return _samples + _exemplars > 0 ? null : "a series has neither samples nor histograms nor exemplars";
    }

    private bool TryReadContents(int end)
    {
        while (Reader.Position < end)
        {
            Message = "TimeSeries";
            if (!Reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            if (field is < 2 or > 5)
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
                2 => TryReadSample(fieldEnd),
                3 => TryReadHistogram(fieldEnd),
                4 => TryReadExemplar(fieldEnd),
                _ => TryReadMetadata(fieldEnd),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadSample(int end)
    {
        Message = "Sample";
        double value = 0;
        ulong time = 0, start = 0;
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
                3 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out start),
                _ => Reader.TrySkip(end, wireType),
            };
            if (!read)
            {
                return false;
            }
        }

        _into.Batch.AddSample((long)time, value, DecodedWrite.StartOf(start != 0 ? (long)start : _startTime, (long)time));
        return true;
    }

    private bool TryReadHistogram(int end)
    {
        Message = "Histogram";
        if (!_into.Histogram.TryRead(ref Reader, end))
        {
            return false;
        }

        _into.AddHistogram(_startTime);
        return true;
    }

    private bool TryReadExemplar(int end)
    {
        Message = "Exemplar";
        var draft = _into.Exemplar;
        draft.Clear();
        _into.References.Clear();
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
                1 => TryReadReferences(ref Reader, end, wireType),
                2 => Reader.Expect(wireType, ProtobufReader.Fixed64) && Reader.TryReadDouble(end, out value),
                3 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out time),
                _ => Reader.TrySkip(end, wireType),
            };
            if (!read)
            {
                return false;
            }
        }

        (draft.Value, draft.Time) = (value, (long)time);
        var references = _into.References;
        draft.IsBroken = references.Count % 2 != 0;
        for (var i = 0; i + 1 < references.Count; i += 2)
        {
            if (references[i] < _into.Symbols.Count && references[i + 1] < _into.Symbols.Count)
            {
                draft.AddLabel(LabelOf(references[i], references[i + 1]));
            }
            else
            {
                draft.IsBroken = true;
            }
        }

        draft.AddTo(_into.Batch, _into.Rejections);
        return true;
    }

    private bool TryReadMetadata(int end)
    {
        Message = "Metadata";
        ulong type = 0, help = 0, unit = 0;
        while (Reader.Position < end)
        {
            if (!Reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            var read = field switch
            {
                1 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out type),
                3 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out help),
                4 => Reader.Expect(wireType, ProtobufReader.Varint) && Reader.TryReadVarint(end, out unit),
                _ => Reader.TrySkip(end, wireType),
            };
            if (!read)
            {
                return false;
            }
        }

        _families.Add(_data, type, help, unit);
        return true;
    }

    private readonly WriteLabel LabelOf(uint name, uint value)
    {
        var (n, v) = (_into.Symbols[(int)name], _into.Symbols[(int)value]);
        return new WriteLabel(n.Offset, n.Length, v.Offset, v.Length);
    }
}
