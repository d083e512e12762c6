using System.Text;
using Deucalion.Common.Objects;
using Xunit;

namespace Deucalion.Common.Tests.Objects;

/// <summary>What every object store promises. Two handles stand for two processes.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    private IObjectStore? _store;
    private IObjectStore? _other;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected IObjectStore Store => _store ?? throw new InvalidOperationException("not initialized");

    protected IObjectStore Other => _other ?? throw new InvalidOperationException("not initialized");

    /// <summary>A directory for files of the test.</summary>
    protected string Files { get; } = Directory.CreateTempSubdirectory("deucalion-test-").FullName;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        _other = await OpenAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        (_other as IDisposable)?.Dispose();
        Directory.Delete(Files, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ReturnsWhatWasStored_WhenAskedWholeOrInParts()
    {
        await Store.PutAsync("a/b/c", Bytes("hello world"), Token);
        await Store.PutAsync("a/b/c", Bytes("hello there"), Token);
        Assert.Equal("hello there", Text(await Other.GetAsync("a/b/c", Token)));
        Assert.Null(await Store.GetAsync("a/b", Token));
        Assert.Null(await Store.GetAsync("a/b/d", Token));
        var part = new byte[8];
        Assert.Equal(5, await Other.GetRangeAsync("a/b/c", 6, part, Token));
        Assert.Equal("there", Encoding.UTF8.GetString(part, 0, 5));
        Assert.Equal(3, await Other.GetRangeAsync("a/b/c", 1, part.AsMemory(0, 3), Token));
        Assert.Equal("ell", Encoding.UTF8.GetString(part, 0, 3));
        Assert.Equal(0, await Store.GetRangeAsync("a/b/c", 11, part, Token));
        Assert.Equal(0, await Store.GetRangeAsync("a/b/c", 60, part, Token));
        Assert.Equal(0, await Store.GetRangeAsync("a/b/c", 2, Memory<byte>.Empty, Token));
        await Assert.ThrowsAsync<ObjectNotFoundException>(async () => await Store.GetRangeAsync("a/x", 0, part, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.GetRangeAsync("a/b/c", -1, part, Token));
    }

    [Fact]
    public async Task StoresNothing_WhenGivenNothing()
    {
        await Store.PutAsync("empty", ReadOnlyMemory<byte>.Empty, Token);
        Assert.Equal(0, (await Other.GetAsync("empty", Token))!.Content.Length);
        Assert.Equal(0, await Other.GetRangeAsync("empty", 0, new byte[4], Token));
        var path = Path.Combine(Files, "empty");
        await File.WriteAllBytesAsync(path, [], Token);
        await Store.PutFileAsync("empty-file", path, Token);
        Assert.Equal([("empty", 0L), ("empty-file", 0L)], (await ListAsync("")).Select(static e => (e.Key, e.Length)));
    }

    [Theory]
    [InlineData(3_000_000)]
    [InlineData(11_000_001)]
    public async Task StoresAFile_WhenGivenItsPath(int length)
    {
        var path = Path.Combine(Files, "file");
        var content = new byte[length];
        new Random(length).NextBytes(content);
        await File.WriteAllBytesAsync(path, content, Token);
        await Store.PutAsync("big/file", Bytes("was here before"), Token);
        await Store.PutFileAsync("big/file", path, Token);

        Assert.True((await Other.GetAsync("big/file", Token))!.Content.Span.SequenceEqual(content));
        Assert.Equal(length, Assert.Single(await ListAsync("big/")).Length);
        var tail = new byte[100];
        Assert.Equal(50, await Other.GetRangeAsync("big/file", length - 50, tail, Token));
        Assert.True(tail.AsSpan(0, 50).SequenceEqual(content.AsSpan(length - 50)));
        Assert.True(File.Exists(path));
        await Assert.ThrowsAsync<ObjectStoreException>(async () => await Store.PutFileAsync("big/other", path + "-missing", Token));
        Assert.Null(await Store.GetAsync("big/other", Token));
    }

    [Fact]
    public async Task HonoursTheCondition_WhenStoringConditionally()
    {
        var first = await Store.PutIfAsync("k", Bytes("1"), null, Token);
        Assert.NotNull(first);
        Assert.Null(await Other.PutIfAsync("k", Bytes("2"), null, Token));
        Assert.Equal(first, (await Other.GetAsync("k", Token))!.Revision);
        var second = await Other.PutIfAsync("k", Bytes("2"), first, Token);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await Store.PutIfAsync("k", Bytes("3"), first, Token));
        Assert.Equal("2", Text(await Store.GetAsync("k", Token)));
        await Store.PutAsync("k", Bytes("unconditional"), Token);
        Assert.Null(await Store.PutIfAsync("k", Bytes("3"), second, Token));
        await Store.DeleteAsync("k", Token);
        Assert.Null(await Other.PutIfAsync("k", Bytes("3"), second, Token));
        Assert.Null(await Other.GetAsync("k", Token));
        Assert.NotNull(await Other.PutIfAsync("k", Bytes("3"), null, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExactlyOneWins_WhenSixteenStoreConditionally(bool exists)
    {
        var revision = exists ? await Store.PutIfAsync("race", Bytes("before"), null, Token) : null;
        var written = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () => (Writer: i, Revision: await PutIfAsync(i % 2 == 0 ? Store : Other, "race", $"{i}", revision)), Token)));

        var winner = Assert.Single(written, static w => w.Revision is not null);
        var stored = await Store.GetAsync("race", Token);
        Assert.Equal(($"{winner.Writer}", winner.Revision), (Text(stored), stored!.Revision));
    }

    [Fact]
    public async Task LosesNoIncrement_WhenManyWritersOfTwoStoresCompete()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () =>
            {
                var store = i % 2 == 0 ? Store : Other;
                for (var done = 0; done < 10;)
                {
                    var current = await store.GetAsync("counter", Token);
                    var value = current is null ? 0 : int.Parse(Text(current)!.Split(' ')[0], null);
                    if (await PutIfAsync(store, "counter", $"{value + 1} {i}.{done}", current?.Revision) is not null)
                    {
                        done++;
                    }
                }
            },
            Token)));
        Assert.StartsWith("80 ", Text(await Store.GetAsync("counter", Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListsInByteOrder_WhenNamesShareBeginnings()
    {
        string[] keys = ["a-b", "a.b/x", "a/b-c/d", "a/b/c", "ab/c", "b", "z/y/x", "B/upper", "a_b"];
        foreach (var key in keys)
        {
            await Store.PutAsync(key, Bytes(key), Token);
        }

        await Store.PutAsync("a/b/c", Bytes("longer"), Token);
        Assert.Equal(["B/upper", "a-b", "a.b/x", "a/b-c/d", "a/b/c", "a_b", "ab/c", "b", "z/y/x"], await KeysAsync(""));
        Assert.Equal(["a/b-c/d", "a/b/c"], await KeysAsync("a/"));
        Assert.Equal(["a/b-c/d", "a/b/c"], await KeysAsync("a/b"));
        Assert.Equal(["a-b", "a.b/x", "a/b-c/d", "a/b/c", "a_b", "ab/c"], await KeysAsync("a"));
        Assert.Equal([], await KeysAsync("q"));
        Assert.Equal([], await KeysAsync("../"));
        var entry = Assert.Single(await ListAsync("a/b/c"));
        Assert.Equal(6, entry.Length);
        Assert.True(DateTimeOffset.UtcNow - entry.LastModified < TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task ListsTheRevisionsThatReadsGive()
    {
        await Store.PutAsync("r/1", Bytes("one"), Token);
        var second = await Store.PutIfAsync("r/2", Bytes("two"), null, Token);
        await Store.PutAsync("s", Bytes("not below the prefix"), Token);
        var first = (await Other.GetAsync("r/1", Token))!.Revision;
        Assert.Equal([new ObjectRevision("r/1", first), new ObjectRevision("r/2", second!)], await RevisionsAsync());

        var third = await Other.PutIfAsync("r/1", Bytes("three"), first, Token);
        await Store.DeleteAsync("r/2", Token);
        Assert.Equal([new ObjectRevision("r/1", third!)], await RevisionsAsync());

        async Task<List<ObjectRevision>> RevisionsAsync()
        {
            var revisions = new List<ObjectRevision>();
            await foreach (var revision in Store.ListRevisionsAsync("r/", Token))
            {
                revisions.Add(revision);
            }

            return revisions;
        }
    }

    [Fact]
    public async Task ListsFolders_AndNothingBelowThem()
    {
        foreach (var key in (string[])["a/1", "a/2/3", "a-b/1", "b", "c/d/e/f", "c/d2/e"])
        {
            await Store.PutAsync(key, Bytes("x"), Token);
        }

        Assert.Equal(["a-b", "a", "c"], await FoldersAsync(""));
        Assert.Equal(["d", "d2"], await FoldersAsync("c/"));
        Assert.Equal([], await FoldersAsync("b/"));
        Assert.Equal([], await FoldersAsync("nothing/"));
        await Store.DeleteAsync("c/d/e/f", Token);
        Assert.Equal(["d2"], await FoldersAsync("c/"));

        async Task<List<string>> FoldersAsync(string prefix)
        {
            var folders = new List<string>();
            await foreach (var folder in Other.ListFoldersAsync(prefix, Token))
            {
                folders.Add(folder);
            }

            return folders;
        }
    }

    [Fact]
    public async Task DeletesQuietly_WhenThereIsNothing()
    {
        await Store.DeleteAsync("t/u/chunks/000001", Token);
        await Store.PutAsync("t/u/chunks/000001", Bytes("x"), Token);
        await Other.DeleteAsync("t/u/chunks/000001", Token);
        await Store.DeleteAsync("t/u/chunks/000001", Token);
        Assert.Null(await Store.GetAsync("t/u/chunks/000001", Token));
        Assert.Empty(await ListAsync(""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/.")]
    [InlineData(".tmp/a")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public async Task RefusesTheKey_WhenItCouldLeaveTheBucket(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.PutAsync(key, Bytes("x"), Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.PutIfAsync(key, Bytes("x"), null, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.GetAsync(key, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.GetRangeAsync(key, 0, new byte[1], Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.DeleteAsync(key, Token));
    }

    [Fact]
    public async Task KeepsKeysApart_WhenTheyHaveUnusualCharacters()
    {
        string[] keys = ["tenant !-_.*'()/manifests/1.json", "a+b", "a b", "a%20b", "a&b=c?d#e", "a~b@c:d;e,f$g"];
        foreach (var key in keys)
        {
            await Store.PutAsync(key, Bytes(key), Token);
        }

        foreach (var key in keys)
        {
            Assert.Equal(key, Text(await Other.GetAsync(key, Token)));
            Assert.Equal([key], await KeysAsync(key));
        }

        Assert.Equal(keys.Order(StringComparer.Ordinal), await KeysAsync(""));
        foreach (var key in keys)
        {
            await Store.DeleteAsync(key, Token);
        }

        Assert.Empty(await KeysAsync(""));
    }

    [Fact]
    public async Task Stops_WhenCancelled()
    {
        await Store.PutAsync("a", Bytes("x"), Token);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.GetAsync("a", cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.GetRangeAsync("a", 0, new byte[1], cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PutAsync("b", Bytes("x"), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PutIfAsync("b", Bytes("x"), null, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.DeleteAsync("a", cancelled.Token));
        Assert.Equal(["a"], await KeysAsync(""));
    }

    [Fact]
    public async Task TheProbeFindsNothingWrong()
    {
        await new ObjectStoreProbe(Store).RunAsync(Token);
        Assert.Empty(await KeysAsync(""));
    }

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string? Text(StoredObject? stored) => stored is null ? null : Encoding.UTF8.GetString(stored.Content.Span);

    /// <summary>Opens the store of this test once more. It is empty when it is opened first.</summary>
    protected abstract ValueTask<IObjectStore> OpenAsync();

    /// <summary>
    /// Stores a text that nobody else stores. Some services answer a race that was lost with a failure: as after each failure, what is there is then asked for.
    /// </summary>
    private static async Task<string?> PutIfAsync(IObjectStore store, string key, string text, string? ifRevision)
    {
        try
        {
            return await store.PutIfAsync(key, Bytes(text), ifRevision, Token);
        }
        catch (ObjectStoreException)
        {
            var stored = await store.GetAsync(key, Token);
            return Text(stored) == text ? stored!.Revision : stored?.Revision == ifRevision ? throw new InvalidOperationException("still unknown") : null;
        }
    }

    protected async Task<List<string>> KeysAsync(string prefix) => [.. (await ListAsync(prefix)).Select(static e => e.Key)];

    protected async Task<List<ObjectEntry>> ListAsync(string prefix)
    {
        var entries = new List<ObjectEntry>();
        await foreach (var entry in Store.ListAsync(prefix, Token))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
