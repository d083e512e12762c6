using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Google.Protobuf;

namespace Deucalion.Ingester.Remote;

/// <summary>Calls to delete a tenant and their answers, as protobuf. What is malformed is <see cref="RemoteFormatException"/>.</summary>
internal static class DeleteTenantCodec
{
    private const string What = "a message about the deletion of a tenant";

    public static byte[] WriteCall(TenantId tenant, IEnumerable<PartitionId> partitions)
    {
        var call = new DeleteTenantCall { Tenant = tenant.Value };
        call.Partitions.AddRange(partitions.Select(static partition => partition.Value));
        return call.ToByteArray();
    }

    public static (TenantId Tenant, IReadOnlyList<PartitionId> Partitions) ReadCall(ReadOnlySpan<byte> bytes)
    {
        var call = RemoteMessage.Parse(DeleteTenantCall.Parser, bytes, What);
        return !TenantId.TryParse(call.Tenant, out var tenant, out var error) ? throw new RemoteFormatException(error)
            : call.Partitions.Any(static partition => partition < 0) ? throw new RemoteFormatException("a partition has a negative number")
            : (tenant, [.. call.Partitions.Distinct().Select(static partition => new PartitionId(partition))]);
    }

    public static byte[] WriteAnswer(IEnumerable<PartitionOutcome> outcomes)
    {
        var answer = new DeleteTenantAnswer();
        foreach (var outcome in outcomes)
        {
            var deletion = new PartitionDeletion
            {
                Partition = outcome.Partition.Value,
                Failure = outcome.Failure ?? string.Empty,
                WasKnown = outcome.Deleted.WasKnown,
                Series = outcome.Deleted.Series,
                Blocks = outcome.Deleted.Blocks,
                Bytes = outcome.Deleted.Bytes,
            };
            if (outcome.IsElsewhere)
            {
                deletion.NotPrimary = RemoteMessage.WriteEntry(outcome.KnownEntry);
            }

            answer.Partitions.Add(deletion);
        }

        return answer.ToByteArray();
    }

    /// <summary>The outcomes for the partitions that were asked for; one that the answer does not name is a failure.</summary>
    public static IReadOnlyList<PartitionOutcome> ReadAnswer(ReadOnlySpan<byte> bytes, IReadOnlyList<PartitionId> partitions)
    {
        var outcomes = new Dictionary<PartitionId, PartitionOutcome>();
        foreach (var deletion in RemoteMessage.Parse(DeleteTenantAnswer.Parser, bytes, What).Partitions)
        {
            if (deletion.Series < 0 || deletion.Blocks < 0 || deletion.Bytes < 0)
            {
                throw new RemoteFormatException("the answer to a deletion counts less than nothing");
            }

            var partition = new PartitionId(deletion.Partition);
            outcomes[partition] = new PartitionOutcome(
                partition,
                deletion.Failure.Length > 0 ? deletion.Failure : deletion.HasNotPrimary ? "the node does not lead it" : null,
                new DeletedData(deletion.WasKnown, deletion.Series, deletion.Blocks, deletion.Bytes))
            {
                IsElsewhere = deletion.HasNotPrimary,
                KnownEntry = RemoteMessage.ReadEntry(deletion.NotPrimary),
            };
        }

        return [.. partitions.Select(x => outcomes.GetValueOrDefault(x) ?? new PartitionOutcome(x, "the node's answer does not name it"))];
    }
}
