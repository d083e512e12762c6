using Deucalion.Ingester.Partitions;
using Deucalion.Replication.Coordination;

namespace Deucalion.Ingester.Remote;

/// <summary>What became of a request that was sent to another node.</summary>
internal abstract record RemoteAppendOutcome
{
    private RemoteAppendOutcome()
    {
    }

    /// <summary>The partition's actor there has answered; what it rejected is in the request's <see cref="AppendRequest.Rejections"/>.</summary>
    internal sealed record Answered(AppendResult Result) : RemoteAppendOutcome;

    /// <summary>The node is not the partition's primary; nothing was stored. The entry that it knows, if any.</summary>
    internal sealed record NotPrimary(PartitionEntry? KnownEntry) : RemoteAppendOutcome;

    /// <summary>No answer: whether anything was stored is not known. Sending the same again does no harm.</summary>
    internal sealed record Unreachable(string Reason) : RemoteAppendOutcome;
}
