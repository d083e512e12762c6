using Deucalion.Common.Wire;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

/// <summary>Measures the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(WireAllocationTests), DisableParallelization = true)]
[Collection(nameof(WireAllocationTests))]
public sealed class WireAllocationTests
{
    private const string Method = "/deucalion.v1.Test/Talk";

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task AMessageCostsFarLessThanItself_WhenManyGoThroughAStream(int length)
    {
        await using var host = await WireHost.StartAsync(static e => e.MapWireStream(Method, static async (_, stream, cancellationToken) =>
        {
            while (await stream.ReceiveAsync(cancellationToken) is { } message)
            {
                using (message)
                {
                    await stream.SendAsync(message.Payload, cancellationToken);
                }
            }
        }));
        using var channel = new WireChannel(host.Address, new WireClientOptions());
        await using var stream = await channel.OpenAsync(Method, default);
        var request = new byte[length];
        await ExchangeAsync(stream, request, 500);
        var before = GC.GetTotalAllocatedBytes();

        await ExchangeAsync(stream, request, 2000);

        var each = (GC.GetTotalAllocatedBytes() - before) / 2000.0;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:F0} bytes for each message there and back");
        Assert.True(each < 3000, $"{each:F0} bytes for each message there and back");
    }

    private static async Task ExchangeAsync(IWireStream stream, byte[] request, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await stream.SendAsync(request, default);
            using var answer = (await stream.ReceiveAsync(default))!.Value;
            Assert.Equal(request.Length, answer.Payload.Length);
        }
    }
}
