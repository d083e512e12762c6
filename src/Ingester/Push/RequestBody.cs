namespace Deucalion.Ingester.Push;

/// <summary>How reading a body ended.</summary>
internal enum RequestBodyResult
{
    /// <summary>Read whole.</summary>
    Read,

    /// <summary>Longer than allowed.</summary>
    TooLarge,

    /// <summary>The budget of bytes in flight is used up.</summary>
    NoRoom,
}

/// <summary>A request's body in pooled memory, and all that the request holds of the budget; <see cref="Dispose"/> gives both back. One owner.</summary>
internal sealed class RequestBody(InFlightBudget budget) : IDisposable
{
    private const int FirstSize = 64 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private long _taken;

    /// <summary>What was read.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _length);

    /// <summary>Takes more of the budget for this request.</summary>
    public bool TryTake(long bytes)
    {
        if (!budget.TryTake(bytes))
        {
            return false;
        }

        _taken += bytes;
        return true;
    }

    /// <summary>Reads to the end, holding memory only as bytes arrive where the length is not stated.</summary>
    public async ValueTask<RequestBodyResult> ReadAsync(Stream stream, long? statedLength, int maxLength, CancellationToken cancellationToken)
    {
        // One byte more than stated or allowed shows the end, or the excess, without growing.
        var size = (int)Math.Min(statedLength ?? FirstSize, maxLength) + 1;
        while (true)
        {
            if (!TryTake(Math.Max(0, size - _buffer.Length)))
            {
                return RequestBodyResult.NoRoom;
            }

            Grow(size);
            while (_length < size)
            {
                var read = await stream.ReadAsync(_buffer.AsMemory(_length, size - _length), cancellationToken);
                if (read == 0)
                {
                    return RequestBodyResult.Read;
                }

                _length += read;
            }

            if (_length > maxLength)
            {
                return RequestBodyResult.TooLarge;
            }

            size = (int)Math.Min(size * 2L, maxLength + 1L);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            PushBuffers.Pool.Return(_buffer);
            _buffer = [];
        }

        _length = 0;
        budget.Exit(_taken);
        _taken = 0;
    }

    private void Grow(int size)
    {
        if (size <= _buffer.Length)
        {
            return;
        }

        var larger = PushBuffers.Pool.Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            PushBuffers.Pool.Return(_buffer);
        }

        _buffer = larger;
    }
}
