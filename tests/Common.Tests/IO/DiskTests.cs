using Deucalion.Common.IO;
using Testing.Disk;
using Xunit;

namespace Common.Tests.IO;

public sealed class LinuxDiskTests : DiskContract
{
    private readonly string _root = Directory.CreateTempSubdirectory("disk-").FullName;

    protected override IDisk Disk { get; } = new LinuxDisk();

    protected override string Root => _root;

    public override void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        base.Dispose();
    }

    [Fact]
    public void SaysThatTheDiskIsFull()
    {
        using var full = Disk.Open("/dev/full");

        Assert.Throws<DiskFullException>(() => full.Append(new byte[10]));
    }

    [Fact]
    public void FileLock_ExcludesOthers_UntilReleased()
    {
        var path = At("lock");
        using (FileLock.Acquire(path))
        {
            Assert.Null(FileLock.TryAcquire(path));
        }

        using var again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
        Assert.False(FileLock.IsOnNetwork(_root));
    }
}

public sealed class QuotaDiskTests : DiskContract
{
    private readonly SimulatedDisk _inner = new(1);
    private readonly QuotaDisk _disk;

    public QuotaDiskTests()
    {
        _inner.CreateDirectory("/data");
        _disk = new QuotaDisk(_inner, 1000);
    }

    protected override IDisk Disk => _disk;

    protected override string Root => "/data";

    [Fact]
    public void IsFullAtItsLimit_AndHasRoomAgainAfterDeletion()
    {
        using (var file = _disk.Create("/data/a"))
        {
            file.Append(new byte[900]);
            Assert.Throws<DiskFullException>(() => file.Append(new byte[101]));
            Assert.Equal(100, _disk.FreeBytes("/data"));
            file.SetLength(500);
        }

        Assert.Equal(500, _disk.Used);
        _disk.Delete("/data/a");
        Assert.Equal(0, _disk.Used);
    }
}

public sealed class SimulatedDiskTests : DiskContract
{
    private readonly SimulatedDisk _disk = new(1);

    public SimulatedDiskTests()
    {
        _disk.CreateDirectory("/data");
    }

    protected override IDisk Disk => _disk;

    protected override string Root => "/data";

    [Fact]
    public void KeepsWhatWasSynced_AndDoesNotAlwaysKeepTheRest()
    {
        var lengths = new HashSet<long>();
        var torn = false;
        for (var seed = 0; seed < 200; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory("/data");
            var file = disk.Create("/data/a");
            file.Append(Enumerable.Repeat((byte)1, 2000).ToArray());
            file.Sync();
            disk.SyncDirectory("/data");
            file.Append(Enumerable.Repeat((byte)2, 2000).ToArray());
            disk.Crash();

            var bytes = AtomicFile.Read(disk, "/data/a")!;
            Assert.All(bytes.Take(2000), static value => Assert.Equal(1, value));
            Assert.All(bytes.Skip(2000), static value => Assert.True(value is 0 or 2));
            Assert.ThrowsAny<IOException>(() => file.Sync());
            lengths.Add(bytes.Length);
            torn |= bytes.Skip(2000).Distinct().Count() == 2;
        }

        Assert.Contains(2000, lengths);
        Assert.Contains(4000, lengths);
        Assert.True(lengths.Count > 50);
        Assert.True(torn);
    }

    [Fact]
    public void MayLoseOrKeepNames_ThatNoDirectorySyncCovers()
    {
        var outcomes = new HashSet<string>();
        for (var seed = 0; seed < 100; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory("/data");
            disk.Create("/data/a").Dispose();
            disk.SyncDirectory("/data");
            disk.Rename("/data/a", "/data/b");
            disk.Create("/data/c").Dispose();
            disk.Crash();
            outcomes.Add(string.Join(',', disk.List("/data").Select(static entry => entry.Name)));
        }

        Assert.Equal(["a", "a,c", "b", "b,c"], outcomes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ForgetsBytes_WhoseSyncFailed()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 50; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory("/data");
            var file = disk.Create("/data/a");
            file.Append("lost"u8);
            disk.SyncDirectory("/data");
            disk.Fault = static (operation, _) => operation == DiskOperation.Sync ? new IOException("bad sector") : null;
            Assert.Throws<IOException>(file.Sync);
            disk.Fault = null;
            file.Sync();
            disk.Crash();
            seen.Add(System.Text.Encoding.ASCII.GetString(AtomicFile.Read(disk, "/data/a")!).Replace('\0', '-'));
        }

        Assert.Contains("----", seen);
    }
}
