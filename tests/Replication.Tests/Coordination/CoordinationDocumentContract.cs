using System.Text;
using Deucalion.Replication.Coordination;
using Xunit;

namespace Replication.Tests.Coordination;

/// <summary>What every coordination store promises about documents. Two processes use the store.</summary>
public abstract class CoordinationDocumentContract : IAsyncLifetime
{
    private readonly List<StoreProcess> _processes = [];
    private ICoordinationStore? _first;
    private ICoordinationStore? _second;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected ICoordinationStore First => _first ?? throw new InvalidOperationException("not initialized");

    protected ICoordinationStore Second => _second ?? throw new InvalidOperationException("not initialized");

    /// <summary>How long a watch may take to tell what changed, on a busy machine.</summary>
    protected virtual TimeSpan WatchPatience => TimeSpan.FromSeconds(60);

    public virtual async ValueTask InitializeAsync()
    {
        _first = (await StartAsync()).Store;
        _second = (await StartAsync()).Store;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Creates_OnlyWhereAbsent()
    {
        Assert.Null(await First.GetAsync("a/b", Token));
        var revision = await First.PutIfAsync("a/b", Bytes("one"), null, Token);

        Assert.NotNull(revision);
        Assert.Null(await Second.PutIfAsync("a/b", Bytes("two"), null, Token));
        var entry = await Second.GetAsync("a/b", Token);
        Assert.Equal(("a/b", "one", revision), (entry!.Key, Text(entry), entry.Revision));
    }

    [Fact]
    public async Task Replaces_OnlyTheRevisionNamed()
    {
        var first = await First.PutIfAsync("k", Bytes("one"), null, Token);
        var second = await Second.PutIfAsync("k", Bytes("one"), first, Token);

        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await First.PutIfAsync("k", Bytes("three"), first, Token));
        Assert.False(await First.DeleteIfAsync("k", first!, Token));
        Assert.True(await First.DeleteIfAsync("k", second, Token));
        Assert.Null(await Second.GetAsync("k", Token));
        Assert.Null(await First.PutIfAsync("k", Bytes("four"), second, Token));
        Assert.False(await Second.DeleteIfAsync("k", second, Token));
    }

    [Fact]
    public async Task NoRevisionComesAgain_WhenTheSameIsWrittenAgain()
    {
        var seen = new HashSet<string>();
        for (var round = 0; round < 5; round++)
        {
            var created = await First.PutIfAsync("k", Bytes("same"), null, Token);
            Assert.True(seen.Add(created!));
            var replaced = await Second.PutIfAsync("k", Bytes("same"), created, Token);
            Assert.True(seen.Add(replaced!));
            Assert.All(seen.Where(s => s != replaced), stale => Assert.False(First.DeleteIfAsync("k", stale, Token).AsTask().GetAwaiter().GetResult()));
            Assert.True(await First.DeleteIfAsync("k", replaced!, Token));
            Assert.DoesNotContain(await Second.ListAsync(string.Empty, Token), static entry => entry.Key == "k");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task GivesBackTheBytesItWasGiven(int length)
    {
        var value = new byte[length];
        new Random(length).NextBytes(value);
        var revision = await First.PutIfAsync("bytes", value, null, Token);

        var entry = await Second.GetAsync("bytes", Token);
        Assert.Equal(revision, entry!.Revision);
        Assert.True(entry.Value.Span.SequenceEqual(value));
        Assert.True((await Second.ListAsync("bytes", Token)).Single().Value.Span.SequenceEqual(value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExactlyOneWins_WhenSixteenWriteTheSameRevision(bool exists)
    {
        var revision = exists ? await First.PutIfAsync("race", Bytes("before"), null, Token) : null;
        var written = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () => (Writer: i, Revision: await (i % 2 == 0 ? First : Second).PutIfAsync("race", Bytes($"{i}"), revision, Token)), Token)));

        var winner = Assert.Single(written, static w => w.Revision is not null);
        var entry = await First.GetAsync("race", Token);
        Assert.Equal((winner.Revision, $"{winner.Writer}"), (entry!.Revision, Text(entry)));
    }

    [Fact]
    public async Task ExactlyOneDeletes_WhenSeveralDeleteAtOnce()
    {
        var revision = await First.PutIfAsync("gone", Bytes("x"), null, Token);
        var deleted = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () => await (i % 2 == 0 ? First : Second).DeleteIfAsync("gone", revision!, Token), Token)));

