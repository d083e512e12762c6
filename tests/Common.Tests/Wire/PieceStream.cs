namespace Deucalion.Common.Tests.Wire;

/// <summary>Bytes that arrive in pieces of random length, some at once and some later.</summary>
internal sealed class PieceStream(byte[] bytes, Random random) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (random.Next(4) == 0)
        {
            await Task.Yield();
        }

        var count = Math.Min(bytes.Length - _position, Math.Min(buffer.Length, random.Next(3) == 0 ? random.Next(1, 4) : random.Next(1, 100_000)));
        bytes.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
