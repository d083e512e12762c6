using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Testing.Processes;
using Replication.Tests.Coordination;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>Watches over disconnections, compactions and restarts of etcd.</summary>
[Trait("Category", "slow")]
public sealed class EtcdWatchTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestMeterFactory _meters = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task DifferencesAreTold_WhenEtcdCompactedWhatTheWatchMissed()
    {
        using var etcd = await EtcdMember.StartAsync();
        using var way = new CuttableProxy(etcd.Address);
        using var direct = EtcdStores.Open(_meters, etcd.Address);
        using var store = EtcdStores.Open(_meters, way.Address);
        var stays = await direct.PutIfAsync("w/stays", Text("1"), null, Token);
        var goes = await direct.PutIfAsync("w/goes", Text("1"), null, Token);
        var changes = await direct.PutIfAsync("w/changes", Text("1"), null, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var told = new List<CoordinationChange>();
        var state = new WatchedState();
        var watching = Task.Run(() => state.FollowAsync(new Recorder(store, told), "w/", stop.Token), Token);
        await state.BecomesAsync([("w/changes", changes!, "1"), ("w/goes", goes!, "1"), ("w/stays", stays!, "1")], Patience, Token);

        way.Cut(true);
        await direct.DeleteIfAsync("w/goes", goes!, Token);
        changes = await direct.PutIfAsync("w/changes", Text("2"), changes, Token);
        var comes = await direct.PutIfAsync("w/comes", Text("1"), null, Token);
        await direct.PutIfAsync("w/passes", Text("1"), null, Token);
        await direct.DeleteIfAsync("w/passes", (await direct.GetAsync("w/passes", Token))!.Revision, Token);
        var revision = await direct.PutIfAsync("other", default, null, Token);
        await etcd.ControlAsync("compact", revision!);
        way.Cut(false);

        await state.BecomesAsync([("w/changes", changes!, "2"), ("w/comes", comes!, "1"), ("w/stays", stays!, "1")], Patience, Token);
        Assert.Equal(1, _meters.Sum("deucalion_etcd_watch_restarts_total"));

        // What had not changed is not told again, what came and went meanwhile never.
        lock (told)
        {
            Assert.Single(told, static c => c.Key == "w/stays");
            Assert.DoesNotContain(told, static c => c.Key == "w/passes");
            Assert.Equal(2, told.Count(static c => c.Key == "w/goes"));
        }

        // And it goes on.
        var last = await direct.PutIfAsync("w/last", Text("1"), null, Token);
        await state.BecomesAsync([("w/changes", changes!, "2"), ("w/comes", comes!, "1"), ("w/last", last!, "1"), ("w/stays", stays!, "1")], Patience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task EachChangeIsToldOnce_WhenTheConnectionBreaksAgainAndAgain()
    {
        using var etcd = await EtcdMember.StartAsync();
        using var way = new CuttableProxy(etcd.Address);
        using var direct = EtcdStores.Open(_meters, etcd.Address);
        using var store = EtcdStores.Open(_meters, way.Address);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var told = new List<CoordinationChange>();
        var watching = Task.Run(() => new WatchedState().FollowAsync(new Recorder(store, told), "w/", stop.Token), Token);

        var revisions = new List<string>();
        string? revision = null;
        for (var i = 0; i < 200; i++)
        {
            revision = await direct.PutIfAsync("w/k", Text($"{i}"), revision, Token);
            revisions.Add(revision!);
            if (i % 40 == 20)
            {
                // Told so far, so that there is something to resume after; then broken for a moment.
                await ToldAsync(told, revision!);
                way.Cut(true);
                way.Cut(false);
            }
        }

        await ToldAsync(told, revision!);
        lock (told)
        {
            // A list at the beginning may have skipped the first ones; from then on nothing is missing and nothing comes twice.
            var seen = told.Select(static c => c.Entry!.Revision).ToList();
            Assert.Equal(revisions[revisions.IndexOf(seen[0])..], seen);
        }

        Assert.True(_meters.Sum("deucalion_etcd_watch_interruptions_total") >= 1);
        Assert.Equal(0, _meters.Sum("deucalion_etcd_watch_restarts_total"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task NothingIsMissed_WhenEtcdIsRestarted()
    {
        using var etcd = await EtcdMember.StartAsync();
        using var store = EtcdStores.Open(_meters, etcd.Address);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var state = new WatchedState();
        var watching = Task.Run(() => state.FollowAsync(store, "w/", stop.Token), Token);
        var first = await store.PutIfAsync("w/a", Text("1"), null, Token);
        await using var lease = await store.TryAcquireLeaseAsync("held", "node1", TimeSpan.FromSeconds(20), Token);
        await state.BecomesAsync([("w/a", first!, "1")], Patience, Token);

        await etcd.KillAsync();
        await Assert.ThrowsAsync<CoordinationException>(async () => await store.GetAsync("w/a", Token));
        etcd.Start();
        await etcd.ReadyAsync();

        var second = await store.PutIfAsync("w/a", Text("2"), first, Token);
        await state.BecomesAsync([("w/a", second!, "2")], Patience, Token);
        Assert.False(lease!.Lost.IsCancellationRequested);
        Assert.Null(await store.TryAcquireLeaseAsync("held", "node2", TimeSpan.FromSeconds(20), Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task TheWatchBegins_WhenEtcdComesLater()
    {
        using var etcd = await EtcdMember.StartAsync();
        await etcd.KillAsync();
        using var store = EtcdStores.Open(_meters, etcd.Address);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var state = new WatchedState();
        var watching = Task.Run(() => state.FollowAsync(store, "w/", stop.Token), Token);
        await Eventually.TrueAsync(() => Task.FromResult(_meters.Sum("deucalion_etcd_watch_interruptions_total") > 0), Patience, static () => "the watch has not noticed");

        etcd.Start();
        await etcd.ReadyAsync();
        var first = await store.PutIfAsync("w/a", Text("1"), null, Token);

        await state.BecomesAsync([("w/a", first!, "1")], Patience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static Task ToldAsync(List<CoordinationChange> told, string revision) => Eventually.TrueAsync(
        () =>
        {
            lock (told)
            {
                return Task.FromResult(told.Any(c => c.Entry?.Revision == revision));
            }
        },
        Patience,
        () => $"revision {revision} is not told");

    /// <summary>A store whose watches are written down.</summary>
    private sealed class Recorder(EtcdStore store, List<CoordinationChange> told) : ICoordinationStore
    {
        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => store.GetAsync(key, cancellationToken);

        public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken) =>
            store.PutIfAsync(key, value, ifRevision, cancellationToken);

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) => store.DeleteIfAsync(key, ifRevision, cancellationToken);

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

        public async IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var change in store.WatchAsync(prefix, cancellationToken))
            {
                lock (told)
                {
                    told.Add(change);
                }

                yield return change;
            }
        }

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            store.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => store.LeasesAsync(prefix, cancellationToken);
    }
}
