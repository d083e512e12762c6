using Deucalion.Common.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class FrameReaderFuzz
{
    [Fact]
    public async Task OnlyTypedFailuresCome_WhenBytesAreRandomOrDamaged()
    {
        var whole = 0;
        var refused = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = await MakeAsync(random);
            using var reader = new FrameReader(new PieceStream(bytes, random), 5000);
            long taken = 0;
            try
            {
                while (await reader.ReadAsync(default) is { } message)
                {
                    taken += FrameReader.HeaderLength + message.Payload.Length;
                    message.Dispose();
                }

                Assert.Equal(bytes.Length, taken);
                whole++;
            }
            catch (WireException failure)
            {
                Assert.True(failure.Status is WireStatus.Internal or WireStatus.Unimplemented or WireStatus.ResourceExhausted, $"seed {seed}: {failure}");
                Assert.True(taken < bytes.Length, $"seed {seed}");
                refused++;
            }
        }

        // Both happen often, or the test says little.
        Assert.True(whole > 1000 && refused > 1000, $"{whole} whole, {refused} refused");
    }

    private static async Task<byte[]> MakeAsync(Random random)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(100)];
            random.NextBytes(noise);
            return noise;
        }

        using var written = new MemoryStream();
        for (var i = random.Next(6); i > 0; i--)
        {
            var message = new byte[random.Next(3) == 0 ? random.Next(6000) : random.Next(50)];
            random.NextBytes(message);
            await FrameWriter.WriteAsync(written, message, int.MaxValue, default);
        }

        var bytes = written.ToArray();
        for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }
}
