using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Deucalion.Replication.Coordination;
using Google.Protobuf;

namespace Deucalion.Ingester.Remote;

/// <summary>Calls to delete a tenant and their answers, as protobuf. What is malformed is <see cref="RemoteFormatException"/>.</summary>
internal static class DeleteTenantCodec
{
    public static byte[] WriteCall(TenantId tenant, IEnumerable<PartitionId> partitions)
    {
        var call = new DeleteTenantCall { Tenant = tenant.Value };
        call.Partitions.AddRange(partitions.Select(static partition => partition.Value));
        return call.ToByteArray();
    }

    public static (TenantId Tenant, IReadOnlyList<PartitionId> Partitions) ReadCall(ReadOnlySpan<byte> bytes)
    {
        var call = Parse(DeleteTenantCall.Parser, bytes);
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
                deletion.NotPrimary = outcome.KnownEntry is { } entry ? UnsafeByteOperations.UnsafeWrap(entry.Serialize()) : ByteString.Empty;
            }

            answer.Partitions.Add(deletion);
        }

        return answer.ToByteArray();
    }

    /// <summary>The outcomes for the partitions that were asked for; one that the answer does not name is a failure.</summary>
    public static IReadOnlyList<PartitionOutcome> ReadAnswer(ReadOnlySpan<byte> bytes, IReadOnlyList<PartitionId> partitions)
    {
        var outcomes = new Dictionary<PartitionId, PartitionOutcome>();
        foreach (var deletion in Parse(DeleteTenantAnswer.Parser, bytes).Partitions)
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
                KnownEntry = deletion.HasNotPrimary ? Entry(deletion.NotPrimary) : null,
            };
        }

        return [.. partitions.Select(x => outcomes.GetValueOrDefault(x) ?? new PartitionOutcome(x, "the node's answer does not name it"))];
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new RemoteFormatException($"a message about the deletion of a tenant is malformed: {exception.Message}", exception);
        }
    }

    private static PartitionEntry? Entry(ByteString entry)
    {
        try
        {
            return entry.IsEmpty ? null : PartitionEntry.Parse(entry.Span);
        }
        catch (CoordinationException exception)
        {
            throw new RemoteFormatException(exception.Message, exception);
        }
    }
}
