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

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new LocalStoreProcess(
        new FileStoreLock(Path.Combine(_root, "locks")),
        locks => new LocalFileStore(new LinuxDisk(), _root, locks, TimeProvider.System, TimeSpan.FromMilliseconds(10))));
}
