using Deucalion.Common.IO;
using Deucalion.Replication.Coordination;
using Xunit;

namespace Replication.Tests.Coordination;

public sealed class LocalFileStoreTests : CoordinationStoreContract
{
    private readonly string _root = Directory.CreateTempSubdirectory("coordination-").FullName;

    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(1);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task ReportsADocumentThatIsDamaged()
    {
        await First.PutIfAsync("a", Bytes("content"), null, Token);
        var path = Path.Combine(_root, "a.doc");
        var bytes = await File.ReadAllBytesAsync(path, Token);
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 1;
            await File.WriteAllBytesAsync(path, damaged, Token);
            await Assert.ThrowsAsync<CoordinationException>(async () => await Second.GetAsync("a", Token));
            await File.WriteAllBytesAsync(path, bytes[..i], Token);
            await Assert.ThrowsAsync<CoordinationException>(async () => await Second.GetAsync("a", Token));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FindsNothingOut_WhileItsDirectoryIsNotThere(bool somethingElseIsThere)
    {
        var root = Path.Combine(_root, "store");
        var store = new LocalFileStore(new LinuxDisk(), root, new FileStoreLock(root), TimeProvider.System, TimeSpan.FromMilliseconds(10));
        var revision = await store.PutIfAsync("partitions/1", Bytes("content"), null, Token);
        var away = Path.Combine(_root, "away");
        Directory.Move(root, away);
        if (somethingElseIsThere)
        {
            Directory.CreateDirectory(root);
        }
        else
        {
            await File.WriteAllTextAsync(root, string.Empty, Token);
        }

        await FailsAsync(async () => await store.GetAsync("partitions/1", Token));
        await FailsAsync(async () => await store.ListAsync("partitions/", Token));
        await FailsAsync(async () => await store.LeasesAsync(string.Empty, Token));
        await FailsAsync(async () => await store.PutIfAsync("partitions/1", Bytes("other"), null, Token));
        await FailsAsync(async () => await store.DeleteIfAsync("partitions/1", revision!, Token));
        await FailsAsync(async () => await store.TryAcquireLeaseAsync("nodes/a", "a", TimeSpan.FromSeconds(1), Token));

        if (somethingElseIsThere)
        {
            Directory.Delete(root);
        }
        else
        {
            File.Delete(root);
        }

        Directory.Move(away, root);
        Assert.Equal(revision, (await store.GetAsync("partitions/1", Token))?.Revision);

        async Task FailsAsync(Func<Task> call) =>
            Assert.Contains("unmounted", (await Assert.ThrowsAsync<CoordinationException>(call)).Message, StringComparison.Ordinal);
    }

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new LocalStoreProcess(
        new FileStoreLock(Path.Combine(_root, "locks")),
        locks => new LocalFileStore(new LinuxDisk(), _root, locks, TimeProvider.System, TimeSpan.FromMilliseconds(10))));
}
