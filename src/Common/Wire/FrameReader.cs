using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Deucalion.Common.Wire;

/// <summary>
/// Takes messages out of a stream of frames: a flag (0; 1 would mean compressed), the length as four bytes big-endian, the payload. Small messages
/// share a read; payloads of larger ones are read in place. One read at a time; disposing may happen during one. Wrong frames are
/// <see cref="WireException"/>, failures of the stream pass through; buffers of a read that failed are left to the collector.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    public const int HeaderLength = 5;

    private const int ReadAhead = 16 << 10;

    // A length is a claim: larger buffers grow with what has really come.
    private const int FirstBuffer = 256 << 10;

    private const int Idle = 0;
    private const int Reading = 1;
    private const int Disposed = 2;

    private readonly Stream _stream;
    private readonly int _maxMessageSize;
    private readonly byte[] _ahead = ArrayPool<byte>.Shared.Rent(ReadAhead);
    private int _start;
    private int _end;
    private int _state;

    public FrameReader(Stream stream, int maxMessageSize)
    {
        _stream = stream;
        _maxMessageSize = maxMessageSize;
    }

    /// <summary>The next message in a pooled buffer; null at the end of the stream.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WireMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (!await FillHeaderAsync(cancellationToken))
            {
                return null;
            }

            var length = TakeHeader();
            return new WireMessage(length == 0 ? [] : await ReadPayloadAsync(length, pooled: true, cancellationToken), length);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The only message of the stream, in an array of its own; null where the stream is empty, and a second message is an error.</summary>
    public async ValueTask<byte[]?> ReadSingleAsync(CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (!await FillHeaderAsync(cancellationToken))
            {
                return null;
            }

            var length = TakeHeader();
            var message = length == 0 ? [] : await ReadPayloadAsync(length, pooled: false, cancellationToken);
            return await FillHeaderAsync(cancellationToken) ? throw new WireException(WireStatus.Internal, "more than one message where one was expected") : message;
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, Disposed) == Idle)
        {
            ArrayPool<byte>.Shared.Return(_ahead);
        }
    }

    private void Enter()
    {
        var before = Interlocked.CompareExchange(ref _state, Reading, Idle);
        ObjectDisposedException.ThrowIf(before == Disposed, this);
        if (before == Reading)
        {
            throw new InvalidOperationException("a call is received from once at a time");
        }
    }

    private void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Reading) == Disposed)
        {
            ArrayPool<byte>.Shared.Return(_ahead);
        }
    }

    /// <summary>Reads until a header is there; false where the stream ends before its first byte.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillHeaderAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < HeaderLength)
        {
            if (_start > 0)
            {
                _ahead.AsSpan(_start, _end - _start).CopyTo(_ahead);
                _end -= _start;
                _start = 0;
            }

            var read = await _stream.ReadAsync(_ahead.AsMemory(_end, ReadAhead - _end), cancellationToken);
            if (read == 0)
            {
                return _end == 0 ? false : throw Truncated();
            }

            _end += read;
        }

        return true;
    }

    private int TakeHeader()
    {
        var flag = _ahead[_start];
        if (flag != 0)
        {
            throw flag == 1
                ? new WireException(WireStatus.Unimplemented, "the message is compressed; only uncompressed messages are taken")
                : new WireException(WireStatus.Internal, $"a frame begins with {flag}");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_ahead.AsSpan(_start + 1));
        if (length > (uint)_maxMessageSize)
        {
            throw new WireException(WireStatus.ResourceExhausted, $"the message has {length} bytes, at most {_maxMessageSize} are taken");
        }

        _start += HeaderLength;
        return (int)length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<byte[]> ReadPayloadAsync(int length, bool pooled, CancellationToken cancellationToken)
    {
        var buffer = NewBuffer(Math.Min(length, FirstBuffer), length, pooled);
        var filled = Math.Min(length, _end - _start);
        _ahead.AsSpan(_start, filled).CopyTo(buffer);
        _start += filled;
        while (filled < length)
        {
            if (filled == buffer.Length)
            {
                var larger = NewBuffer((int)Math.Min(2L * filled, length), length, pooled);
                buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var read = await _stream.ReadAsync(buffer.AsMemory(filled, Math.Min(buffer.Length, length) - filled), cancellationToken);
            filled += read > 0 ? read : throw Truncated();
        }

        return pooled || buffer.Length == length ? buffer : Exact(buffer, length);
    }

    private static byte[] NewBuffer(int size, int length, bool pooled) =>
        pooled || size < length ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static byte[] Exact(byte[] rented, int length)
    {
        var exact = rented.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(rented);
        return exact;
    }

    private static WireException Truncated() => new(WireStatus.Internal, "the stream ended within a message");
}
