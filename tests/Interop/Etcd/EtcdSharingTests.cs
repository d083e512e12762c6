using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>What of the store etcd's other users see, and what they can do to it.</summary>
[Trait("Category", "slow")]
public sealed class EtcdSharingTests(EtcdFixture etcd) : IClassFixture<EtcdFixture>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestMeterFactory _meters = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task DocumentsAreKeysOfEtcd_UnderThePrefix()
    {
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = "one/" });
        using var other = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = "two/" });
        var revision = await store.PutIfAsync("a/b", Encoding.UTF8.GetBytes("value"), null, Token);
        await using var lease = await store.TryAcquireLeaseAsync("coordinator", "node \"1\"", TimeSpan.FromSeconds(10), Token);

        Assert.Equal("value\n", await etcd.Member.ControlAsync("get", "one/a/b", "--print-value-only"));
        Assert.Equal("{\"owner\":\"node \\u00221\\u0022\"}\n", await etcd.Member.ControlAsync("get", "one/leases/coordinator", "--print-value-only"));
        Assert.Contains($"\"mod_revision\":{revision}", await etcd.Member.ControlAsync("get", "one/a/b", "-w", "json"), StringComparison.Ordinal);
        Assert.Contains($"\"create_revision\":{lease!.FencingToken}", await etcd.Member.ControlAsync("get", "one/leases/coordinator", "-w", "json"), StringComparison.Ordinal);
        Assert.Empty(await other.ListAsync(string.Empty, Token));
        Assert.NotNull(await other.TryAcquireLeaseAsync("coordinator", "node2", TimeSpan.FromSeconds(10), Token));
        Assert.Equal(["a/b", "leases/coordinator"], (await store.ListAsync(string.Empty, Token)).Select(static e => e.Key));
    }

    [Fact]
    public async Task EveryKeyIsSeen_WhenThePrefixIsEmpty()
    {
        using var alone = await EtcdMember.StartAsync();
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [alone.Address], KeyPrefix = string.Empty });
        await store.PutIfAsync("zz", default, null, Token);
        await store.PutIfAsync("0", default, null, Token);

        Assert.Equal(["0", "zz"], (await store.ListAsync(string.Empty, Token)).Select(static e => e.Key));
        Assert.Equal(["zz"], (await store.ListAsync("z", Token)).Select(static e => e.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("99999999999999999999")]
    [InlineData(" 1")]
    public async Task NothingHappens_WhenARevisionIsNone(string revision)
    {
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = etcd.NextPrefix() });

        Assert.Null(await store.PutIfAsync("k", default, revision, Token));
        Assert.False(await store.DeleteIfAsync("k", revision, Token));
        Assert.Null(await store.GetAsync("k", Token));
    }

    [Fact]
    public async Task TheLeaseIsLost_WhenSomebodyDeletesItsKey()
    {
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = "deleted/" });
        await using var lease = await store.TryAcquireLeaseAsync("coordinator", "node1", TimeSpan.FromSeconds(3), Token);
        await etcd.Member.ControlAsync("del", "deleted/leases/coordinator");

        await WaitAsync(lease!.Lost);
        Assert.Equal(1, _meters.Sum("deucalion_etcd_leases_lost_total"));
    }

    [Fact]
    public async Task TheLeaseIsLost_WhenSomebodyRevokesIt()
    {
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = "revoked/" });
        await using var lease = await store.TryAcquireLeaseAsync("coordinator", "node1", TimeSpan.FromSeconds(3), Token);
        var text = await etcd.Member.ControlAsync("get", "revoked/leases/coordinator", "-w", "fields");
        var id = long.Parse(text.Split('\n').Single(static l => l.StartsWith("\"Lease\" : ", StringComparison.Ordinal))[10..], null);
        await etcd.Member.ControlAsync("lease", "revoke", id.ToString("x", null));

        await WaitAsync(lease!.Lost);
        await using var next = await store.TryAcquireLeaseAsync("coordinator", "node2", TimeSpan.FromSeconds(3), Token);
        Assert.True(next!.FencingToken > lease.FencingToken);
    }

    [Fact]
    public async Task AWriteIsNotRepeated_WhenItsAnswerIsLost()
    {
        using var way = new CuttableProxy(etcd.Member.Address);
        using var direct = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Member.Address], KeyPrefix = "unknown/" });
        using var store = EtcdStores.Open(
            _meters, new EtcdStoreOptions { Endpoints = [way.Address, etcd.Member.Address], KeyPrefix = "unknown/", RequestTimeout = TimeSpan.FromSeconds(2) });
        var revision = await store.PutIfAsync("k", Encoding.UTF8.GetBytes("0"), null, Token);
        way.LosesAnswers = true;

        await Assert.ThrowsAsync<CoordinationException>(async () => await store.PutIfAsync("k", Encoding.UTF8.GetBytes("1"), revision, Token));

        // It took effect, once: a second one would have been told that the revision is another.
        var written = await direct.GetAsync("k", Token);
        Assert.Equal("1", Encoding.UTF8.GetString(written!.Value.Span));
        Assert.Contains("\"version\":2,", await etcd.Member.ControlAsync("get", "unknown/k", "-w", "json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadsAndUnsentWritesGoToTheNextEndpoint_WhenOneIsSilentOrGone()
    {
        using var silent = new CuttableProxy(etcd.Member.Address);
        silent.LosesAnswers = true;
        var gone = $"127.0.0.1:{Deucalion.Testing.Processes.Ports.Free()}";
        using var store = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [silent.Address, gone, etcd.Member.Address], KeyPrefix = "next/" });

        Assert.Null(await store.GetAsync("k", Token));
        Assert.NotNull(await store.PutIfAsync("k", default, null, Token));
        Assert.Equal(2, _meters.Sum("deucalion_etcd_failovers_total"));

        using var second = EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [gone, etcd.Member.Address], KeyPrefix = "next/" });
        Assert.NotNull(await second.PutIfAsync("l", default, null, Token));
    }

    private static async Task WaitAsync(CancellationToken lost)
    {
        var told = new TaskCompletionSource();
        await using var registration = lost.Register(told.SetResult);
        await told.Task.WaitAsync(Patience, Token);
    }
}
