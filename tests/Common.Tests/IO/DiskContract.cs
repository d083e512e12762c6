using Deucalion.Common.IO;
using Xunit;

namespace Common.Tests.IO;

/// <summary>What every disk promises.</summary>
public abstract class DiskContract : IDisposable
{
    protected abstract IDisk Disk { get; }

    protected abstract string Root { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public void ReadsWhatWasAppended()
    {
        using var file = Disk.Create(At("a"));
        file.Append("hello "u8);
        file.Append("world"u8);
        file.Sync();
        var bytes = new byte[20];

        Assert.Equal(11, file.Length);
        Assert.Equal(11, file.Read(0, bytes));
        Assert.Equal("hello world"u8.ToArray(), bytes[..11]);
        Assert.Equal(2, file.Read(9, bytes));
        Assert.Equal(0, file.Read(11, bytes));
        Assert.Equal(0, file.Read(100, bytes));
    }

    [Fact]
    public void GoesOnAtTheEnd_WhenReopenedOrCut()
    {
        using (var file = Disk.Create(At("a")))
        {
            file.Append("0123456789"u8);
        }

        using (var file = Disk.Open(At("a")))
        {
            file.SetLength(4);
            file.Append("ab"u8);
        }

        using var read = Disk.OpenRead(At("a"));
        var bytes = new byte[10];
        Assert.Equal(6, read.Read(0, bytes));
        Assert.Equal("0123ab"u8.ToArray(), bytes[..6]);
        Assert.ThrowsAny<IOException>(() => read.Append("x"u8));
    }

    [Fact]
    public void RefusesToCreate_WhenTheFileExists_AndToOpen_WhenItDoesNot()
    {
        Disk.Create(At("a")).Dispose();

        Assert.ThrowsAny<IOException>(() => Disk.Create(At("a")));
        Assert.Throws<FileNotFoundException>(() => Disk.Open(At("b")));
        Assert.Throws<FileNotFoundException>(() => Disk.OpenRead(At("b")));
        Assert.ThrowsAny<IOException>(() => Disk.Create(At("no/such/directory")));
    }

    [Fact]
    public void RenamesOverAFile_AndMovesDirectories()
    {
        Write("a", "new");
        Write("b", "old");
        Disk.Rename(At("a"), At("b"));
        Disk.CreateDirectory(At("d/e"));
        Write("d/e/f", "deep");
        Disk.Rename(At("d"), At("g"));
        Disk.SyncDirectory(Root);

        Assert.False(Disk.Exists(At("a")));
        Assert.Equal("new", Read("b"));
        Assert.Equal("deep", Read("g/e/f"));
        Assert.ThrowsAny<IOException>(() => Disk.Rename(At("nothing"), At("x")));
    }

    [Fact]
    public void DeletesOnlyWhatIsThere()
    {
        Write("a", "x");
        Disk.CreateDirectory(At("d"));
        Write("d/b", "x");
        Disk.Delete(At("a"));
        Disk.Delete(At("a"));
        Disk.DeleteDirectory(At("d"));
        Disk.DeleteDirectory(At("d"));

        Assert.Empty(Disk.List(Root));
    }

    [Fact]
    public void ListsNamesSorted_WithLengths()
    {
        Write("b", "12");
        Write("a", "1");
        Disk.CreateDirectory(At("B"));

        Assert.Equal([new DiskEntry("B", true, 0), new DiskEntry("a", false, 1), new DiskEntry("b", false, 2)], Disk.List(Root));
        Assert.Empty(Disk.List(At("absent")));
        Assert.True(Disk.FreeBytes(Root) > 0);
    }

    [Fact]
    public void AtomicFile_ReplacesAsAWhole()
    {
        Assert.Null(AtomicFile.Read(Disk, At("a")));
        AtomicFile.Write(Disk, At("a"), "one"u8);
        Write("a" + AtomicFile.TemporarySuffix, "left over");
        AtomicFile.Write(Disk, At("a"), "three"u8);

        Assert.Equal("three"u8.ToArray(), AtomicFile.Read(Disk, At("a")));
        Assert.Single(Disk.List(Root));
    }

    protected string At(string name) => Path.Combine(Root, name);

    private void Write(string name, string text)
    {
        using var file = Disk.Create(At(name));
        file.Append(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private string Read(string name) => System.Text.Encoding.UTF8.GetString(AtomicFile.Read(Disk, At(name))!);
}
