using System.Text;
using Deucalion.Common.IO;
using Deucalion.Replication.Coordination;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.Coordination;

/// <summary>What every coordination store promises. Two handles stand for two processes.</summary>
public abstract class CoordinationStoreContract : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract ICoordinationStore First { get; }

    protected abstract ICoordinationStore Second { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task Creates_OnlyWhereAbsent()
    {
        Assert.Null(await First.GetAsync("a/b", Token));
        var revision = await First.PutIfAsync("a/b", "one"u8.ToArray(), null, Token);

        Assert.NotNull(revision);
        Assert.Null(await Second.PutIfAsync("a/b", "two"u8.ToArray(), null, Token));
        var entry = await Second.GetAsync("a/b", Token);
        Assert.Equal("one", Encoding.UTF8.GetString(entry!.Value.Span));
        Assert.Equal(revision, entry.Revision);
    }

    [Fact]
    public async Task Replaces_OnlyTheRevisionNamed()
    {
        var first = await First.PutIfAsync("k", "one"u8.ToArray(), null, Token);
        var second = await Second.PutIfAsync("k", "one"u8.ToArray(), first, Token);

        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await First.PutIfAsync("k", "three"u8.ToArray(), first, Token));
        Assert.False(await First.DeleteIfAsync("k", first!, Token));
        Assert.True(await First.DeleteIfAsync("k", second, Token));
        Assert.Null(await Second.GetAsync("k", Token));
        Assert.Null(await First.PutIfAsync("k", "four"u8.ToArray(), second, Token));
    }

    [Fact]
    public async Task ExactlyOneWins_WhenManyWriteAtOnce()
    {
        var revision = await First.PutIfAsync("counter", "0"u8.ToArray(), null, Token);
        Assert.NotNull(revision);
        var tasks = Enumerable.Range(0, 4).Select(i => Task.Run(
            async () =>
            {
                var store = i % 2 == 0 ? First : Second;
                for (var done = 0; done < 25;)
                {
                    var entry = (await store.GetAsync("counter", Token))!;
                    var next = int.Parse(Encoding.UTF8.GetString(entry.Value.Span), null) + 1;
                    if (await store.PutIfAsync("counter", Encoding.UTF8.GetBytes($"{next}"), entry.Revision, Token) is not null)
                    {
                        done++;
                    }
                }
            },
            Token));
        await Task.WhenAll(tasks);

        Assert.Equal("100", Encoding.UTF8.GetString((await First.GetAsync("counter", Token))!.Value.Span));
    }

    [Fact]
    public async Task ListsByPrefix_InOrder()
    {
        foreach (var key in (string[])["b", "p/10", "p/2", "p/sub/1", "pq"])
        {
            await First.PutIfAsync(key, Encoding.UTF8.GetBytes(key), null, Token);
        }

        Assert.Equal(["p/10", "p/2", "p/sub/1"], (await Second.ListAsync("p/", Token)).Select(static entry => entry.Key));
        Assert.Equal(["p/10", "p/2", "p/sub/1", "pq"], (await Second.ListAsync("p", Token)).Select(static entry => entry.Key));
        Assert.Equal(5, (await Second.ListAsync(string.Empty, Token)).Count);
        Assert.Empty(await Second.ListAsync("x", Token));
    }

    [Fact]
    public async Task WatchTellsWhatIsThere_ThenWhatChanges()
    {
        await First.PutIfAsync("w/a", "1"u8.ToArray(), null, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var changes = Second.WatchAsync("w/", stop.Token).GetAsyncEnumerator(stop.Token);

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(("w/a", "1"), (changes.Current.Key, Encoding.UTF8.GetString(changes.Current.Entry!.Value.Span)));
        var next = changes.MoveNextAsync().AsTask();
        await First.PutIfAsync("other", "1"u8.ToArray(), null, Token);
        var revision = await First.PutIfAsync("w/b", "2"u8.ToArray(), null, Token);
        Assert.True(await next);
        Assert.Equal(("w/b", "2"), (changes.Current.Key, Encoding.UTF8.GetString(changes.Current.Entry!.Value.Span)));
        next = changes.MoveNextAsync().AsTask();
        await First.DeleteIfAsync("w/b", revision!, Token);
        Assert.True(await next);
        Assert.Equal(new CoordinationChange("w/b", null), changes.Current);
        var end = changes.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
    }

    [Fact]
    public async Task ALeaseHasOneHolder_AndTokensThatGrow()
    {
        var lease = await First.TryAcquireLeaseAsync("coordinator", "node1", TimeSpan.FromSeconds(10), Token);
        Assert.NotNull(lease);
        Assert.Null(await Second.TryAcquireLeaseAsync("coordinator", "node2", TimeSpan.FromSeconds(10), Token));
        var other = await Second.TryAcquireLeaseAsync("ruler/1", "node2", TimeSpan.FromSeconds(10), Token);
        Assert.NotNull(other);
        Assert.False(lease.Lost.IsCancellationRequested);
        await lease.DisposeAsync();

        await using var next = await Second.TryAcquireLeaseAsync("coordinator", "node2", TimeSpan.FromSeconds(10), Token);
        Assert.NotNull(next);
        Assert.True(next.FencingToken > lease.FencingToken);
        await other.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a b")]
    [InlineData("/a")]
    public async Task RefusesKeys_ThatAreNone(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.GetAsync(key, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await First.PutIfAsync(key, default, null, Token));
    }
}

public sealed class LocalFileStoreTests : CoordinationStoreContract
{
    private readonly string _root = Directory.CreateTempSubdirectory("coordination-").FullName;

    public LocalFileStoreTests()
    {
        First = Open();
        Second = Open();
    }

    protected override ICoordinationStore First { get; }

    protected override ICoordinationStore Second { get; }

    public override void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        base.Dispose();
    }

    [Fact]
    public async Task ReportsADocumentThatIsDamaged()
    {
        await First.PutIfAsync("a", "content"u8.ToArray(), null, default);
        var path = Path.Combine(_root, "a.doc");
        var bytes = await File.ReadAllBytesAsync(path);
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 1;
            await File.WriteAllBytesAsync(path, damaged);
            await Assert.ThrowsAsync<CoordinationException>(async () => await Second.GetAsync("a", default));
            await File.WriteAllBytesAsync(path, bytes[..i]);
            await Assert.ThrowsAsync<CoordinationException>(async () => await Second.GetAsync("a", default));
        }
    }

    private LocalFileStore Open() => new(new LinuxDisk(), _root, new FileStoreLock(Path.Combine(_root, "locks")), TimeProvider.System, TimeSpan.FromMilliseconds(10));
}

