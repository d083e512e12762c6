using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Testing.Disk;
using Xunit;

namespace Deucalion.Common.Tests.Objects;

public sealed class LocalObjectStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("deucalion-test-").FullName;
    private readonly LocalObjectStore _store;

    public LocalObjectStoreTests()
    {
        _store = new LocalObjectStore(new LinuxDisk(), Path.Combine(_root, "bucket"));
    }

    public void Dispose() => Directory.Delete(_root, true);

    [Fact]
    public async Task ReturnsWhatWasStored_WhenAskedWholeOrInParts()
    {
        await _store.PutAsync("a/b/c", Bytes("hello world"), CancellationToken.None);
        await _store.PutAsync("a/b/c", Bytes("hello there"), CancellationToken.None);
        Assert.Equal("hello there", Text(await _store.GetAsync("a/b/c", CancellationToken.None)));
        Assert.Null(await _store.GetAsync("a/b", CancellationToken.None));
        Assert.Null(await _store.GetAsync("a/b/d", CancellationToken.None));
        var part = new byte[8];
        Assert.Equal(5, await _store.GetRangeAsync("a/b/c", 6, part, CancellationToken.None));
        Assert.Equal("there", Encoding.UTF8.GetString(part, 0, 5));
        Assert.Equal(0, await _store.GetRangeAsync("a/b/c", 60, part, CancellationToken.None));
        await Assert.ThrowsAsync<ObjectNotFoundException>(async () => await _store.GetRangeAsync("a/x", 0, part, CancellationToken.None));
        Assert.Equal("hello there", await File.ReadAllTextAsync(_store.LocalPath("a/b/c")!));
    }

    [Fact]
    public async Task StoresAFile_WhenGivenItsPath()
    {
        var path = Path.Combine(_root, "file");
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(path, content);
        await _store.PutFileAsync("big/file", path, CancellationToken.None);
        var stored = await _store.GetAsync("big/file", CancellationToken.None);
        Assert.True(stored!.Content.Span.SequenceEqual(content));
        Assert.True(File.Exists(path));
        await Assert.ThrowsAsync<ObjectStoreException>(
            async () => await _store.PutFileAsync("big/other", path + "-missing", CancellationToken.None));
    }

    [Fact]
    public async Task HonoursTheCondition_WhenStoringConditionally()
    {
        var first = await _store.PutIfAsync("k", Bytes("1"), null, CancellationToken.None);
        Assert.NotNull(first);
        Assert.Null(await _store.PutIfAsync("k", Bytes("2"), null, CancellationToken.None));
        Assert.Equal(first, (await _store.GetAsync("k", CancellationToken.None))!.Revision);
        var second = await _store.PutIfAsync("k", Bytes("2"), first, CancellationToken.None);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await _store.PutIfAsync("k", Bytes("3"), first, CancellationToken.None));
        Assert.Equal("2", Text(await _store.GetAsync("k", CancellationToken.None)));
        await _store.DeleteAsync("k", CancellationToken.None);
        Assert.Null(await _store.PutIfAsync("k", Bytes("3"), second, CancellationToken.None));
    }

    [Fact]
    public async Task LosesNoIncrement_WhenManyWritersOfTwoStoresCompete()
    {
        var other = new LocalObjectStore(new LinuxDisk(), Path.Combine(_root, "bucket"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var store = i % 2 == 0 ? _store : other;
            for (var done = 0; done < 10;)
            {
                var current = await store.GetAsync("counter", CancellationToken.None);
                var value = current is null ? 0 : int.Parse(Text(current)!, null);
                var next = Bytes((value + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
                if (await store.PutIfAsync("counter", next, current?.Revision, CancellationToken.None) is not null)
                {
                    done++;
                }
            }
        })));
        Assert.Equal("80", Text(await _store.GetAsync("counter", CancellationToken.None)));
    }

    [Fact]
    public async Task ListsInByteOrder_WhenNamesShareBeginnings()
    {
        string[] keys = ["a", "a-b", "a.b/x", "a/b", "a/b-c/d", "a/b/c", "b", "ab/c", "z/y/x"];
        foreach (var key in keys.Where(k => k is not ("a" or "a/b")))
        {
            await _store.PutAsync(key, Bytes(key), CancellationToken.None);
        }

        await _store.PutAsync("a/b/c", Bytes("longer"), CancellationToken.None);
        Assert.Equal(["a-b", "a.b/x", "a/b-c/d", "a/b/c", "ab/c", "b", "z/y/x"], await KeysAsync(""));
        Assert.Equal(["a/b-c/d", "a/b/c"], await KeysAsync("a/"));
        Assert.Equal(["a/b-c/d", "a/b/c"], await KeysAsync("a/b"));
        Assert.Equal(["a-b", "a.b/x", "a/b-c/d", "a/b/c", "ab/c"], await KeysAsync("a"));
        Assert.Equal([], await KeysAsync("q"));
        Assert.Equal([], await KeysAsync("../"));
        var entry = await FirstAsync("a/b/c");
        Assert.Equal(6, entry.Length);
        Assert.True(entry.LastModified > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task LeavesNoDirectory_WhenTheLastObjectIsDeleted()
    {
        await _store.PutAsync("t/u/chunks/000001", Bytes("x"), CancellationToken.None);
        await _store.DeleteAsync("t/u/chunks/000001", CancellationToken.None);
        await _store.DeleteAsync("t/u/chunks/000001", CancellationToken.None);
        Assert.False(Directory.Exists(Path.Combine(_root, "bucket", "t")));
        Assert.Empty(await KeysAsync(""));
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
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.PutAsync(key, Bytes("x"), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.GetAsync(key, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => _store.LocalPath(key));
    }

    [Fact]
    public async Task LeavesNothing_WhenAWriteFails()
    {
        await Assert.ThrowsAsync<ObjectStoreException>(
            async () => await _store.PutFileAsync("a", Path.Combine(_root, "missing"), CancellationToken.None));
        await _store.PutAsync("a/b", Bytes("x"), CancellationToken.None);
        await Assert.ThrowsAsync<ObjectStoreException>(async () => await _store.PutAsync("a", Bytes("x"), CancellationToken.None));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "bucket", ".tmp")));
    }

    [Fact]
    public async Task RemovesLeftovers_WhenAWriteWasCutOff()
    {
        var leftover = Path.Combine(_root, "bucket", ".tmp", "x-1");
        await File.WriteAllTextAsync(leftover, "half");
        _store.Recover();
        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task SyncsEveryDirectory_WhenAKilledProcessMayHaveLeftRenamesUnsynced()
    {
        await _store.PutAsync("tenant/manifests/7.json", Bytes("{}"), CancellationToken.None);
        var disk = new RecordingDisk(new LinuxDisk());
        new LocalObjectStore(disk, Path.Combine(_root, "bucket")).Recover();
        Assert.Contains(Path.Combine(_root, "bucket", "tenant", "manifests"), disk.SyncedDirectories);
        Assert.Contains(Path.Combine(_root, "bucket", "tenant"), disk.SyncedDirectories);
        Assert.Contains(Path.Combine(_root, "bucket"), disk.SyncedDirectories);
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(StoredObject? stored) => stored is null ? null : Encoding.UTF8.GetString(stored.Content.Span);

    private async Task<List<string>> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var entry in _store.ListAsync(prefix, CancellationToken.None))
        {
            keys.Add(entry.Key);
        }

        return keys;
    }

    private async Task<ObjectEntry> FirstAsync(string prefix)
    {
        await foreach (var entry in _store.ListAsync(prefix, CancellationToken.None))
        {
            return entry;
        }

        throw new InvalidOperationException("nothing listed");
    }
}
