using System.Collections.Immutable;
using System.Globalization;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>Between an entry as the protocol works with it and as the table's document holds it (docs/formats/coordination.md).</summary>
internal static class TableEntryConversion
{
    /// <summary>The incarnation of a log that is not known yet.</summary>
    public const string NoIncarnation = "00000000000000000000000000000000";

    private const string Format = "x32";
    private const string WriterFormat = "x16";

    /// <summary>The document; the version that is written comes out as it went in.</summary>
    public static PartitionEntry ToDocument(this TableEntry entry) => new()
    {
        Term = entry.Term,
        Version = entry.Version,
        ReplicationFactor = entry.ReplicationFactor,
        MinInSync = entry.MinInSync,
        Primary = Write(entry.Primary.Value),
        InSync = [.. entry.InSync.Select(Write)],
        Learners = [.. entry.Learners.Select(Write)],
        WriterId = entry.Writer.ToString(WriterFormat, CultureInfo.InvariantCulture),
        Counter = entry.Counter,
    };

    /// <summary>From the document; <see cref="CoordinationException"/> where a name in it is none.</summary>
    public static TableEntry ToEntry(this PartitionEntry document) => new()
    {
        Term = document.Term,
        Version = document.Version,
        ReplicationFactor = document.ReplicationFactor,
        MinInSync = document.MinInSync,
        Primary = new NodeId(Read(document.Primary)),
        InSync = Read(document.InSync),
        Learners = Read(document.Learners),
        Writer = ulong.TryParse(document.WriterId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var writer) ? writer : 0,
        Counter = document.Counter,
    };

    /// <summary>The replica as the document names it.</summary>
    public static ReplicaRef ToRef(this ReplicaId replica) => Write(replica);

    private static ReplicaRef Write(ReplicaId replica) => new(Write(replica.Node.Value), Write(replica.Incarnation));

    private static string Write(UInt128 value) => value.ToString(Format, CultureInfo.InvariantCulture);

    private static ImmutableArray<ReplicaId> Read(IReadOnlyList<ReplicaRef> replicas) =>
        [.. replicas.Select(static replica => new ReplicaId(new NodeId(Read(replica.Node)), Read(replica.Incarnation)))];

    private static UInt128 Read(string text) =>
        UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new CoordinationException($"{text} in the entry of a partition names no node and no log", null);
}
