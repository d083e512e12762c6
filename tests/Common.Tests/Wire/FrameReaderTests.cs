using Deucalion.Common.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class FrameReaderTests
{
    [Fact]
    public async Task MessagesAreTaken_WhenStreamComesInAnyPieces()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var messages = Enumerable.Range(0, 20).Select(_ => Bytes(random, random.Next(10) == 0 ? random.Next(1_500_000) : random.Next(200))).ToList();
            using var written = new MemoryStream();
            foreach (var message in messages)
            {
                await FrameWriter.WriteAsync(written, message, int.MaxValue, default);
            }

            using var reader = new FrameReader(new PieceStream(written.ToArray(), random), 2_000_000);
            foreach (var expected in messages)
            {
                using var message = (await reader.ReadAsync(default))!.Value;
                Assert.True(message.Payload.Span.SequenceEqual(expected));
            }

            Assert.Null(await reader.ReadAsync(default));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(524_288)]
    [InlineData(1_000_000)]
    public async Task SingleMessageIsExact_WhenReadAlone(int length)
    {
        var expected = Bytes(new Random(length), length);
        using var written = new MemoryStream();
        await FrameWriter.WriteAsync(written, expected, int.MaxValue, default);
        using var reader = new FrameReader(new PieceStream(written.ToArray(), new Random(1)), int.MaxValue);

        Assert.Equal(expected, await reader.ReadSingleAsync(default));
    }

    [Fact]
    public async Task NoMemoryIsTaken_WhenLengthIsOnlyClaimed()
    {
        // 1 GiB is announced, nothing follows.
        byte[] claim = [0, 0x40, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = new FrameReader(new MemoryStream(claim), int.MaxValue);

        var failure = await Assert.ThrowsAsync<WireException>(async () => await reader.ReadAsync(default));

        Assert.Equal(WireStatus.Internal, failure.Status);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000);
    }

    [Fact]
    public async Task SecondReadIsRefused_WhenOneIsUnderWay()
    {
        var waiting = new System.IO.Pipelines.Pipe();
        var reader = new FrameReader(waiting.Reader.AsStream(), 1000);
        var first = reader.ReadAsync(default).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.ReadAsync(default));

        reader.Dispose();
        await waiting.Writer.CompleteAsync();
        Assert.Null(await first);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader.ReadAsync(default));
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
