using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Replication.Tests.Coordination;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>Three members, of which one dies or stands still, the leader in its turn.</summary>
[Trait("Category", "slow")]
public sealed class EtcdFailoverTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestMeterFactory _meters = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServiceGoesOn_WhenOneMemberAfterTheOtherFails(bool standsStill)
    {
        var members = await EtcdMember.StartClusterAsync(3);
        try
        {
            using var store = EtcdStores.Open(
                _meters, new EtcdStoreOptions { Endpoints = [.. members.Select(static m => m.Address)], RequestTimeout = TimeSpan.FromSeconds(10) });
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var state = new WatchedState();
            var watching = Task.Run(() => state.FollowAsync(store, "w/", stop.Token), Token);
            await using var lease = await store.TryAcquireLeaseAsync("held", "node1", TimeSpan.FromSeconds(30), Token);
            string? revision = null;
            var value = 0;
            foreach (var member in members)
            {
                (revision, value) = await WriteAsync(store, revision, value);
                await state.BecomesAsync([("w/k", revision, $"{value}")], Patience, Token);
                if (standsStill)
                {
                    member.Signal(19);
                }
                else
                {
                    await member.KillAsync();
                }

                (revision, value) = await WriteAsync(store, revision, value);
                await state.BecomesAsync([("w/k", revision, $"{value}")], Patience, Token);
                if (standsStill)
                {
                    member.Signal(18);
                }
                else
                {
                    member.Start();
                }

                await member.ReadyAsync();
            }

            Assert.False(lease!.Lost.IsCancellationRequested);
            Assert.True(_meters.Sum("deucalion_etcd_failovers_total") > 0);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        }
        finally
        {
            foreach (var member in members)
            {
                member.Signal(18);
                member.Dispose();
            }
        }
    }

    [Fact]
    public async Task OperationsFail_WhenTheMajorityIsGone_AndSucceedWhenItIsBack()
    {
        var members = await EtcdMember.StartClusterAsync(3);
        try
        {
            using var store = EtcdStores.Open(_meters, [.. members.Select(static m => m.Address)]);
            var revision = await store.PutIfAsync("w/k", Encoding.UTF8.GetBytes("0"), null, Token);
            await members[0].KillAsync();
            await members[1].KillAsync();

            await Assert.ThrowsAsync<CoordinationException>(async () => await store.GetAsync("w/k", Token));
            await Assert.ThrowsAsync<CoordinationException>(async () => await store.PutIfAsync("w/k", Encoding.UTF8.GetBytes("1"), revision, Token));

            members[0].Start();
            await members[0].ReadyAsync();
            (_, var value) = await WriteAsync(store, (await ReadAsync(store))!.Revision, 1);
            Assert.Equal($"{value}", Encoding.UTF8.GetString((await store.GetAsync("w/k", Token))!.Value.Span));
        }
        finally
        {
            foreach (var member in members)
            {
                member.Dispose();
            }
        }
    }

    /// <summary>Writes the next value as the store's users do: where the outcome is unknown they read back.</summary>
    private static async Task<(string Revision, int Value)> WriteAsync(EtcdStore store, string? revision, int value)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        var next = $"{value + 1}";
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            try
            {
                var written = await store.PutIfAsync("w/k", Encoding.UTF8.GetBytes(next), revision, limit.Token);
                if (written is not null)
                {
                    return (written, value + 1);
                }
            }
            catch (CoordinationException)
            {
                // Read back below.
            }

            // A write that failed and took effect later makes the condition fail; that one was ours too.
            var found = await ReadAsync(store);
            if (found is not null && Encoding.UTF8.GetString(found.Value.Span) == next)
            {
                return (found.Revision, value + 1);
            }

            Assert.Equal(revision, found?.Revision);
        }
    }

    private static async Task<CoordinationEntry?> ReadAsync(EtcdStore store)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return await store.GetAsync("w/k", limit.Token);
            }
            catch (CoordinationException)
            {
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
