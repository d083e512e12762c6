using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Deucalion.Ingester.Remote;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class DeleteTenantCodecTests
{
    private static readonly PartitionId[] Partitions = [new(0), new(7), new(255), new(3)];

    [Fact]
    public void ACallIsReadAsItWasWritten()
    {
        var (tenant, partitions) = DeleteTenantCodec.ReadCall(DeleteTenantCodec.WriteCall(TenantId.Anonymous, Partitions));
        Assert.Equal(TenantId.Anonymous, tenant);
        Assert.Equal(Partitions, partitions);
    }

    [Fact]
    public void AnAnswerIsReadAsItWasWritten_AndWhatItLeavesOutIsAFailure()
    {
        var done = new PartitionOutcome(Partitions[0], null, new DeletedData(true, 5, 6, 7));
        var failed = new PartitionOutcome(Partitions[1], "its disk is full");
        var elsewhere = new PartitionOutcome(Partitions[2], "not here") { IsElsewhere = true };
        var read = DeleteTenantCodec.ReadAnswer(DeleteTenantCodec.WriteAnswer([failed, done, elsewhere]), Partitions);
        Assert.Equal([done, failed, elsewhere, new PartitionOutcome(Partitions[3], "the node's answer does not name it")], read);
    }

    [Theory]
    [InlineData("0a03612062")]
    [InlineData("0a016110ffffffffffffffffff01")]
    [InlineData("0aff")]
    public void CallsThatAreNoneAreRefused(string hex) => Assert.Throws<RemoteFormatException>(() => DeleteTenantCodec.ReadCall(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("0aff")]
    [InlineData("0a0b20ffffffffffffffffff01")]
    [InlineData("0a033a01ff")]
    public void AnswersThatAreNoneAreRefused(string hex) => Assert.Throws<RemoteFormatException>(() => DeleteTenantCodec.ReadAnswer(Convert.FromHexString(hex), Partitions));
}
