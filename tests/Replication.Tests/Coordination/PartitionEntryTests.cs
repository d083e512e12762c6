using System.Text;
using System.Text.Json.Nodes;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Testing.Disk;
using Xunit;

namespace Deucalion.Replication.Tests.Coordination;

/// <summary>Entries of which a later version says more than is known here.</summary>
public sealed class PartitionEntryTests
{
    private const string Later =
        """
        {"term":3,"version":7,"rf":3,"minInSync":2,"primary":"a","inSync":[{"node":"a","incarnation":"1","weight":5},{"node":"b","incarnation":"2","weight":6}],
        "learners":[{"node":"c","incarnation":"3","since":{"x":[1]}}],"writerId":"w","counter":4,"witness":{"node":"d"},"note":null}
        """;

    private readonly LocalFileStore _store = new(new SimulatedDisk(1), "/c", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void KeepsWhatItDoesNotKnow_OfTheEntryAndOfReplicasThatStay()
    {
        var before = PartitionEntry.Parse(Encoding.UTF8.GetBytes(Later));
        var changed = before with { Version = 8, InSync = [before.InSync[0], new ReplicaRef("c", "3")], Learners = [new ReplicaRef("b", "99")] };

        var document = JsonNode.Parse(changed.SerializeOver(Encoding.UTF8.GetBytes(Later)))!.AsObject();

        Assert.Equal(changed.Serialize(), PartitionEntry.Parse(Encoding.UTF8.GetBytes(document.ToJsonString())).Serialize());
        Assert.Equal("""{"node":"d"}""", document["witness"]!.ToJsonString());
        Assert.True(document.ContainsKey("note"));
        Assert.Equal("""[{"node":"a","incarnation":"1","weight":5},{"node":"c","incarnation":"3","since":{"x":[1]}}]""", document["inSync"]!.ToJsonString());
        Assert.Equal("""[{"node":"b","incarnation":"99"}]""", document["learners"]!.ToJsonString());
    }

    [Fact]
    public void WritesNothingElse_WhereEverythingIsKnown()
    {
        var entry = PartitionEntry.Parse(Encoding.UTF8.GetBytes(Later));

        Assert.Equal(entry.Serialize(), (entry with { Version = 8 } with { Version = 7 }).SerializeOver(entry.Serialize()));
    }

    [Fact]
    public async Task TheTableKeepsIt_WhenAnEntryIsReplaced()
    {
        var partition = new PartitionId(4);
        await _store.PutIfAsync(PartitionEntry.KeyOf(partition), Encoding.UTF8.GetBytes(Later), null, Token);
        var table = new PartitionTable(_store);
        var (entry, document) = (await table.GetAsync(partition, Token))!.Value;

        Assert.NotNull(await table.TryPutAsync(partition, entry with { Version = 8 }, document, Token));

        var text = Encoding.UTF8.GetString((await _store.GetAsync(PartitionEntry.KeyOf(partition), Token))!.Value.Span);
        Assert.Contains("\"witness\":{\"node\":\"d\"}", text, StringComparison.Ordinal);
        Assert.Contains("\"weight\":6", text, StringComparison.Ordinal);
        Assert.Contains("\"version\":8", text, StringComparison.Ordinal);
        Assert.Null(await table.TryPutAsync(partition, entry with { Version = 9 }, document, Token));
    }
}
