using System.Text;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Testing.Wire;
using Replication.Tests.Coordination;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>Users with passwords, and TLS.</summary>
[Trait("Category", "slow")]
public sealed class EtcdSecurityTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestMeterFactory _meters = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task OnlyTheUserGetsIn_AlsoAfterItsTokenWasForgotten()
    {
        using var etcd = await EtcdMember.StartAsync();
        using var store = Open(etcd, "deucalion", "secret");

        // Before authentication is switched on, a user does no harm.
        var revision = await store.PutIfAsync("w/a", Text("1"), null, Token);
        await EnableAuthenticationAsync(etcd);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var state = new WatchedState();
        var watching = Task.Run(() => state.FollowAsync(store, "w/", stop.Token), Token);
        revision = await store.PutIfAsync("w/a", Text("2"), revision, Token);
        Assert.NotNull(revision);
        await state.BecomesAsync([("w/a", revision, "2")], Patience, Token);
        await using var lease = await store.TryAcquireLeaseAsync("held", "node1", TimeSpan.FromSeconds(30), Token);

        await AssertRefusedAsync(Open(etcd, null, null));
        await AssertRefusedAsync(Open(etcd, "deucalion", "wrong"));
        await AssertRefusedAsync(Open(etcd, "nobody", "secret"));

        // Tokens live in the memory of etcd.
        await etcd.KillAsync();
        etcd.Start();
        revision = await UntilReachableAsync(store, revision, "3");
        await state.BecomesAsync([("w/a", revision, "3")], Patience, Token);
        Assert.False(lease!.Lost.IsCancellationRequested);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task KeysOfOthersStayTheirs_WhenTheRoleNamesAPrefix()
    {
        using var etcd = await EtcdMember.StartAsync();
        await EnableAuthenticationAsync(etcd);
        using var foreign = EtcdStores.Open(
            _meters, new EtcdStoreOptions { Endpoints = [etcd.Address], Username = "deucalion", Password = "secret", KeyPrefix = "elsewhere/" });

        var failure = await Assert.ThrowsAsync<CoordinationException>(async () => await foreign.GetAsync("k", Token));

        Assert.Contains("permission denied", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCertificateLetsIn_WhenEtcdAsksForOne()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        var wire = new WireMetrics(_meters);
        var client = certificates.Write("client");
        using var etcd = await EtcdMember.StartAsync(certificates.Write("etcd"), client);
        using var tls = TestCertificates.Tls(client, wire);
        using var store = Open(etcd, tls);
        var revision = await store.PutIfAsync("w/a", Text("1"), null, Token);
        Assert.NotNull(revision);
        await using var changes = store.WatchAsync("w/", Token).GetAsyncEnumerator(Token);
        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(("w/a", revision), (changes.Current.Key, changes.Current.Entry!.Revision));
        await using var lease = await store.TryAcquireLeaseAsync("held", "node1", TimeSpan.FromSeconds(30), Token);
        Assert.NotNull(lease);

        using var nameless = TestCertificates.Tls(new WireTlsOptions { CaFile = certificates.CaFile }, wire);
        await AssertRefusedAsync(Open(etcd, nameless));
        var stranger = others.Write("client");
        using var strange = TestCertificates.Tls(new WireTlsOptions { CertFile = stranger.CertFile, KeyFile = stranger.KeyFile, CaFile = certificates.CaFile }, wire);
        await AssertRefusedAsync(Open(etcd, strange));
        using var distrusting = TestCertificates.Tls(new WireTlsOptions { CertFile = client.CertFile, KeyFile = client.KeyFile, CaFile = others.CaFile }, wire);
        await AssertRefusedAsync(Open(etcd, distrusting));
        await AssertRefusedAsync(Open(etcd, (WireTls?)null));
    }

    private static async Task EnableAuthenticationAsync(EtcdMember etcd)
    {
        await etcd.ControlAsync("user", "add", "root:rootsecret");
        await etcd.ControlAsync("user", "grant-role", "root", "root");
        await etcd.ControlAsync("user", "add", "deucalion:secret");
        await etcd.ControlAsync("role", "add", "deucalion");
        await etcd.ControlAsync("role", "grant-permission", "--prefix=true", "deucalion", "readwrite", "deucalion/");
        await etcd.ControlAsync("user", "grant-role", "deucalion", "deucalion");
        await etcd.ControlAsync("auth", "enable");
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task AssertRefusedAsync(EtcdStore store)
    {
        using (store)
        {
            await Assert.ThrowsAsync<CoordinationException>(async () => await store.GetAsync("w/a", Token));
            await Assert.ThrowsAsync<CoordinationException>(async () => await store.PutIfAsync("w/b", default, null, Token));
        }
    }

    private static async Task<string> UntilReachableAsync(EtcdStore store, string revision, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return (await store.PutIfAsync("w/a", Text(text), revision, limit.Token))!;
            }
            catch (CoordinationException)
            {
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private EtcdStore Open(EtcdMember etcd, string? user, string? password) =>
        EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Address], Username = user, Password = password, RequestTimeout = TimeSpan.FromSeconds(3) });

    private EtcdStore Open(EtcdMember etcd, WireTls? tls) =>
        EtcdStores.Open(_meters, new EtcdStoreOptions { Endpoints = [etcd.Address], Tls = tls, RequestTimeout = TimeSpan.FromSeconds(2) });
}