public sealed class SimulatedLocalStoreTests : CoordinationStoreContract
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly ProcessStoreLock _lock = new();

    public SimulatedLocalStoreTests()
    {
        First = Open();
        Second = Open();
    }

    protected override ICoordinationStore First { get; }

    protected override ICoordinationStore Second { get; }

    [Fact]
    public async Task KeepsWhatItConfirmed_AndTearsNothing_AtAPowerLoss()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var store = new LocalFileStore(disk, "/c", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
            var confirmed = string.Empty;
            var written = new List<string>();
            string? revision = null;
            disk.LosePowerAfter(new Random(seed).Next(1, 60));
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    var text = $"value {i}";
                    written.Add(text);
                    revision = await store.PutIfAsync("doc", Encoding.UTF8.GetBytes(text), revision, default);
                    Assert.NotNull(revision);
                    confirmed = text;
                }
            }
            catch (CoordinationException)
            {
            }

            disk.Crash();
            var found = await new LocalFileStore(disk, "/c", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1)).GetAsync("doc", default);
            var value = found is null ? string.Empty : Encoding.UTF8.GetString(found.Value.Span);
            Assert.True(value == confirmed || value == written[^1], $"seed {seed}: '{value}' is neither '{confirmed}' nor '{written[^1]}'");
        }
    }

    private LocalFileStore Open() => new(_disk, "/coordination", _lock, TimeProvider.System, TimeSpan.FromMilliseconds(10));
}