        Assert.Single(deleted, static d => d);
        Assert.Null(await First.GetAsync("gone", Token));
    }

    [Fact]
    public async Task LosesNoIncrement_WhenManyCount()
    {
        Assert.NotNull(await First.PutIfAsync("counter", Bytes("0"), null, Token));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => CountAsync(i % 2 == 0 ? First : Second, 25), Token)));

        Assert.Equal("100", Text(await First.GetAsync("counter", Token)));
    }

    [Fact]
    public async Task ListsByPrefix_InOrder()
    {
        foreach (var key in (string[])["b", "p/10", "p/2", "p/sub/1", "pq", "p-q", "p.q/x"])
        {
            await First.PutIfAsync(key, Bytes(key), null, Token);
        }

        Assert.Equal(["p/10", "p/2", "p/sub/1"], await KeysAsync("p/"));
        Assert.Equal(["p-q", "p.q/x", "p/10", "p/2", "p/sub/1", "pq"], await KeysAsync("p"));
        Assert.Equal(7, (await KeysAsync(string.Empty)).Count);
        Assert.Empty(await KeysAsync("x"));
        Assert.All(await Second.ListAsync(string.Empty, Token), static entry => Assert.Equal(entry.Key, Text(entry)));
    }

    [Fact]
    public async Task ListSeesEveryWriteBeforeIt()
    {
        string? revision = null;
        for (var i = 0; i < 20; i++)
        {
            revision = await First.PutIfAsync("l/changing", Bytes($"{i}"), revision, Token);
            await First.PutIfAsync($"l/new{i:D2}", Bytes("x"), null, Token);
            var listed = await Second.ListAsync("l/", Token);
            Assert.Equal(i + 2, listed.Count);
            Assert.Equal((revision, $"{i}"), (listed[0].Revision, Text(listed[0])));
        }
    }

    [Fact]
    public async Task WatchTellsWhatIsThere_ThenWhatChanges()
    {
        await First.PutIfAsync("w/a", Bytes("1"), null, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var changes = Second.WatchAsync("w/", stop.Token).GetAsyncEnumerator(stop.Token);

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(("w/a", "1"), (changes.Current.Key, Text(changes.Current.Entry)));
        var next = changes.MoveNextAsync().AsTask();
        await First.PutIfAsync("other", Bytes("1"), null, Token);
        var revision = await First.PutIfAsync("w/b", Bytes("2"), null, Token);
        Assert.True(await next.WaitAsync(WatchPatience, Token));
        Assert.Equal(("w/b", "2", revision), (changes.Current.Key, Text(changes.Current.Entry), changes.Current.Entry!.Revision));
        next = changes.MoveNextAsync().AsTask();
        await First.DeleteIfAsync("w/b", revision!, Token);
        Assert.True(await next.WaitAsync(WatchPatience, Token));
        Assert.Equal(new CoordinationChange("w/b", null), changes.Current);
        var end = changes.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
    }

    [Fact]
    public async Task WatchNeverMissesTheLastState_WhenMuchChanges()
    {
        var state = new WatchedState();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Task.Run(() => state.FollowAsync(Second, "w/", stop.Token), Token);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(() => ScribbleAsync(writer % 2 == 0 ? First : Second, writer), Token)));
        await First.PutIfAsync("w/last", Bytes("end"), null, Token);

        var expected = (await First.ListAsync("w/", Token)).Select(static entry => (entry.Key, entry.Revision, Text(entry))).ToList();
        await state.BecomesAsync(expected, WatchPatience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a/\u00e4")]
    public async Task RefusesKeys_ThatAreNone(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.GetAsync(key, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.PutIfAsync(key, default, null, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.DeleteIfAsync(key, "1", Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.TryAcquireLeaseAsync(key, "owner", TimeSpan.FromSeconds(10), Token));
    }

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(CoordinationEntry? entry) => entry is null ? "(none)" : Encoding.UTF8.GetString(entry.Value.Span);

    /// <summary>Another process that uses the same store; it ends with the test.</summary>
    protected async Task<StoreProcess> StartAsync()
    {
        var process = await OpenAsync();
        _processes.Add(process);
        return process;
    }

    /// <summary>Opens the store of this test for one more process. It is empty when the first opens it.</summary>
    protected abstract ValueTask<StoreProcess> OpenAsync();

    private static async Task CountAsync(ICoordinationStore store, int times)
    {
        for (var done = 0; done < times;)
        {
            var entry = (await store.GetAsync("counter", Token))!;
            var next = int.Parse(Text(entry), null) + 1;
            if (await store.PutIfAsync("counter", Bytes($"{next}"), entry.Revision, Token) is not null)
            {
                done++;
            }
        }
    }

    private static async Task ScribbleAsync(ICoordinationStore store, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var key = $"w/{random.Next(8)}";
            var entry = await store.GetAsync(key, Token);
            if (entry is not null && random.Next(3) == 0)
            {
                await store.DeleteIfAsync(key, entry.Revision, Token);
            }
            else
            {
                await store.PutIfAsync(key, Bytes($"{seed}.{i}"), entry?.Revision, Token);
            }
        }
    }

    private async Task<List<string>> KeysAsync(string prefix) => [.. (await Second.ListAsync(prefix, Token)).Select(static entry => entry.Key)];
}
