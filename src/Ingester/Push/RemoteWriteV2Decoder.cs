using Deucalion.Common.Protobuf;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Decodes an io.prometheus.write.v2.Request as <see cref="RemoteWriteDecoder"/> does the older message: symbols are ranges of the request's own
/// buffer. The table of symbols is read first, wherever it stands. A series whose references point nowhere is left out and counted; the rest stays.
/// </summary>
internal static class RemoteWriteV2Decoder
{
    private const int SymbolField = 4;
    private const int SeriesField = 5;

    /// <summary>Decodes the first <paramref name="length"/> bytes of the buffer, which must stay unchanged while the batch is in use.</summary>
    public static bool TryDecode(byte[] buffer, int length, DecodedWrite into, out RemoteWriteDecodeError error)
    {
        into.Reset(buffer, length);
        var symbols = new ProtobufReader(buffer.AsSpan(0, length));
        if (!TryReadSymbols(ref symbols, length, into))
        {
            error = new RemoteWriteDecodeError(symbols.Error ?? "malformed field", "Request", symbols.ErrorOffset);
            return false;
        }

        if (into.Symbols.Count > 0 && into.Symbols[0].Length > 0)
        {
            error = new RemoteWriteDecodeError("first symbol is not empty", "Request", into.Symbols[0].Offset);
            return false;
        }

        var series = new RemoteWriteV2SeriesReader(buffer.AsSpan(0, length), into);
        if (!TryReadAllSeries(ref series, length))
        {
            error = new RemoteWriteDecodeError(series.Reader.Error ?? "malformed field", series.Message, series.Reader.ErrorOffset);
            return false;
        }

        error = default;
        return true;
    }

    private static bool TryReadSymbols(ref ProtobufReader reader, int end, DecodedWrite into)
    {
        while (reader.Position < end)
        {
            if (!reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            if (field != SymbolField)
            {
                if (!reader.TrySkip(end, wireType))
                {
                    return false;
                }

                continue;
            }

            if (!reader.Expect(wireType, ProtobufReader.Bytes) || !reader.TryReadRange(end, out var offset, out var length))
            {
                return false;
            }

            into.Symbols.Add(new TextRange(offset, length));
        }

        return true;
    }

    private static bool TryReadAllSeries(ref RemoteWriteV2SeriesReader series, int end)
    {
        while (series.Reader.Position < end)
        {
            series.Message = "Request";
            if (!series.Reader.TryReadTag(end, out var field, out var wireType))
            {
                return false;
            }

            var read = field == SeriesField
                ? series.Reader.Expect(wireType, ProtobufReader.Bytes) && series.Reader.TryReadLength(end, out var n) && series.TryRead(series.Reader.Position + n)
                : series.Reader.TrySkip(end, wireType);
            if (!read)
            {
                return false;
            }
        }

        return true;
    }
}
