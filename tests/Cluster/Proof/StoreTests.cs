using Deucalion.Cluster.Network;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>The real stores start, are cut off, die and come back with what they held.</summary>
public sealed class StoreTests
{
    [Theory]
    [InlineData(StoreKind.Local)]
    [InlineData(StoreKind.Bucket)]
    public Task HoldsNothingForTheNodeThatIsCutOff_WhenADirectory(StoreKind kind) => RunDirectory.UseAsync("store", async directory =>
    {
        await using var network = new FaultNetwork(static () => new Dictionary<int, string>());
        using var store = ClusterStore.Create(kind, directory.Child("store"), network);
        await store.StartAsync();
        var one = store.SettingsFor("node1")["bucket.path"];
        var two = store.SettingsFor("node2")["bucket.path"];
        Directory.CreateDirectory(one);
        await File.WriteAllTextAsync(Path.Combine(one, "x"), "1", TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Path.Combine(two, "x")));

        store.CutFrom("node1");
        Assert.False(File.Exists(Path.Combine(one, "x")));
        Assert.ThrowsAny<IOException>(() => Directory.CreateDirectory(one));
        Assert.True(File.Exists(Path.Combine(two, "x")));
        store.GiveBackTo("node1");
        Assert.True(File.Exists(Path.Combine(one, "x")));

        await store.KillAsync();
        Assert.ThrowsAny<IOException>(() => Directory.CreateDirectory(one));
        Assert.ThrowsAny<IOException>(() => Directory.CreateDirectory(two));
        await store.ReviveAsync();
        Assert.True(File.Exists(Path.Combine(two, "x")));
    });

    [Theory]
    [Trait("Category", "long")]
    [InlineData(StoreKind.Etcd, "coordination.etcd.endpoints", "/health")]
    [InlineData(StoreKind.S3, "bucket.s3.endpoint", "/")]
    public Task AnswersThroughTheProxyOfEachNode_WhenAServer(StoreKind kind, string key, string path) => RunDirectory.UseAsync("store", async directory =>
    {
        await using var network = new FaultNetwork(static () => new Dictionary<int, string>());
        using var store = ClusterStore.Create(kind, directory.Child("store"), network);
        await store.StartAsync();
        var one = AddressOf(store.SettingsFor("node1")[key], path);
        var two = AddressOf(store.SettingsFor("node2")[key], path);
        using var http = new HttpClient();
        await http.GetStringAsync(one, TestContext.Current.CancellationToken);

        store.CutFrom("node1");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(one));
        await http.GetStringAsync(two, TestContext.Current.CancellationToken);
        store.GiveBackTo("node1");
        await http.GetStringAsync(one, TestContext.Current.CancellationToken);

        await store.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(one));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(two));
        await store.ReviveAsync();
        await http.GetStringAsync(one, TestContext.Current.CancellationToken);
    });

    // etcd is told host and port alone, S3 a whole address.
    private static Uri AddressOf(string endpoint, string path) => new(new Uri(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"http://{endpoint}"), path);
}
