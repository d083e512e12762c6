using Deucalion.Common.IO;

namespace Deucalion.Common.Objects;

/// <summary>Bytes of a file as the body of a request; it may be read again from its start. The file stays its opener's.</summary>
internal sealed class FilePart(IDiskFile file, long offset, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, length);
    }

    public override int Read(byte[] buffer, int bufferOffset, int count) => Read(buffer.AsSpan(bufferOffset, count));

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
        {
            return 0;
        }

        var read = file.Read(offset + _position, buffer[..wanted]);
        if (read == 0)
        {
            throw new IOException($"{file.Path} became shorter while it was stored");
        }

        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int bufferOffset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(bufferOffset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long to, SeekOrigin origin) =>
        Position = origin switch { SeekOrigin.Begin => to, SeekOrigin.Current => _position + to, _ => length + to };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int bufferOffset, int count) => throw new NotSupportedException();
}
