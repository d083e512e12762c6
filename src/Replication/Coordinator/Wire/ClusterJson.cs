using System.Text.Json;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Messages about the cluster as bytes. What comes from outside is checked whole before it is used.</summary>
internal static class ClusterJson
{
    public static ReadOnlyMemory<byte> Write<T>(T message) => JsonSerializer.SerializeToUtf8Bytes(message);

    /// <summary>Reads a message; fields that are not known are passed over.</summary>
    /// <exception cref="WireException">The bytes are no such message.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes.Span) is { } message && IsComplete(message) ? message : throw Malformed(typeof(T), "a field is missing", null);
        }
        catch (Exception exception) when (exception is JsonException or CoordinationException)
        {
            throw Malformed(typeof(T), exception.Message, exception);
        }
    }

    private static bool IsComplete<T>(T message) => message switch
    {
        SyncQuestion question => question.Record?.IsComplete() == true && AreComplete(question.Entries)
            && question.Lags?.All(PartitionLags.IsComplete) != false,
        ViewUpdate update => ReplicaProtocol.TryParse(update.Coordinator, out _) && AreComplete(update.Entries)
            && (update.Nodes is null || update.Nodes.All(static node => node?.Record?.IsComplete() == true)),
        Reports reports => reports.Items?.All(static report => report is { Partition: >= 0 }) == true,
        CommandAnswer answer => answer.Text is not null,
        ClusterSnapshot snapshot => snapshot.IsComplete(),
        PushAnswer or CommandCall => true,
        ForceElectCall call => call.Partition >= 0,
        EntrySight sight => AreComplete([sight]),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "a message that is not known"),
    };

    private static bool AreComplete(IReadOnlyList<EntrySight>? entries) =>
        entries?.All(static sight => sight is { Partition: >= 0, Entry: not null } && EntrySight.Checked(sight.Entry) is not null) == true;

    private static WireException Malformed(Type type, string reason, Exception? inner) =>
        new(WireStatus.InvalidArgument, $"a message {type.Name} is malformed: {reason}", inner);
}
