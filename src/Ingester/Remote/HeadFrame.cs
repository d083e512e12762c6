using System.Text;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Protobuf;
using Google.Protobuf;
using Labels = Deucalion.Common.Labels.Labels;

namespace Deucalion.Ingester.Remote;

/// <summary>A <c>HeadReadFrame</c> as it was received: columns are parts of its bytes, symbols those of the stream so far.</summary>
internal readonly ref struct HeadFrame
{
    /// <summary>Ranges that <see cref="Read"/> fills.</summary>
    public const int Fields = HeadReadFrame.EndFieldNumber + 1;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<(int Offset, int Length)> _ranges;
    private readonly List<string> _symbols;

    private HeadFrame(ReadOnlySpan<byte> bytes, ReadOnlySpan<(int Offset, int Length)> ranges, List<string> symbols)
    {
        _bytes = bytes;
        _ranges = ranges;
        _symbols = symbols;
    }

    /// <summary>Whose contents these are; null: nobody's.</summary>
    public int? Partition { get; private init; }

    /// <summary>Whether the first series is the last one of the frame before.</summary>
    public bool IsContinued { get; private init; }

    /// <summary>The hand-overs, where there are any.</summary>
    public List<HandOver>? HandOvers { get; private init; }

    /// <summary>Whether this is the last frame.</summary>
    public bool IsEnd => _ranges[HeadReadFrame.EndFieldNumber].Offset > 0;

    /// <summary>The end, in the last frame.</summary>
    public HeadReadEnd End => Parse(HeadReadEnd.Parser, Bytes(HeadReadFrame.EndFieldNumber));

    /// <summary>The figures, where the frame has them.</summary>
    public HeadFiguresBody? Figures => _ranges[HeadReadFrame.FiguresFieldNumber].Offset == 0 ? null : Parse(HeadFiguresBody.Parser, Bytes(HeadReadFrame.FiguresFieldNumber));

    /// <summary>Reads a frame; its new texts are added to <paramref name="symbols"/>.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="ranges">Room for <see cref="Fields"/> ranges, in use as long as the frame.</param>
    /// <param name="symbols">Texts of the stream.</param>
    /// <exception cref="RemoteFormatException">The bytes are no frame.</exception>
    public static HeadFrame Read(ReadOnlySpan<byte> bytes, Span<(int Offset, int Length)> ranges, List<string> symbols)
    {
        ranges.Clear();
        var reader = new ProtobufReader(bytes);
        ulong? partition = null;
        ulong continued = 0;
        List<HandOver>? handOvers = null;
        while (reader.Position < bytes.Length && reader.TryReadTag(bytes.Length, out var field, out var wireType))
        {
            var read = field switch
            {
                HeadReadFrame.PartitionFieldNumber => TryReadNumber(ref reader, bytes.Length, wireType, out partition),
                HeadReadFrame.IsContinuedFieldNumber => reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(bytes.Length, out continued),
                < Fields => reader.Expect(wireType, ProtobufReader.Bytes) && reader.TryReadRange(bytes.Length, out ranges[field].Offset, out ranges[field].Length),
                _ => reader.TrySkip(bytes.Length, wireType),
            };
            if (!read)
            {
                break;
            }

            if (field == HeadReadFrame.HandOversFieldNumber)
            {
                (handOvers ??= []).Add(Parse(HandOver.Parser, bytes.Slice(ranges[field].Offset, ranges[field].Length)));
            }
        }

        if (reader.Error is { } error)
        {
            throw new RemoteFormatException($"a frame of a read is malformed at byte {reader.ErrorOffset}: {error}");
        }

        if (partition > int.MaxValue)
        {
            throw new RemoteFormatException($"a frame of a read is of partition {partition}");
        }

        var frame = new HeadFrame(bytes, ranges, symbols) { Partition = (int?)partition, IsContinued = continued != 0, HandOvers = handOvers };
        frame.AddSymbols();
        return frame;
    }

    /// <summary>A column.</summary>
    public Column Column(int field) => new(Bytes(field));

    /// <summary>The bytes of a column.</summary>
    public ReadOnlySpan<byte> Bytes(int field) => _bytes.Slice(_ranges[field].Offset, _ranges[field].Length);

    /// <summary>The text of a number.</summary>
    public string Symbol(int number) => (uint)number < (uint)_symbols.Count ? _symbols[number] : throw new RemoteFormatException($"symbol {number} of {_symbols.Count}");

    /// <summary>A label set of so many labels that begins at a place of a column, which is moved behind it.</summary>
    public Labels LabelSet(Column labels, ref int at, int count)
    {
        var pairs = new string[2 * count];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = Symbol(labels.Int32((2 * at) + i));
        }

        at += count;
        return Labels.FromSortedPairs(pairs);
    }

    private static bool TryReadNumber(ref ProtobufReader reader, int end, int wireType, out ulong? number)
    {
        ulong value = 0;
        var read = reader.Expect(wireType, ProtobufReader.Varint) && reader.TryReadVarint(end, out value);
        number = value;
        return read;
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes)
        where T : IMessage<T> => RemoteMessage.Parse(parser, bytes, "a frame of a read");

    private void AddSymbols()
    {
        var text = Bytes(HeadReadFrame.TextFieldNumber);
        var lengths = Column(HeadReadFrame.SymbolLengthsFieldNumber);
        var count = lengths.Count(sizeof(int), "symbol_lengths");
        if (lengths.Sum("symbol_lengths") != text.Length)
        {
            throw new RemoteFormatException($"symbols of another length than the text's {text.Length} bytes");
        }

        for (var i = 0; i < count; i++)
        {
            var length = lengths.Int32(i);
            _symbols.Add(Encoding.UTF8.GetString(text[..length]));
            text = text[length..];
        }
    }
}
