using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Testing.Disk;
using Xunit;

namespace Deucalion.Common.Tests.Objects;

public sealed class LocalObjectStoreTests : ObjectStoreContract
{
    private string Root => Path.Combine(Files, "bucket");

    [Fact]
    public async Task TellsThePath_WhereAnObjectLies()
    {
        await Store.PutAsync("a/b/c", Bytes("hello"), Token);
        Assert.Equal("hello", await File.ReadAllTextAsync(Store.LocalPath("a/b/c")!, Token));
        Assert.Throws<ArgumentException>(() => Store.LocalPath("../a"));
    }

    [Fact]
    public async Task LeavesNoDirectory_WhenTheLastObjectIsDeleted()
    {
        await Store.PutAsync("t/u/chunks/000001", Bytes("x"), Token);
        await Store.DeleteAsync("t/u/chunks/000001", Token);
        Assert.False(Directory.Exists(Path.Combine(Root, "t")));
    }

    [Fact]
    public async Task LeavesNothing_WhenAWriteFails()
    {
        await Assert.ThrowsAsync<ObjectStoreException>(async () => await Store.PutFileAsync("a", Path.Combine(Files, "missing"), Token));
        await Store.PutAsync("a/b", Bytes("x"), Token);
        await Assert.ThrowsAsync<ObjectStoreException>(async () => await Store.PutAsync("a", Bytes("x"), Token));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Root, ".tmp")));
    }

    [Fact]
    public async Task RemovesLeftovers_WhenAWriteWasCutOff()
    {
        var leftover = Path.Combine(Root, ".tmp", "x-1");
        await File.WriteAllTextAsync(leftover, "half", Token);
        ((LocalObjectStore)Store).Recover();
        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task SyncsEveryDirectory_WhenAKilledProcessMayHaveLeftRenamesUnsynced()
    {
        await Store.PutAsync("tenant/manifests/7.json", Bytes("{}"), Token);
        var disk = new RecordingDisk(new LinuxDisk());
        new LocalObjectStore(disk, Root).Recover();
        Assert.Contains(Path.Combine(Root, "tenant", "manifests"), disk.SyncedDirectories);
        Assert.Contains(Path.Combine(Root, "tenant"), disk.SyncedDirectories);
        Assert.Contains(Root, disk.SyncedDirectories);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FindsNothingOut_WhileItsDirectoryIsNotThere(bool somethingElseIsThere)
    {
        await Store.PutAsync("a/b", Bytes("x"), Token);
        var away = Path.Combine(Files, "away");
        Directory.Move(Root, away);
        if (somethingElseIsThere)
        {
            Directory.CreateDirectory(Root);
        }
        else
        {
            await File.WriteAllTextAsync(Root, string.Empty, Token);
        }

        await FailsAsync(async () => await Store.GetAsync("a/b", Token));
        await FailsAsync(async () => await Store.GetRangeAsync("a/b", 0, new byte[1], Token));
        await FailsAsync(async () => await Store.ListAsync("a/", Token).ToListAsync(Token));
        await FailsAsync(async () => await Store.ListFoldersAsync("a/", Token).ToListAsync(Token));
        await FailsAsync(async () => await Store.PutIfAsync("a/b", Bytes("y"), null, Token));
        await FailsAsync(async () => await Store.DeleteAsync("a/b", Token));

        if (somethingElseIsThere)
        {
            Directory.Delete(Root);
        }
        else
        {
            File.Delete(Root);
        }

        Directory.Move(away, Root);
        Assert.Equal("x"u8.ToArray(), (await Store.GetAsync("a/b", Token))?.Content.ToArray());

        static async Task FailsAsync(Func<Task> call)
        {
            var failure = await Assert.ThrowsAsync<ObjectStoreException>(call);
            Assert.Contains("unmounted", failure.Message, StringComparison.Ordinal);
        }
    }

    protected override ValueTask<IObjectStore> OpenAsync() => ValueTask.FromResult<IObjectStore>(new LocalObjectStore(new LinuxDisk(), Root));
}
