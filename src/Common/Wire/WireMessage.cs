using System.Buffers;

namespace Deucalion.Common.Wire;

/// <summary>
/// A message as it was received, in a pooled buffer. Its one owner disposes it once and reads nothing of it after that; not disposing it costs an
/// allocation later, nothing else.
/// </summary>
public readonly struct WireMessage : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    internal WireMessage(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    /// <summary>The bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Payload => _buffer.AsMemory(0, _length);

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer is { Length: > 0 })
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
