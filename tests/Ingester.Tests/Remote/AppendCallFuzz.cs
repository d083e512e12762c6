using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Remote;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class AppendCallFuzz
{
    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheBytes()
    {
        var random = new Random(21);
        using var batch = new WriteBatch();
        using var writer = new AppendCallWriter();
        using var decoded = new DecodedAppend();
        int read = 0, refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            RandomBatches.Fill(batch, random);
            var bytes = Damage.To(random, Write(writer, RandomBatches.Request(batch, random)));
            try
            {
                decoded.Read(bytes);

                // What was taken can be read whole.
                _ = RandomBatches.Describe(decoded.Tenant, decoded.Batch, decoded.Series.Span, decoded.Hashes.Span, decoded.WithMetadata);
                read++;
            }
            catch (RemoteFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheBytesOfAnAnswer()
    {
        var random = new Random(22);
        int read = 0, refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            try
            {
                AppendAnswerCodec.Read(Damage.To(random, AppendAnswerTests.Any(random)), new Rejections());
                read++;
            }
            catch (RemoteFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static byte[] Write(AppendCallWriter writer, AppendRequest request) => writer.Write(new PartitionId(1), request, AppendPart.Of(request).Single()).ToArray();
}
