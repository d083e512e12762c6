using System.Text;
using Deucalion.Replication.Coordination;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.Coordination;

public sealed class SimulatedLocalStoreTests : CoordinationStoreContract
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly ProcessStoreLock _lock = new();

    protected override TimeSpan TimeToLive => TimeSpan.FromSeconds(1);

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

    protected override ValueTask<StoreProcess> OpenAsync() => ValueTask.FromResult<StoreProcess>(new LocalStoreProcess(
        _lock, locks => new LocalFileStore(_disk, "/coordination", locks, TimeProvider.System, TimeSpan.FromMilliseconds(10))));
}
