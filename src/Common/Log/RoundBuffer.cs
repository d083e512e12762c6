using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>The records of one commit round as they will stand in the file, with who waits for them. Filled under the journal's lock, written by its thread.</summary>
internal sealed class RoundBuffer
{
    private const int InitialBytes = 1 << 18;
    private const int KeptBytes = 16 << 20;

    private readonly List<Waiter> _waiters = [];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);

    public int Length { get; private set; } = JournalFormat.RoundHeaderLength;

    public IReadOnlyList<Waiter> Waiters => _waiters;

    public void Add(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, in Waiter waiter)
    {
        var end = Length + header.Length + payload.Length;
        if (end > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(end, _bytes.Length * 2));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        header.CopyTo(_bytes.AsSpan(Length));
        payload.CopyTo(_bytes.AsSpan(Length + header.Length));
        Length = end;
        _waiters.Add(waiter);
    }

    /// <summary>Writes the round's header; returns the whole round.</summary>
    public ReadOnlySpan<byte> Seal(uint tag, JournalPosition position, JournalPosition mark, uint flags)
    {
        var body = _bytes.AsSpan(JournalFormat.RoundHeaderLength, Length - JournalFormat.RoundHeaderLength);
        var header = new RoundHeader(tag, position, mark, body.Length, _waiters.Count, flags, Crc32C.Compute(body));
        JournalFormat.WriteRoundHeader(_bytes, header);
        return _bytes.AsSpan(0, Length);
    }

    public void Clear()
    {
        _waiters.Clear();
        Length = JournalFormat.RoundHeaderLength;
        if (_bytes.Length > KeptBytes)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);
        }
    }

    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <summary>Who waits for a record.</summary>
    internal readonly record struct Waiter(IJournalCompletion Completion, PartitionId Partition, long Term, long Seq, RecordKind Kind);
}
