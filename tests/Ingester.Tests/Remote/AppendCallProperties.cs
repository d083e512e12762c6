using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Remote;
using Google.Protobuf;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class AppendCallProperties
{
    [Fact]
    public void ReadsBackWhatWasWritten_ForSharesOfRandomBatches()
    {
        var random = new Random(1);
        using var batch = new WriteBatch();
        using var writer = new AppendCallWriter();
        using var decoded = new DecodedAppend();
        for (var round = 0; round < 500; round++)
        {
            RandomBatches.Fill(batch, random);
            var request = RandomBatches.Request(batch, random);
            var partition = new PartitionId(random.Next(300));
            var call = writer.Write(partition, request, Whole(request));
            decoded.Read(random.Next(2) == 0 ? call : Shifted(call, random.Next(9)));
            Assert.Equal(partition, decoded.Partition);
            Assert.Equal(request.WithMetadata, decoded.WithMetadata);
            Assert.Equal(
                RandomBatches.Describe(request.Tenant, batch, request.Series.Span, request.Hashes.Span, request.WithMetadata),
                RandomBatches.Describe(decoded.Tenant, decoded.Batch, decoded.Series.Span, decoded.Hashes.Span, decoded.WithMetadata));
        }
    }

    [Fact]
    public void IsWhatTheContractSays()
    {
        var random = new Random(2);
        using var batch = new WriteBatch();
        using var writer = new AppendCallWriter();
        using var decoded = new DecodedAppend();
        for (var round = 0; round < 100; round++)
        {
            RandomBatches.Fill(batch, random);
            var request = RandomBatches.Request(batch, random);
            var parsed = AppendCall.Parser.ParseFrom(writer.Write(new PartitionId(3), request, Whole(request)).Span);
            Assert.Equal(8 * request.Series.Length, parsed.Hashes.Length);

            // With what a later version may add, before and behind.
            byte[] newer = [0x98, 0x06, 1, .. parsed.ToByteArray(), 0xA2, 0x06, 2, 7, 7];
            decoded.Read(newer);
            Assert.Equal(
                RandomBatches.Describe(request.Tenant, batch, request.Series.Span, request.Hashes.Span, request.WithMetadata),
                RandomBatches.Describe(decoded.Tenant, decoded.Batch, decoded.Series.Span, decoded.Hashes.Span, decoded.WithMetadata));
        }
    }

    [Fact]
    public void SendsNoTextTwice_WhenNeighboursShareIt()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        for (var s = 0; s < 1000; s++)
        {
            batch.BeginSeries();
            foreach (var (name, value) in new[] { ("__name__", "http_requests_total"), ("instance", "host.example.org:9100"), ("job", "node"), ("path", "/" + s) })
            {
                var (n, v) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
                batch.AddLabel(new WriteLabel(batch.AddText(n), n.Length, batch.AddText(v), v.Length));
            }

            batch.AddSample(s, s);
        }

        using var writer = new AppendCallWriter();
        var parsed = AppendCall.Parser.ParseFrom(writer.Write(new PartitionId(1), All(batch), Whole(All(batch))).Span);
        Assert.Equal("__name__http_requests_totalinstancehost.example.org:9100jobnodepath" + string.Concat(Enumerable.Range(0, 1000).Select(static s => "/" + s.ToString(CultureInfo.InvariantCulture))), parsed.Text.ToStringUtf8());
    }

    [Fact]
    public void AllocatesNextToNothing_OnceTheColumnsHaveGrown()
    {
        var random = new Random(5);
        using var batch = new WriteBatch();
        while (batch.Series.Length < 20)
        {
            RandomBatches.Fill(batch, random);
        }

        var request = All(batch);
        using var writer = new AppendCallWriter();
        using var decoded = new DecodedAppend();
        Once();
        Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Once();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);

        void Once() => decoded.Read(writer.Write(new PartitionId(1), request, Whole(request)));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(200)]
    [InlineData(60)]
    public void IsSentInParts_WhenLarge_EachSampleOnce(int maxBytes)
    {
        var random = new Random(6);
        using var batch = new WriteBatch();
        using var writer = new AppendCallWriter();
        using var decoded = new DecodedAppend();
        int split = 0, sliced = 0;
        for (var round = 0; round < 200; round++)
        {
            RandomBatches.Fill(batch, random);
            var request = RandomBatches.Request(batch, random);
            var text = new StringBuilder();
            var parts = AppendPart.Of(request, maxBytes);
            foreach (var part in parts)
            {
                var call = writer.Write(new PartitionId(3), request, part);
                var isSingle = part.Slice is { } slice && slice.SampleCount + slice.HistogramCount + slice.ExemplarCount <= 1;
                Assert.True(isSingle || part.WithMetadata || call.Length < maxBytes + 200, $"{part} in {call.Length} bytes");
                decoded.Read(call);
                Assert.Equal(part.WithMetadata, decoded.WithMetadata);
                var said = RandomBatches.Describe(decoded.Tenant, decoded.Batch, decoded.Series.Span, decoded.Hashes.Span, decoded.WithMetadata)[(request.Tenant.Value.Length + 1)..];
                if (part.Slice is { FirstSample: > 0 } or { FirstHistogram: > 0 } or { FirstExemplar: > 0 })
                {
                    // It goes on where the last call ended, behind the same labels.
                    text.Length -= Environment.NewLine.Length;
                    said = said[(said.IndexOf('}', StringComparison.Ordinal) + 1)..];
                    sliced++;
                }

                text.Append(said);
            }

            split += parts.Count > 1 ? 1 : 0;
            Assert.Equal(request.WithMetadata, parts.Any(static x => x.WithMetadata));
            Assert.Equal(
                RandomBatches.Describe(request.Tenant, batch, request.Series.Span, request.Hashes.Span, request.WithMetadata)[(request.Tenant.Value.Length + 1)..], text.ToString());
        }

        Assert.InRange(split, 20, 200);
        Assert.True(maxBytes >= 1000 || sliced > 20, $"{sliced} parts of series");
    }

    private static AppendPart Whole(AppendRequest request) => new(0, request.Series.Length, request.WithMetadata);

    private static AppendRequest All(WriteBatch batch) => new()
    {
        Tenant = TenantId.Anonymous,
        Batch = batch,
        Series = Enumerable.Range(0, batch.Series.Length).ToArray(),
        Hashes = new ulong[batch.Series.Length],
        WithMetadata = false,
    };

    private static ReadOnlyMemory<byte> Shifted(ReadOnlyMemory<byte> bytes, int by)
    {
        var shifted = new byte[bytes.Length + by];
        bytes.CopyTo(shifted.AsMemory(by));
        return shifted.AsMemory(by);
    }
}
