using System.Buffers;
using System.Buffers.Text;

namespace Deucalion.Querier.Json;

/// <summary>
/// JSON text as UTF-8 in a pooled buffer that grows as needed. Its owner sends what is there and calls <see cref="Clear"/> whenever
/// <see cref="IsFull"/> says so. Not thread-safe.
/// </summary>
internal sealed class JsonOutput : IDisposable
{
    /// <summary>Bytes after which the buffer should be sent: large enough to make writes rare, small enough to stay in the cache.</summary>
    public const int FullLength = 128 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FullLength + (32 * 1024));
    private int _length;

    /// <summary>Cancelled when nobody waits for the text any more; looked at within long series.</summary>
    public CancellationToken Abandoned { get; init; }

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Whether it is time to send.</summary>
    public bool IsFull => _length >= FullLength;

    /// <summary>Forgets what was written, keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Room for at least <paramref name="size"/> bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_buffer.Length - _length < size)
        {
            Grow(size);
        }

        return _buffer.AsSpan(_length);
    }

    /// <summary>Keeps <paramref name="count"/> bytes of the room reserved last.</summary>
    public void Advance(int count) => _length += count;

    /// <summary>Appends bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Appends one byte.</summary>
    public void Raw(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    /// <summary>Appends a string as a JSON string in which <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c> are escaped.</summary>
    public void String(ReadOnlySpan<char> text) => JsonText.Write(this, text, html: true);

    /// <summary>Appends a label's name or value as a JSON string.</summary>
    public void LabelString(ReadOnlySpan<char> text) => JsonText.Write(this, text, html: false);

    /// <summary>Appends a property name of ASCII letters, with its colon.</summary>
    public void Key(ReadOnlySpan<byte> name)
    {
        var room = Reserve(name.Length + 3);
        room[0] = (byte)'"';
        name.CopyTo(room[1..]);
        room[name.Length + 1] = (byte)'"';
        room[name.Length + 2] = (byte)':';
        _length += name.Length + 3;
    }

    /// <summary>Appends an integer.</summary>
    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, Reserve(20), out var written);
        _length += written;
    }

    /// <summary>Appends a float as Go's encoding/json prints it.</summary>
    public void Number(double value)
    {
        _length += SampleText.WriteJsonFloat(Reserve(SampleText.MaxFloatLength), value);
    }

    /// <summary>Appends <c>true</c> or <c>false</c>.</summary>
    public void Bool(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + size));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
